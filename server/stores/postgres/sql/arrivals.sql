-- The sessions that wanted a number of a tracker, by the hour in which they first asked. $1 tracker, $2 its site, $3 the
-- begin of the first hour, $4 how many hours; what comes after the last one counts in it.
-- By the tracker's numbers, since leases are found by number and time; so not those of a number that has gone to another
-- tracker. Leases that nobody was told of (taken back at once) do not count.
-- Returns, of hours with arrivals: place (from 0), served, blocked, visit_seconds, leases, cut_short.
with served as materialized (
  select
    coalesce(leases.session_id, leases.id) as session_id,
    min(leases.leased_at) as asked_at,
    extract(epoch from max(leases.last_seen_at) - min(leases.leased_at))::float8 as visit_seconds,
    count(*) as leases,
    count(*) filter (where leases.end_reason = 'reclaimed') as cut_short
  from numbers
  join leases on leases.number = numbers.number
    and leases.leased_at >= $3::timestamptz
    and leases.tracker_id = $1
    and leases.ended_at is distinct from leases.leased_at
  where numbers.site_id = $2
    and numbers.tracker_id = $1
  group by coalesce(leases.session_id, leases.id)
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
