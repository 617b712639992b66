-- A batch of visits, written as one statement: all of it or nothing.
-- $1 the time of visits that bring none of their own; then lists: $2 to $12 the visits, $13 to $28 the arrivals of those
-- that start a session or are a touch, $29 to $35 their leases, proposed ones with their number, $36 and $37 the
-- countries and the channels of the arrivals. A lease that is there already, proposed again or not, is signed.
-- A visit that starts a session compares and sets its visitor: where another tab was faster it is not accepted, and
-- neither is anything that hangs on it. Returns (kind, id) of what was refused: 'visit' with the visitor, 'lease'.
-- Here as everywhere rows are locked in one order, so that no two transactions wait for each other: visitors, numbers,
-- leases, sessions, and among each other by their ids.
-- A plan made while a table was small must not go on reading all of it. So tables are joined in ways that only their
-- keys can answer: "= any (array[key])" and laterals of one row, which cannot be turned round; and end_reason is asked
-- instead of ended_at, on which a partial index could be read.
with visit as materialized (
  select
    ($2::uuid[])[place] as visitor_id,
    ($3::uuid[])[place] as site_id,
    coalesce(($4::timestamptz[])[place], $1::timestamptz) as at,
    ($5::uuid[])[place] as session_id,
    ($6::boolean[])[place] as starts_session,
    ($7::uuid[])[place] as previous_session_id,
    ($8::uuid[])[place] as page_view_id,
    ($9::text[])[place] as url,
    ($10::text[])[place] as title,
    ($11::text[])[place] as referrer,
    coalesce(($12::text[])[place]::jsonb, '{}') as ids
  from generate_series(1, cardinality($2::uuid[])) as place
),
claimed as (
  insert into visitors (id, site_id, first_seen_at, session_id, previous_session_id)
  select visitor_id, site_id, at, session_id, previous_session_id
  from visit
  where starts_session
  order by visitor_id
  on conflict (id) do update
  set session_id = excluded.session_id,
    previous_session_id = excluded.previous_session_id
  where visitors.site_id = excluded.site_id
    and visitors.session_id is not distinct from excluded.previous_session_id
  returning id
),
accepted as materialized (
  select *
  from visit
  where not starts_session
    or visitor_id in (select id from claimed)
),
viewed as (
  insert into page_views (id, site_id, visitor_id, session_id, viewed_at, url, title, referrer)
  select page_view_id, site_id, visitor_id, session_id, at, url, title, referrer
  from accepted
  on conflict (id) do nothing
  returning id
),
arrival as materialized (
  select
    accepted.*,
    ($14::uuid[])[place] as touch_id,
    ($15::text[])[place] as device_type,
    ($16::text[])[place] as source,
    ($17::text[])[place] as medium,
    ($18::text[])[place] as campaign,
    ($19::text[])[place] as term,
    ($20::text[])[place] as content,
    ($21::text[])[place]::jsonb as utm,
    ($22::text[])[place]::jsonb as click_ids,
    ($23::text[])[place] as campaign_signature,
    ($24::text[])[place] as landing_page_url,
    ($25::text[])[place] as landing_page,
    ($26::text[])[place]::jsonb as landing_params,
    ($27::text[])[place] as referring_url,
    ($28::text[])[place] as referrer_domain,
    ($36::text[])[place] as country,
    ($37::text[])[place] as channel
  from generate_series(1, cardinality($13::uuid[])) as place
  join accepted on accepted.visitor_id = ($13::uuid[])[place]
),
started as (
  insert into sessions (
    id, site_id, visitor_id, started_at, last_seen_at, source, medium, campaign, term, content, utm,
    click_ids, campaign_signature, landing_page_url, landing_page, landing_params, referring_url, referrer_domain,
    device_type, country, page_view_count, last_requested_url, ids, channel
  )
  select
    session_id, site_id, visitor_id, at, at, source, medium, campaign, term, content, utm,
    click_ids, campaign_signature, landing_page_url, landing_page, landing_params, referring_url, referrer_domain,
    device_type, country, 1, url, ids, channel
  from arrival
  where starts_session
),
touched as (
  insert into touches (
    id, site_id, visitor_id, session_id, touched_at, source, medium, campaign, term, content, click_ids,
    landing_page_url, referring_url, channel
  )
  select
    touch_id, site_id, visitor_id, session_id, at, source, medium, campaign, term, content, click_ids,
    landing_page_url, referring_url, channel
  from arrival
  -- A page asked for again arrives no second time.
  where starts_session
    or page_view_id in (select id from viewed)
),
lease as materialized (
  select
    ($29::uuid[])[place] as id,
    accepted.visitor_id,
    ($31::uuid[])[place] as tracker_id,
    ($32::text[])[place] as number,
    ($33::text[])[place] as assignment,
    accepted.site_id,
    accepted.session_id,
    accepted.at,
    accepted.at + make_interval(secs => ($35::float8[])[place]) as promised_until,
    accepted.at + make_interval(secs => ($34::float8[])[place]) as reserved_until
  from generate_series(1, cardinality($29::uuid[])) as place
  join accepted on accepted.visitor_id = ($30::uuid[])[place]
),
leased as (
  insert into leases (
    id, site_id, tracker_id, number, visitor_id, session_id, assignment, leased_at, last_seen_at, promised_until,
    reserved_until
  )
  select
    id, site_id, tracker_id, number, visitor_id, session_id, assignment, at, at, promised_until, reserved_until
  from lease
  where number is not null
  order by number
  returning id
),
sign as materialized (
  select lease.id, held.number, lease.session_id, lease.at, lease.promised_until, lease.reserved_until
  from lease
  cross join lateral (
    select leases.number, leases.visitor_id, leases.end_reason
    from leases
    where leases.id = lease.id
    limit 1
  ) as held
  where held.visitor_id = lease.visitor_id
    and held.end_reason is null
  order by held.number
),
signed_numbers as (
  update numbers
  set last_seen_at = greatest(numbers.last_seen_at, sign.at),
    promised_until = greatest(numbers.promised_until, sign.promised_until),
    reserved_until = greatest(numbers.reserved_until, sign.reserved_until)
  from sign
  where numbers.number = any (array[sign.number])
    and numbers.lease_id = sign.id
    and (select count(*) from leased) is not null
  returning sign.id, sign.session_id, numbers.last_seen_at, numbers.promised_until, numbers.reserved_until
),
signed as (
  update leases
  set last_seen_at = sign.last_seen_at,
    promised_until = sign.promised_until,
    reserved_until = sign.reserved_until,
    left_at = null,
    session_id = coalesce(leases.session_id, sign.session_id)
  from signed_numbers as sign
  where leases.id = any (array[sign.id])
    and leases.end_reason is null
  returning leases.id
),
continued as (
  update sessions
  set last_seen_at = greatest(sessions.last_seen_at, visit.at),
    page_view_count = sessions.page_view_count + visit.page_views,
    last_requested_url = visit.url,
    ids = sessions.ids || visit.ids
  from (
    select session_id, at, url, ids, (page_view_id in (select id from viewed))::integer as page_views
    from accepted
    where not starts_session
    order by session_id
  ) as visit
  where sessions.id = any (array[visit.session_id])
    and (select count(*) from signed) is not null
)
select 'visit' as kind, visitor_id as id
from visit
where starts_session
  and visitor_id not in (select id from claimed)
union all
select 'lease', given.id
from unnest($29::uuid[]) as given(id)
where given.id not in (select id from leased)
  and given.id not in (select id from signed)
