-- The channel of a cost, as that of a session with its source, medium and campaign. null: not derived yet.
alter table costs add column channel text;

-- Costs are derived after calls. They have no id: how far that is, is told by day, source, medium, campaign and keyword.
alter table channel_derivations
  drop constraint channel_derivations_step_check,
  add constraint channel_derivations_step_check check (step in ('sessions', 'calls', 'costs')),
  add column after_cost text[] not null default '{-infinity,"","","",""}';

-- What is derived anew already comes to the costs by itself.
insert into channel_derivations (site_id, changed_at, step, after_at, after_id)
select id, clock_timestamp(), 'costs', '-infinity', '00000000-0000-0000-0000-000000000000'
from sites
where exists (select from costs where costs.site_id = sites.id)
on conflict (site_id) do update
set derived_at = null;
