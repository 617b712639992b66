-- What a batch of visits is decided on. $1 ids of visitors. One row each, in no order, null where unknown.
select
  wanted.id,
  visitors.site_id,
  visitors.session_id,
  visitors.withdrawn_at,
  sessions.last_seen_at,
  sessions.campaign_signature,
  touch.landing_page_url,
  touch.referring_url,
  clock_timestamp() as now
from unnest($1::uuid[]) as wanted(id)
left join visitors on visitors.id = wanted.id
left join sessions on sessions.id = visitors.session_id
-- Every session begins with a touch, so the last one is of this session.
left join lateral (
  select touches.landing_page_url, touches.referring_url
  from touches
  where touches.visitor_id = visitors.id
  order by touches.touched_at desc
  limit 1
) as touch on true
