-- Leases of a called number that the call may be credited to, of the same site, not withdrawn: the newest 50, and those
-- of visitors for whom there is hard evidence.
-- $1 site, $2 number, $3 start of the call, $4 attribution days, $5 visitors with hard evidence
with newest as (
  select leases.*
  from leases
  join visitors on visitors.id = leases.visitor_id
    and visitors.withdrawn_at is null
  where leases.number = $2
    and leases.site_id = $1
    and leases.leased_at <= $3
    and leases.last_seen_at >= $3::timestamptz - make_interval(days => $4)
  order by leases.leased_at desc
  limit 50
),
named as (
  select leases.*
  from leases
  where leases.visitor_id = any ($5::uuid[])
    and leases.number = $2
    and leases.site_id = $1
    and leases.leased_at <= $3
    and leases.last_seen_at >= $3::timestamptz - make_interval(days => $4)
    and leases.id not in (select id from newest)
  order by leases.leased_at desc
  limit 10
),
candidate as (
  select * from newest
  union all
  select * from named
)
select
  candidate.id as lease_id,
  candidate.visitor_id,
  session.id as session_id,
  session.country,
  extract(epoch from $3::timestamptz - candidate.leased_at)::float8 as shown_for,
  greatest(0, extract(epoch from $3::timestamptz - candidate.last_seen_at))::float8 as silent_for,
  -- A page that was left after the call began was open then.
  coalesce(candidate.left_at > $3, candidate.ended_at is null or candidate.ended_at > $3) as page_open,
  extract(epoch from $3::timestamptz - tap.tapped_at)::float8 as tapped_for
from candidate
left join lateral (
  select sessions.id, sessions.country
  from sessions
  where sessions.visitor_id = candidate.visitor_id
    and sessions.site_id = candidate.site_id
    and sessions.started_at <= least($3::timestamptz, coalesce(candidate.ended_at, candidate.reserved_until))
  order by sessions.started_at desc
  limit 1
) as session on true
left join lateral (
  -- A tap may be told after the call that it led to.
  select least(taps.tapped_at, $3::timestamptz) as tapped_at
  from taps
  where taps.number = $2
    and taps.lease_id = candidate.id
    and taps.tapped_at > $3::timestamptz - interval '5 minutes'
    and taps.tapped_at <= $3::timestamptz + interval '10 seconds'
  order by taps.tapped_at desc
  limit 1
) as tap on true
order by candidate.leased_at desc, candidate.id desc
