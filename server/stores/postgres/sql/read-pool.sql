-- What the lease history says of the numbers of a tracker, in ages of this clock.
-- $1 tracker, $2 now or null, $3 ms for which a lease that ran out may have been renewed, $4 one number or null: all
-- A number that was never leased is given as over for a day: its first visitor need not wait for renewals on their way.
with clock as materialized (
  select coalesce($2::timestamptz, clock_timestamp()) as now
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
  end::float8 as reserved_for,
  trackers.reservation_seconds,
  trackers.min_reservation_seconds
from clock
cross join numbers
join trackers on trackers.id = numbers.tracker_id
left join leases on leases.id = numbers.lease_id
  and leases.ended_at is null
  and leases.reserved_until > clock.now - make_interval(secs => $3 / 1000.0)
where numbers.tracker_id = $1
  and numbers.retired_at is null
  and ($4::text is null or numbers.number = $4)
-- Open leases last: where two numbers remember a visitor, the live one is remembered by the store.
order by leases.id is not null, numbers.number
