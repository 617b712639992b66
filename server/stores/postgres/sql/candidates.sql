-- Leases of a called number that the call may be credited to: the newest 50, of the same site, not withdrawn.
-- $1 site, $2 number, $3 start of the call, $4 attribution days
select
  leases.id as lease_id,
  leases.visitor_id,
  session.id as session_id,
  extract(epoch from $3::timestamptz - leases.leased_at)::float8 as shown_for,
  greatest(0, extract(epoch from $3::timestamptz - leases.last_seen_at))::float8 as silent_for
from leases
join visitors on visitors.id = leases.visitor_id
  and visitors.withdrawn_at is null
left join lateral (
  select sessions.id
  from sessions
  where sessions.visitor_id = leases.visitor_id
    and sessions.site_id = leases.site_id
    and sessions.started_at <= least($3::timestamptz, coalesce(leases.ended_at, leases.reserved_until))
  order by sessions.started_at desc
  limit 1
) as session on true
where leases.number = $2
  and leases.site_id = $1
  and leases.leased_at <= $3
  and leases.last_seen_at >= $3::timestamptz - make_interval(days => $4)
order by leases.leased_at desc
limit 50
