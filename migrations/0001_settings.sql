-- Settings: what the owner and the marketer decide. Rows are retired, never deleted, while calls may still come in.

create table sites (
  id uuid primary key,
  key text not null unique,
  name text not null,
  time_zone text not null,
  default_region text not null,
  allowed_origins text[] not null,
  min_confidence double precision not null,
  qualified_seconds integer not null,
  excluded_addresses text[] not null,
  excluded_hosts text[] not null,
  providers jsonb not null,
  created_at timestamptz not null,
  retired_at timestamptz
);

create table trackers (
  id uuid primary key,
  site_id uuid not null,
  name text not null,
  type text not null check (type in ('session', 'source')),
  targets text[] not null,
  destination text not null,
  match jsonb not null,
  priority integer not null,
  reservation_seconds integer not null,
  min_reservation_seconds integer not null check (min_reservation_seconds <= reservation_seconds),
  attribution_days integer not null,
  source text,
  medium text,
  campaign text,
  -- Counts changes of the pool's membership, so that a lease store knows when its copy is old.
  pool_version integer not null,
  created_at timestamptz not null,
  retired_at timestamptz
);

create index trackers_by_site on trackers (site_id);

-- One row a tracking number: the only arbiter of who holds it. lease_id and visitor_id are those of the last
-- lease; they stay after it ended, so that its visitor can be given the same number again.
create table numbers (
  number text primary key,
  site_id uuid not null,
  tracker_id uuid not null,
  created_at timestamptz not null,
  retired_at timestamptz,
  lease_id uuid,
  visitor_id uuid,
  -- '-infinity': never.
  last_seen_at timestamptz not null,
  promised_until timestamptz not null,
  reserved_until timestamptz not null
);

create index numbers_by_site on numbers (site_id);

create index numbers_by_last_sign on numbers (tracker_id, last_seen_at)
where retired_at is null;

create index numbers_by_visitor on numbers (tracker_id, visitor_id)
where retired_at is null;

create table keys (
  id uuid primary key,
  name text not null,
  scopes text[] not null,
  site_id uuid,
  hash text not null unique,
  created_at timestamptz not null,
  retired_at timestamptz
);
