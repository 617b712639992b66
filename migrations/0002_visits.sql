-- Visits: who came from where and which pages they saw. No foreign keys on these hot tables: they are written by
-- group commits and may be partitioned by site_id.

-- previous_session_id is what a writer expects session_id to be: two tabs after an idle half hour both try, one wins.
create table visitors (
  id uuid primary key,
  site_id uuid not null,
  first_seen_at timestamptz not null,
  session_id uuid,
  previous_session_id uuid,
  withdrawn_at timestamptz
);

create table sessions (
  id uuid primary key,
  site_id uuid not null,
  visitor_id uuid not null,
  started_at timestamptz not null,
  last_seen_at timestamptz not null,
  source text not null,
  medium text not null,
  campaign text,
  term text,
  content text,
  -- The UTM parameters as they were given; source and medium above may come from elsewhere.
  utm jsonb not null,
  click_ids jsonb not null,
  -- What makes the campaign it came by another one; null: none.
  campaign_signature text,
  landing_page_url text not null,
  landing_page text not null,
  landing_params jsonb not null,
  referring_url text,
  referrer_domain text,
  device_type text not null,
  page_view_count integer not null,
  last_requested_url text not null,
  ids jsonb not null
);

create index sessions_by_visitor on sessions (visitor_id, started_at);

create index sessions_by_site on sessions (site_id, started_at);

create table page_views (
  id uuid primary key,
  site_id uuid not null,
  visitor_id uuid not null,
  session_id uuid not null,
  viewed_at timestamptz not null,
  url text not null,
  title text,
  referrer text
);

create index page_views_by_session on page_views (session_id, viewed_at);

-- One row an arrival with a source: the start of every session, and every later arrival from outside.
create table touches (
  id uuid primary key,
  site_id uuid not null,
  visitor_id uuid not null,
  session_id uuid not null,
  touched_at timestamptz not null,
  source text not null,
  medium text not null,
  campaign text,
  term text,
  content text,
  click_ids jsonb not null,
  landing_page_url text not null,
  referring_url text
);

create index touches_by_visitor on touches (visitor_id, touched_at);

create table taps (
  id uuid primary key,
  site_id uuid not null,
  visitor_id uuid not null,
  session_id uuid,
  lease_id uuid,
  number text not null,
  tapped_at timestamptz not null
);

create index taps_by_number on taps (number, tapped_at);

create table codes (
  id uuid primary key,
  site_id uuid not null,
  code text not null,
  visitor_id uuid not null,
  session_id uuid,
  page_url text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create index codes_by_code on codes (site_id, code, expires_at);

create index codes_by_visitor on codes (visitor_id, page_url);

create table leads (
  id uuid primary key,
  site_id uuid not null,
  visitor_id uuid,
  session_id uuid,
  type text not null check (type in ('form', 'chat', 'callback')),
  created_at timestamptz not null,
  name text,
  phone text,
  email text,
  fields jsonb not null,
  page_url text
);

create index leads_by_site on leads (site_id, created_at);

-- What the script reports of the pages it runs on, a row a host and a row a number found there.
create table installs (
  site_id uuid not null,
  host text not null,
  last_seen_at timestamptz not null,
  swaps bigint not null,
  primary key (site_id, host)
);

create table installs_found (
  site_id uuid not null,
  host text not null,
  number text not null,
  last_seen_at timestamptz not null,
  primary key (site_id, host, number)
);
