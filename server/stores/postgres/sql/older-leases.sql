-- How many leases of a called number are older than those looked at one by one, by their age; an age is that of the
-- first sign, which among hours and days is that of the last one too.
-- $1 site, $2 number, $3 start of the call, $4 attribution days, $5 the oldest that was looked at was leased before the
-- call by so many seconds, $6 bounds of ages in seconds, ascending
select
  greatest($5::float8, ages.bounds[bucket])::float8 as "from",
  coalesce(ages.bounds[bucket + 1], $4 * 86400)::float8 as "to",
  count
from (select $6::float8[] as bounds) as ages
cross join lateral (
  select
    width_bucket(extract(epoch from $3::timestamptz - leases.leased_at)::float8, ages.bounds) as bucket,
    count(*)
  from leases
  where leases.number = $2
    and leases.site_id = $1
    and leases.leased_at < $3::timestamptz - make_interval(secs => $5)
    and leases.leased_at >= $3::timestamptz - make_interval(days => $4)
  group by bucket
) as older
order by bucket
