-- The numbers that visitors of a tracker held last, each with the lease if it is live. $1 tracker, $2 visitors, $3 now or
-- null. Returns the visitor's place in the list (from 1), number, lease_id and assignment; no row for who held none.
select wanted.at::float8 as at, held.number, held.lease_id, held.assignment
from unnest($2::uuid[]) with ordinality as wanted(visitor_id, at)
cross join lateral (
  select numbers.number, leases.id as lease_id, leases.assignment
  from numbers
  -- end_reason, because a partial index on ended_at could be read whole instead of the key.
  left join leases on leases.id = numbers.lease_id
    and leases.end_reason is null
    and leases.reserved_until > coalesce($3::timestamptz, clock_timestamp())
  -- "is true", because the tracker's index of last signs could be read whole instead of the visitor's.
  where numbers.visitor_id = wanted.visitor_id
    and (numbers.tracker_id = $1) is true
    and numbers.retired_at is null
  order by leases.id is null, numbers.last_seen_at desc
  limit 1
) as held
