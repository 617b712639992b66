/**
 * Pairs of leases of one number that intersect: a number leased to two at one moment. An open lease goes on until its
 * reservation ends. $1: of these numbers, or null: of all.
 */
export const OVERLAPS = `select a.number, a.id, a.visitor_id, b.id as other_id, b.visitor_id as other_visitor_id
  from leases as a
  join leases as b on b.number = a.number
    and (b.leased_at, b.id) > (a.leased_at, a.id)
    and tstzrange(a.leased_at, coalesce(a.ended_at, greatest(a.leased_at, a.reserved_until)))
      && tstzrange(b.leased_at, coalesce(b.ended_at, greatest(b.leased_at, b.reserved_until)))
  where $1::text[] is null
    or a.number = any($1)`;
