-- Puts months together of their days. $2: when the months begin, one after the other; $3: when the last ends.
insert into session_counts (
  site_id, unit, by_keyword, starts_at, source, medium, campaign, keyword, channel, device_type, sessions
)
select
  $1, 'month', by_keyword, ($2::timestamptz[])[width_bucket(starts_at, $2::timestamptz[])],
  source, medium, campaign, keyword, channel, device_type, sum(sessions)
from session_counts
where site_id = $1
  and unit = 'day'
  and starts_at >= ($2::timestamptz[])[1]
  and starts_at < $3
group by 3, 4, 5, 6, 7, 8, 9, 10
