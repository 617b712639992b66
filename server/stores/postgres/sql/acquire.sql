-- A new lease for a visitor who has none, on the first number that fits.
-- $1 now or null, $2 tracker, $3 site, $4 visitor, $5 lease, $6 own seconds, $7 min reservation seconds,
-- $8 seconds for which the number must have been silent, $9 whether its reservation must be over ("exclusive"),
-- or only its promise ("elastic"), or neither because it is their own, the number then being $10.
-- Returns number and assignment, or no row.
with clock as materialized (
  select coalesce($1::timestamptz, clock_timestamp()) as now
),
candidate as (
  select number, visitor_id, reserved_until
  from numbers
  where tracker_id = $2
    and retired_at is null
    and last_seen_at <= (select now from clock) - make_interval(secs => $8)
    and case $9
      when 'exclusive' then reserved_until <= (select now from clock)
      when 'elastic' then promised_until <= (select now from clock)
      else number = $10 and visitor_id = $4
    end
  order by last_seen_at
  limit 1
  for update skip locked
)
insert into leases (
  id, site_id, tracker_id, number, visitor_id, assignment, leased_at, last_seen_at, promised_until, reserved_until
)
select
  $5,
  $3,
  $2,
  candidate.number,
  $4,
  case
    when candidate.visitor_id = $4 or candidate.reserved_until <= clock.now then 'exclusive'
    else 'elastic'
  end,
  clock.now,
  clock.now,
  clock.now + make_interval(secs => $7),
  clock.now + make_interval(secs => $6)
from clock
cross join candidate
returning number, assignment
