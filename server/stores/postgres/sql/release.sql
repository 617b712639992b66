-- The visitor gives their number up and is forgotten; it rests like any other.
-- $1 now or null, $2 tracker, $3 visitor. Returns the lease that ended: lease_id, number, assignment, or no row.
with clock as materialized (
  select coalesce($1::timestamptz, clock_timestamp()) as now
),
forgotten as (
  update numbers
  set visitor_id = null
  where tracker_id = $2
    and visitor_id = $3
  returning lease_id
)
update leases
set ended_at = greatest(leases.leased_at, clock.now),
  end_reason = 'released'
from clock
cross join forgotten
where leases.id = forgotten.lease_id
  and leases.ended_at is null
  and leases.reserved_until > clock.now
returning leases.id as lease_id, leases.number, leases.assignment
