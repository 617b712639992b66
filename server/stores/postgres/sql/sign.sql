-- A sign of the visitor who holds a live lease of this tracker; it is one of their session too.
-- $1 now or null, $2 tracker, $3 visitor, $4 own seconds, $5 min reservation seconds, $6 whether they left
-- Rows are locked in the order of commit-visits.sql. Returns lease_id, number, assignment, or no row.
with clock as materialized (
  select coalesce($1::timestamptz, clock_timestamp()) as now
),
signed_number as (
  update numbers
  set last_seen_at = greatest(numbers.last_seen_at, clock.now),
    promised_until = greatest(numbers.promised_until, clock.now + make_interval(secs => $5)),
    reserved_until = greatest(numbers.reserved_until, clock.now + make_interval(secs => $4))
  from clock
  cross join leases
  where leases.tracker_id = $2
    and leases.visitor_id = $3
    and leases.ended_at is null
    and leases.reserved_until > clock.now
    and numbers.number = leases.number
    and numbers.lease_id = leases.id
  returning numbers.lease_id, numbers.last_seen_at, numbers.promised_until, numbers.reserved_until, clock.now
),
signed as (
  update leases
  set last_seen_at = sign.last_seen_at,
    promised_until = sign.promised_until,
    reserved_until = sign.reserved_until,
    left_at = case when $6 then sign.now end
  from signed_number as sign
  where leases.id = sign.lease_id
    and leases.ended_at is null
  returning leases.id, leases.number, leases.assignment, leases.visitor_id, leases.last_seen_at
),
signed_session as (
  update sessions
  set last_seen_at = greatest(sessions.last_seen_at, signed.last_seen_at)
  from signed
  join visitors on visitors.id = signed.visitor_id
  where sessions.id = visitors.session_id
)
select id as lease_id, number, assignment
from signed
