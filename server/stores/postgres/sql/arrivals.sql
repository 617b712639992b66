-- The sessions that wanted a number of a tracker, by the hour in which they first asked. $1 tracker, $2 its site, $3 the
-- begin of the first hour, $4 how many hours; what comes after the last one counts in it.
-- By the tracker's numbers, one after the other ("offset 0"), since leases are found by number and time, and nothing else
-- may be read of them; so not those of a number that has gone to another tracker. Leases that nobody was told of (taken
-- back at once) do not count.
-- Returns, of hours with arrivals: place (from 0), served, blocked, visit_seconds, leases, cut_short.
with served as materialized (
  select
    lease.session_id,
    min(lease.leased_at) as asked_at,
    extract(epoch from max(lease.last_seen_at) - min(lease.leased_at))::float8 as visit_seconds,
    count(*) as leases,
    count(*) filter (where lease.end_reason = 'reclaimed') as cut_short
  from numbers
  cross join lateral (
    select coalesce(session_id, id) as session_id, leased_at, last_seen_at, end_reason
    from leases
    where leases.number = numbers.number
      and leases.leased_at >= $3::timestamptz
      and leases.tracker_id = $1
      and leases.ended_at is distinct from leases.leased_at
    offset 0
  ) as lease
  where numbers.site_id = $2
    and numbers.tracker_id = $1
  group by lease.session_id
),
arrival as (
  select asked_at, true as is_served, visit_seconds, leases, cut_short
  from served
  union all
  -- Who got a number in the end was not blocked.
  select min(blocked.hour), false, 0, 0, 0
  from blocked_sessions as blocked
  where blocked.tracker_id = $1
    and blocked.hour >= $3::timestamptz
    and not exists (select from served where served.session_id = blocked.session_id)
  group by blocked.session_id
)
select
  least($4::integer - 1, floor(extract(epoch from asked_at - $3::timestamptz) / 3600))::integer as place,
  count(*) filter (where is_served) as served,
  count(*) filter (where not is_served) as blocked,
  sum(visit_seconds)::float8 as visit_seconds,
  sum(leases)::bigint as leases,
  sum(cut_short)::bigint as cut_short
from arrival
group by 1
