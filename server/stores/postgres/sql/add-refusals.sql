-- Sessions that pools had no number for. $1 [{site_id, tracker_id, refused, session_ids}], each tracker once.
-- What is too old to be asked for goes at the same time.
with refusal as materialized (
  select *, date_trunc('hour', clock_timestamp(), 'UTC') as hour
  from jsonb_to_recordset($1::jsonb) as r(site_id uuid, tracker_id uuid, refused bigint, session_ids uuid[])
),
pruned as (
  delete from pool_refusals
  using refusal
  where pool_refusals.tracker_id = refusal.tracker_id
    and pool_refusals.hour < refusal.hour - interval '31 days'
),
pruned_sessions as (
  delete from blocked_sessions
  using refusal
  where blocked_sessions.tracker_id = refusal.tracker_id
    and blocked_sessions.hour < refusal.hour - interval '31 days'
),
blocked as (
  insert into blocked_sessions (site_id, tracker_id, hour, session_id)
  select refusal.site_id, refusal.tracker_id, refusal.hour, session.id
  from refusal
  cross join unnest(refusal.session_ids) as session(id)
  order by refusal.tracker_id, session.id
  on conflict (tracker_id, hour, session_id) do nothing
)
insert into pool_refusals (site_id, tracker_id, hour, refused)
select site_id, tracker_id, hour, refused
from refusal
order by tracker_id
on conflict (tracker_id, hour) do update
set refused = pool_refusals.refused + excluded.refused
