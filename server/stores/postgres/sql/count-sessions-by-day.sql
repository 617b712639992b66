-- $2: when the days begin, one after the other; $3: when the last ends. Rows that are read together are written together.
insert into session_counts (
  site_id, unit, detail, starts_at, source, medium, channel, campaign, device_type, keyword, sessions
)
select
  $1,
  'day',
  case
    when grouping(term) = 0 then 'keyword'
    when grouping(device_type) = 0 then 'campaign'
    else 'source'
  end as detail,
  day_starts_at, source, medium, channel, campaign, device_type, term, count(*)
from (
  select
    ($2::timestamptz[])[width_bucket(started_at, $2::timestamptz[])] as day_starts_at,
    source, medium, channel, campaign, device_type, term
  from sessions
  where site_id = $1
    and started_at >= ($2::timestamptz[])[1]
    and started_at < $3
) as session
group by day_starts_at, source, medium, channel,
  grouping sets ((), (campaign, device_type), (campaign, term))
order by detail, day_starts_at
