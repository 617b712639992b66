-- The earlier call of this caller that says most about who they are, and whose it was said to be: somebody's rather than
-- nobody's, by evidence of its own rather than by still earlier calls, surely rather than not, lately rather than long
-- ago. None for a phone that several people evidently use. Calls to a source's number say nothing of a visitor.
-- $1 site, $2 caller's number or null, $3 start of the call, $4 the call or null, $5 attribution days, $6 number called
with earlier as materialized (
  select
    calls.id,
    visitors.id as visitor_id,
    calls.method,
    calls.tracking_number = $6 as same_number,
    case when visitors.id is null then 0 else calls.confidence end as confidence,
    calls.started_at
  from calls
  left join visitors on visitors.id = calls.visitor_id
    and visitors.withdrawn_at is null
  where calls.site_id = $1
    and calls.caller_number = $2
    and calls.started_at < $3
    and calls.id is distinct from $4
    and calls.started_at >= $3::timestamptz - make_interval(days => $5)
    and calls.method <> 'source'
  order by calls.started_at desc
  limit 100
)
select
  earlier.id as call_id,
  earlier.visitor_id,
  session.id as session_id,
  earlier.confidence,
  earlier.same_number,
  coalesce(
    (
      select jsonb_agg(
        jsonb_build_object('visitor_id', one -> 'visitor_id', 'probability', one -> 'probability')
      )
      from jsonb_array_elements(latest.candidates) as one
      join visitors on visitors.id = (one ->> 'visitor_id')::uuid
        and visitors.withdrawn_at is null
      where visitors.id is distinct from earlier.visitor_id
    ),
    '[]'
  ) as others
from earlier
cross join lateral (
  select candidates
  from attributions
  where call_id = earlier.id
  order by decided_at desc, id desc
  limit 1
) as latest
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
order by
  earlier.visitor_id is not null desc,
  earlier.method <> 'redial' desc,
  earlier.confidence >= 0.8 desc,
  earlier.started_at desc
limit 1
