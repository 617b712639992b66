-- Signs of visitors, written to the lease history in one go; those of leases that ended meanwhile are passed over.
-- $1 [{lease_id, age_ms, at or null (a virtual clock's time, instead of the age), left, own_seconds, min_seconds}]
-- Returns the ids of the leases that were renewed.
with clock as materialized (
  select clock_timestamp() as now
),
sign as materialized (
  select
    s.lease_id,
    s."left",
    coalesce(s.at, clock.now - make_interval(secs => s.age_ms / 1000)) as seen_at,
    make_interval(secs => s.own_seconds) as own,
    make_interval(secs => s.min_seconds) as min
  from clock
  cross join jsonb_to_recordset($1::jsonb) as s(
    lease_id uuid, age_ms float8, at timestamptz, "left" boolean, own_seconds float8, min_seconds float8
  )
),
renewed as (
  update leases
  set last_seen_at = greatest(leases.last_seen_at, sign.seen_at),
    promised_until = greatest(leases.promised_until, sign.seen_at + sign.min),
    reserved_until = greatest(leases.reserved_until, sign.seen_at + sign.own),
    left_at = case when sign."left" then sign.seen_at end
  from sign
  where leases.id = sign.lease_id
    and leases.ended_at is null
  returning leases.id, leases.number, leases.session_id, leases.last_seen_at, leases.promised_until, leases.reserved_until
),
renewed_numbers as (
  update numbers
  set last_seen_at = renewed.last_seen_at,
    promised_until = renewed.promised_until,
    reserved_until = renewed.reserved_until
  from renewed
  where numbers.number = renewed.number
    and numbers.lease_id = renewed.id
),
renewed_sessions as (
  update sessions
  set last_seen_at = greatest(sessions.last_seen_at, renewed.last_seen_at)
  from renewed
  where sessions.id = renewed.session_id
)
select id
from renewed
