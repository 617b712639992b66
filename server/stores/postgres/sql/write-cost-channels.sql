-- Channels of costs of one site. $1 site, $2 [{date, source, medium, campaign, keyword, channel}], each key once. Locked
-- in the order of their keys, as imports do. Costs that are gone meanwhile stay so.
with changed as materialized (
  select given.*
  from jsonb_to_recordset($2::jsonb) as given(
    date date, source text, medium text, campaign text, keyword text, channel text
  )
  join costs on costs.site_id = $1
    and costs.day = given.date
    and costs.source = given.source
    and costs.medium = given.medium
    and costs.campaign = given.campaign
    and costs.keyword = given.keyword
  order by given.date, given.source, given.medium, given.campaign, given.keyword
  for update of costs
)
update costs
set channel = changed.channel
from changed
where costs.site_id = $1
  and costs.day = changed.date
  and costs.source = changed.source
  and costs.medium = changed.medium
  and costs.campaign = changed.campaign
  and costs.keyword = changed.keyword
