-- $2: when the days begin, one after the other; $3: when the last ends.
insert into session_counts (
  site_id, unit, by_keyword, starts_at, source, medium, campaign, keyword, channel, device_type, sessions
)
select
  $1, 'day', level.by_keyword, ($2::timestamptz[])[width_bucket(sessions.started_at, $2::timestamptz[])],
  sessions.source, sessions.medium, sessions.campaign, case when level.by_keyword then sessions.term end,
  sessions.channel, sessions.device_type, count(*)
from sessions
cross join (values (false), (true)) as level (by_keyword)
where sessions.site_id = $1
  and sessions.started_at >= ($2::timestamptz[])[1]
  and sessions.started_at < $3
group by 3, 4, 5, 6, 7, 8, 9, 10
