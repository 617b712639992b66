-- What there was to call from on a site between two times: open pages, leases of every age, taps, numbers.
-- $1 site, $2 since, $3 until, $4 mean delays in seconds, $5 seconds of each page that do not count
with number as materialized (
  select numbers.number, numbers.created_at
  from numbers
  join trackers on trackers.id = numbers.tracker_id
    and trackers.type = 'session'
  where numbers.site_id = $1
),
lease as materialized (
  select
    leases.last_seen_at,
    extract(epoch from least(leases.last_seen_at, $3) - greatest(leases.leased_at, $2))::float8 as open_for,
    extract(epoch from greatest($2 - leases.last_seen_at, interval '0'))::float8 as silent_since,
    extract(epoch from greatest($3 - leases.last_seen_at, interval '0'))::float8 as silent_until
  from number
  join leases on leases.number = number.number
    and leases.site_id = $1
    and leases.leased_at < $3
    and leases.leased_at > $2::timestamptz - interval '30 days'
),
share as (
  select
    delay.at,
    -- Of the calls with this mean delay after the last sign, those that could come in between. Past 700 means exp() fails.
    sum(exp(-least(silent_since / delay.mean, 700)) - exp(-least(silent_until / delay.mean, 700))) as leases
  from lease
  cross join unnest($4::float8[]) with ordinality as delay(mean, at)
  group by delay.at
)
select
  (select coalesce(sum(greatest(0, open_for - $5)), 0) from lease)::float8 as open_seconds,
  (select coalesce(array_agg(leases::float8 order by at), '{}') from share) as leases,
  (
    select count(*)
    from number
    join taps on taps.number = number.number
      and taps.site_id = $1
      and taps.tapped_at between $2 and $3
  ) as taps,
  (select coalesce(sum(extract(epoch from $3 - greatest(created_at, $2))), 0) from number where created_at < $3)::float8
    as number_seconds
