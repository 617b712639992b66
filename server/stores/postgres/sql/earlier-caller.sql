-- The visitor whom earlier calls of this caller were credited to: by evidence of their own rather than by still earlier
-- calls, surely rather than not, lately rather than long ago. Nobody for a phone that several people evidently use.
-- $1 site, $2 caller's number or null, $3 start of the call, $4 the call or null, $5 attribution days
with earlier as materialized (
  select calls.id, calls.visitor_id, calls.method, calls.confidence, calls.started_at
  from calls
  join visitors on visitors.id = calls.visitor_id
    and visitors.withdrawn_at is null
  where calls.site_id = $1
    and calls.caller_number = $2
    and calls.started_at < $3
    and calls.id is distinct from $4
    and calls.started_at >= $3::timestamptz - make_interval(days => $5)
  order by calls.started_at desc
  limit 100
)
select earlier.id as call_id, earlier.confidence, earlier.visitor_id, session.id as session_id
from earlier
left join lateral (
  select sessions.id
  from sessions
  where sessions.visitor_id = earlier.visitor_id
    and sessions.site_id = $1
    and sessions.started_at <= $3
  order by sessions.started_at desc
  limit 1
) as session on true
where (
  select count(distinct visitor_id)
  from earlier
  where method in ('code', 'tap', 'recency')
    and confidence >= 0.8
) < 3
order by earlier.method <> 'redial' desc, earlier.confidence >= 0.8 desc, earlier.started_at desc
limit 1
