-- Swaps are now those that pages tell of; those before were only answered.
update installs
set swaps = 0;

-- When a page of the host was last asked to look for tracking numbers that stand in it, and when one last told.
alter table installs add column check_asked_at timestamptz;

alter table installs add column checked_at timestamptz;

-- Tracking numbers that pages showed to visitors who had never held them.
create table installs_printed (
  site_id uuid not null,
  host text not null,
  number text not null,
  last_seen_at timestamptz not null,
  primary key (site_id, host, number)
);
