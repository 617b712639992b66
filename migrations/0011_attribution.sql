-- How callers of a site behave, learned from its calls: one row each time, the latest counts (docs/attribution.md).
create table time_models (
  site_id uuid not null,
  version integer not null,
  learned_at timestamptz not null,
  -- The calls it was learned from began since then.
  since timestamptz not null,
  calls integer not null,
  model jsonb not null,
  primary key (site_id, version)
);

-- Calls to a number around the moment of a tap that is told late.
create index calls_by_number on calls (tracking_number, started_at);

-- ISO 3166-1 alpha-2, as a proxy in front says; null: nobody says.
alter table sessions add column country text;

-- With the site in it, leases of a number too old to be looked at one by one are counted without reading them.
drop index leases_by_number;

create index leases_by_number on leases (number, leased_at) include (site_id);
