-- The channel of an arrival: the first of its site's own rules that fits, else Google Analytics 4's. null: not derived
-- yet, or there is no source.
alter table sessions add column channel text;

alter table touches add column channel text;

alter table call_touches add column channel text;

-- That of the named session, or of the source tracker, copied as its source is.
alter table calls add column channel text;

-- The site's own rules, and how often they have changed.
alter table sites add column channel_rules jsonb not null default '[]';

alter table sites add column channel_version integer not null default 1;

-- Sites whose rows are being derived anew, and how far that is: visits first, then calls, each by the time they began.
create table channel_derivations (
  site_id uuid primary key,
  changed_at timestamptz not null,
  -- When every row had been seen. A row is here a little longer: another server may have written by the rules before.
  derived_at timestamptz,
  step text not null check (step in ('sessions', 'calls')),
  after_at timestamptz not null,
  after_id uuid not null
);

insert into channel_derivations (site_id, changed_at, step, after_at, after_id)
select id, clock_timestamp(), 'sessions', '-infinity', '00000000-0000-0000-0000-000000000000'
from sites;
