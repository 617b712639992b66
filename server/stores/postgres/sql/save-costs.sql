-- Costs of one site. $1 site, $2 currency, $3 [{date, source, medium, campaign, keyword, cost, clicks, impressions,
-- channel}], each key once. In the order of the keys, so that two imports wait for each other in one order.
insert into costs (
  site_id, day, source, medium, campaign, keyword, cost, currency, clicks, impressions, channel,
  updated_at
)
select
  $1, given.date, given.source, given.medium, given.campaign, given.keyword, given.cost, $2, given.clicks,
  given.impressions, given.channel, clock_timestamp()
from jsonb_to_recordset($3::jsonb) as given(
  date date, source text, medium text, campaign text, keyword text, cost numeric, clicks bigint, impressions bigint,
  channel text
)
order by given.date, given.source, given.medium, given.campaign, given.keyword
on conflict (site_id, day, source, medium, campaign, keyword) do update
set cost = excluded.cost,
  currency = excluded.currency,
  clicks = excluded.clicks,
  impressions = excluded.impressions,
  channel = excluded.channel,
  updated_at = excluded.updated_at
