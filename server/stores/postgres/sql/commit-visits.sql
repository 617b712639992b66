-- A batch of visits, written as one statement: all of it or nothing.
-- $1 visits, $2 proposed leases, $3 signs on leases, of which those that are there already count; each a JSON array.
-- A visit that starts a session compares and sets its visitor: where another tab was faster it is not accepted, and
-- neither is anything that hangs on it. Returns (kind, id): 'visit' for each accepted visitor, 'lease' for each lease
-- that stands.
-- Here as everywhere rows are locked in one order, so that no two transactions wait for each other: visitors, numbers,
-- leases, sessions, and among each other by their ids.
with visit as materialized (
  select *
  from jsonb_to_recordset($1::jsonb) as v(
    visitor_id uuid, site_id uuid, at timestamptz, session_id uuid, starts_session boolean, previous_session_id uuid,
    touch_id uuid, page_view_id uuid, url text, title text, referrer text, device_type text, ids jsonb,
    source text, medium text, campaign text, term text, content text, utm jsonb, click_ids jsonb,
    campaign_signature text,
    landing_page_url text, landing_page text, landing_params jsonb, referring_url text, referrer_domain text
  )
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
  select visit.*
  from visit
  left join claimed on claimed.id = visit.visitor_id
  where claimed.id is not null
    or not visit.starts_session
),
viewed as (
  insert into page_views (id, site_id, visitor_id, session_id, viewed_at, url, title, referrer)
  select page_view_id, site_id, visitor_id, session_id, at, url, title, referrer
  from accepted
  on conflict (id) do nothing
  returning id, session_id
),
started as (
  insert into sessions (
    id, site_id, visitor_id, started_at, last_seen_at, source, medium, campaign, term, content, utm,
    click_ids, campaign_signature, landing_page_url, landing_page, landing_params, referring_url, referrer_domain,
    device_type, page_view_count, last_requested_url, ids
  )
  select
    session_id, site_id, visitor_id, at, at, source, medium, campaign, term, content, utm,
    click_ids, campaign_signature, landing_page_url, landing_page, landing_params, referring_url, referrer_domain,
    device_type, 1, url, ids
  from accepted
  where starts_session
),
touched as (
  insert into touches (
    id, site_id, visitor_id, session_id, touched_at, source, medium, campaign, term, content, click_ids,
    landing_page_url, referring_url
  )
  select
    touch_id, site_id, visitor_id, session_id, at, source, medium, campaign, term, content, click_ids,
    landing_page_url, referring_url
  from accepted
  where touch_id is not null
    -- A page asked for again arrives no second time.
    and (starts_session or exists (select from viewed where viewed.id = accepted.page_view_id))
),
proposed as materialized (
  select p.*, accepted.site_id, accepted.session_id, accepted.at
  from jsonb_to_recordset($2::jsonb) as p(
    id uuid, visitor_id uuid, tracker_id uuid, number text, assignment text, own_seconds float8, min_seconds float8
  )
  join accepted on accepted.visitor_id = p.visitor_id
),
leased as (
  insert into leases (
    id, site_id, tracker_id, number, visitor_id, session_id, assignment, leased_at, last_seen_at, promised_until,
    reserved_until
  )
  select
    id, site_id, tracker_id, number, visitor_id, session_id, assignment, at, at,
    at + make_interval(secs => min_seconds),
    at + make_interval(secs => own_seconds)
  from proposed
  order by number
  returning id
),
signed_numbers as (
  update numbers
  set last_seen_at = greatest(numbers.last_seen_at, sign.at),
    promised_until = greatest(numbers.promised_until, sign.at + make_interval(secs => sign.min_seconds)),
    reserved_until = greatest(numbers.reserved_until, sign.at + make_interval(secs => sign.own_seconds))
  from (
    select s.*, leases.number, accepted.session_id, accepted.at
    from jsonb_to_recordset($3::jsonb) as s(id uuid, visitor_id uuid, own_seconds float8, min_seconds float8)
    join accepted on accepted.visitor_id = s.visitor_id
    join leases on leases.id = s.id
      and leases.visitor_id = s.visitor_id
      and leases.ended_at is null
    order by leases.number
  ) as sign
  where numbers.number = sign.number
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
  where leases.id = sign.id
    and leases.ended_at is null
  returning leases.id
),
continued as (
  update sessions
  set last_seen_at = greatest(sessions.last_seen_at, visit.at),
    page_view_count = sessions.page_view_count
      + case when exists (select from viewed where viewed.session_id = sessions.id) then 1 else 0 end,
    last_requested_url = visit.url,
    ids = sessions.ids || visit.ids
  from (
    select *
    from accepted
    where not starts_session
    order by session_id
  ) as visit
  where sessions.id = visit.session_id
    and (select count(*) from signed) is not null
)
select 'visit' as kind, visitor_id as id
from accepted
union all
select 'lease', id
from leased
union all
select 'lease', id
from signed
