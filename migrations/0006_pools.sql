-- What went short in a pool: for people who size it. Written a few times a minute, not on the way of a visitor.

create table pool_refusals (
  site_id uuid not null,
  tracker_id uuid not null,
  hour timestamptz not null,
  -- Times a visitor asked for a number and got none.
  refused bigint not null,
  primary key (tracker_id, hour)
);

-- Holds only leases that were cut short, so that others are written no slower for it.
create index leases_reclaimed on leases (tracker_id, ended_at)
where end_reason = 'reclaimed';
