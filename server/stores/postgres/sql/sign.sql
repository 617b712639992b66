-- A sign of the visitor who holds a live lease of this tracker.
-- $1 now or null, $2 tracker, $3 visitor, $4 own seconds, $5 min reservation seconds, $6 whether they left
-- Returns lease_id, number, assignment, or no row.
with clock as materialized (
  select coalesce($1::timestamptz, clock_timestamp()) as now
),
signed as (
  update leases
  set last_seen_at = greatest(last_seen_at, clock.now),
    promised_until = greatest(promised_until, clock.now + make_interval(secs => $5)),
    reserved_until = greatest(reserved_until, clock.now + make_interval(secs => $4)),
    left_at = case when $6 then clock.now end
  from clock
  where tracker_id = $2
    and visitor_id = $3
    and ended_at is null
    and reserved_until > clock.now
  returning id, number, assignment, session_id, last_seen_at, promised_until, reserved_until
),
signed_number as (
  update numbers
  set last_seen_at = signed.last_seen_at,
    promised_until = signed.promised_until,
    reserved_until = signed.reserved_until
  from signed
  where numbers.number = signed.number
    and numbers.lease_id = signed.id
),
signed_session as (
  update sessions
  set last_seen_at = greatest(sessions.last_seen_at, signed.last_seen_at)
  from signed
  where sessions.id = signed.session_id
)
select id as lease_id, number, assignment
from signed
