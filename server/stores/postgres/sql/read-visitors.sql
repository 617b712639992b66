-- What a batch of visits is decided on. $1 ids of visitors. One row each, in no order, null where unknown.
-- Each lateral is limited to its one row, so that it can only be looked up by its key, however small the table was
-- when the plan was made. Times in ms since 1970, by date_part: extract reckons with numeric, which is much slower.
select
  wanted.id,
  visitor.site_id,
  visitor.session_id,
  visitor.withdrawn,
  round(date_part('epoch', session.last_seen_at) * 1000) as last_seen_at,
  session.campaign_signature,
  touch.landing_page_url,
  touch.referring_url,
  date_part('epoch', clock_timestamp()) * 1000 as now
from unnest($1::uuid[]) as wanted(id)
left join lateral (
  select visitors.site_id, visitors.session_id, visitors.withdrawn_at is not null as withdrawn
  from visitors
  where visitors.id = wanted.id
  limit 1
) as visitor on true
left join lateral (
  select sessions.last_seen_at, sessions.campaign_signature
  from sessions
  where sessions.id = visitor.session_id
  limit 1
) as session on true
-- Every session begins with a touch, so the last one is of this session.
left join lateral (
  select touches.landing_page_url, touches.referring_url
  from touches
  where touches.visitor_id = wanted.id
  order by touches.touched_at desc
  limit 1
) as touch on true
