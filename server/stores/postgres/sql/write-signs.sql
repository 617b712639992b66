-- Signs of visitors, written to the lease history in one go; those of leases that ended meanwhile are passed over.
-- $1 [{lease_id, age_ms, at or null (a virtual clock's time, instead of the age), left, own_seconds, min_seconds,
--   must_be_live: whether a lease that had run out by then is passed over too}]
-- Each is a sign of the visitor's session too. Rows are locked in the order of commit-visits.sql.
-- Returns the ids of the leases that were renewed.
with clock as materialized (
  select clock_timestamp() as now
),
sign as materialized (
  select
    s.lease_id,
    s."left",
    s.must_be_live,
    coalesce(s.at, clock.now - make_interval(secs => s.age_ms / 1000)) as seen_at,
    make_interval(secs => s.own_seconds) as own,
    make_interval(secs => s.min_seconds) as min
  from clock
  cross join jsonb_to_recordset($1::jsonb) as s(
    lease_id uuid, age_ms float8, at timestamptz, "left" boolean, own_seconds float8, min_seconds float8,
    must_be_live boolean
  )
),
renewed_numbers as (
  update numbers
  set last_seen_at = greatest(numbers.last_seen_at, held.seen_at),
    promised_until = greatest(numbers.promised_until, held.seen_at + held.min),
    reserved_until = greatest(numbers.reserved_until, held.seen_at + held.own)
  from (
    select sign.*, leases.number
    from sign
    join leases on leases.id = sign.lease_id
      and leases.ended_at is null
      and (leases.reserved_until > sign.seen_at or not sign.must_be_live)
    order by leases.number
  ) as held
  where numbers.number = held.number
    and numbers.lease_id = held.lease_id
  returning held.lease_id, held."left", held.seen_at, numbers.last_seen_at, numbers.promised_until,
    numbers.reserved_until
),
renewed as (
  update leases
  set last_seen_at = sign.last_seen_at,
    promised_until = sign.promised_until,
    reserved_until = sign.reserved_until,
    left_at = case when sign."left" then sign.seen_at end
  from renewed_numbers as sign
  where leases.id = sign.lease_id
    and leases.ended_at is null
  returning leases.id, leases.visitor_id, leases.last_seen_at
),
renewed_sessions as (
  update sessions
  set last_seen_at = greatest(sessions.last_seen_at, visitor.last_seen_at)
  from (
    select visitors.session_id, renewed.last_seen_at
    from renewed
    join visitors on visitors.id = renewed.visitor_id
    order by visitors.session_id
  ) as visitor
  where sessions.id = visitor.session_id
)
select id
from renewed
