-- Puts months together of their days. $2: when the months begin, one after the other; $3: when the last ends.
insert into session_counts (
  site_id, unit, detail, starts_at, source, medium, channel, campaign, device_type, keyword, sessions
)
select
  $1, 'month', detail, ($2::timestamptz[])[width_bucket(starts_at, $2::timestamptz[])] as month_starts_at,
  source, medium, channel, campaign, device_type, keyword, sum(sessions)
from session_counts
where site_id = $1
  and unit = 'day'
  and starts_at >= ($2::timestamptz[])[1]
  and starts_at < $3
group by 3, 4, 5, 6, 7, 8, 9, 10
order by detail, month_starts_at
