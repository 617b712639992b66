-- What the lease history says of numbers of a tracker, in ages of this clock.
-- $1 tracker, $2 now or null, $3 ms for which a lease that ran out may have been renewed, $4 numbers,
-- $5 visitor or null: also the number of the lease that they have open.
-- A number that was never leased is given as over for a day: its first visitor need not wait for renewals on their way.
with clock as materialized (
  select coalesce($2::timestamptz, clock_timestamp()) as now
),
asked as materialized (
  select unnest($4::text[]) as number
  union
  select number
  from leases
  where tracker_id = $1
    and visitor_id = $5::uuid
    and ended_at is null
)
select
  numbers.number,
  numbers.lease_id,
  numbers.visitor_id,
  coalesce(leases.assignment, 'exclusive') as assignment,
  leases.id is not null as open,
  case
    when numbers.last_seen_at > '-infinity' then extract(epoch from clock.now - numbers.last_seen_at) * 1000
  end::float8 as sign_age,
  case
    when numbers.promised_until > '-infinity' then extract(epoch from numbers.promised_until - clock.now) * 1000
    else -86400000
  end::float8 as promised_for,
  case
    when numbers.reserved_until > '-infinity' then extract(epoch from numbers.reserved_until - clock.now) * 1000
    else -86400000
  end::float8 as reserved_for
from clock
cross join asked
-- Each by its key: beside the tracker the planner would read the whole pool for every number.
cross join lateral (
  select *
  from numbers
  where number = asked.number
  offset 0
) as numbers
left join leases on leases.id = numbers.lease_id
  and leases.ended_at is null
  and leases.reserved_until > clock.now - make_interval(secs => $3 / 1000.0)
where numbers.tracker_id = $1
  and numbers.retired_at is null
