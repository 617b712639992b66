-- What a batch of visits is decided on. $1 ids of visitors. One row each, in no order, null where unknown.
select
  wanted.id,
  visitors.site_id,
  visitors.session_id,
  sessions.last_seen_at,
  sessions.campaign_signature,
  sessions.landing_page_url,
  sessions.referring_url,
  clock_timestamp() as now
from unnest($1::uuid[]) as wanted(id)
left join visitors on visitors.id = wanted.id
left join sessions on sessions.id = visitors.session_id
