-- Calls: the events as received, the call folded from them, and every decision about whose call it was.

create table call_events (
  id uuid primary key,
  -- null: the site could not be told yet (an end before its start, without the called number).
  site_id uuid,
  provider text not null,
  provider_call_id text not null,
  type text not null check (type in ('start', 'end', 'dial', 'code')),
  received_at timestamptz not null,
  -- The event in our words, and the body as the provider sent it.
  event jsonb not null,
  body jsonb not null
);

create index call_events_by_call on call_events (provider, provider_call_id);

create table calls (
  id uuid primary key,
  site_id uuid not null,
  tracker_id uuid not null,
  provider text not null,
  provider_call_id text not null,
  tracking_number text not null,
  business_number text not null,
  caller_number text,
  caller_name text,
  caller_city text,
  caller_state text,
  caller_country text,
  started_at timestamptz not null,
  ended_at timestamptz,
  status text not null check (status in ('in_progress', 'answered', 'missed', 'busy', 'failed', 'voicemail')),
  duration integer,
  talk_time integer,
  recording_url text,
  keypad text,
  -- The decision that counts now; all of them are in attributions.
  method text not null,
  confidence double precision not null,
  visitor_id uuid,
  session_id uuid,
  lease_id uuid,
  assignment text,
  seconds_to_call integer,
  first_call boolean not null,
  prior_calls integer not null,
  -- What the named session (or the source tracker) says, copied so that a report reads one table. Whether it is
  -- credited depends on the confidence asked for.
  source text,
  medium text,
  campaign text,
  keyword text,
  content text,
  landing_page text,
  device_type text,
  -- What people add.
  lead_status text,
  customer_name text,
  value numeric(14, 2),
  tags text[] not null,
  note text,
  spam boolean not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (site_id, provider, provider_call_id)
);

create index calls_by_site on calls (site_id, started_at, id);

create index calls_by_caller on calls (site_id, caller_number, started_at);

create table attributions (
  id uuid primary key,
  call_id uuid not null,
  site_id uuid not null,
  decided_at timestamptz not null,
  rule_version integer not null,
  method text not null,
  confidence double precision not null,
  visitor_id uuid,
  session_id uuid,
  lease_id uuid,
  candidates jsonb not null,
  reasons jsonb not null,
  facts jsonb not null
);

create index calls_by_session on calls (session_id)
where session_id is not null;

create index calls_by_time on calls (started_at, id);

create index attributions_by_call on attributions (call_id, decided_at);
