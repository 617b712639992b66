-- Sessions and calls counted by the day and the month, so that a report over a year need not read each; in the place of
-- sessions counted by the day. Reports read a span from here only if it was counted as the site's settings are now, and
-- nothing has been written into it since; else they read its rows. All of it can be counted anew: nothing is lost.

drop trigger late_session_added on sessions;

drop trigger late_session_changed on sessions;

drop trigger late_session_removed on sessions;

drop function note_late_session();

drop table counted_days, session_days, late_sessions;

-- Days and months that are counted, and by which settings of the site.
create table counted_spans (
  site_id uuid not null,
  unit text not null check (unit in ('day', 'month')),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  zone text not null,
  min_confidence double precision not null,
  qualified_seconds integer not null,
  primary key (site_id, unit, starts_at, ends_at)
);

-- Three times, as a report is read from the fewest rows that tell what it asks for: by source, medium and channel; by
-- campaign and device too; by campaign and keyword too. What is not told apart is null.
create table session_counts (
  site_id uuid not null,
  unit text not null,
  detail text not null check (detail in ('source', 'campaign', 'keyword')),
  starts_at timestamptz not null,
  source text not null,
  medium text not null,
  channel text,
  campaign text,
  device_type text,
  keyword text,
  sessions integer not null
);

create index session_counts_by_site on session_counts (site_id, unit, detail, starts_at);

-- Calls that are no spam, under what they are credited to, by tracker each time.
create table call_counts (
  site_id uuid not null,
  unit text not null,
  detail text not null check (detail in ('source', 'campaign', 'keyword')),
  starts_at timestamptz not null,
  tracker_id uuid not null,
  source text not null,
  medium text,
  channel text,
  campaign text,
  device_type text,
  keyword text,
  calls integer not null,
  answered_calls integer not null,
  missed_calls integer not null,
  first_time_callers integer not null,
  qualified_calls integer not null,
  unknown_calls integer not null,
  -- Of all, in seconds, and of how many it is known.
  duration bigint not null,
  ended integer not null,
  value numeric not null,
  -- Who called, each once: the digits of the number. Of a withheld number each call.
  callers bigint[] not null,
  withheld uuid[],
  -- Who asked for contact, where that is not who called; and visitors, or calls, without a number.
  people bigint[],
  others uuid[]
);

create index call_counts_by_site on call_counts (site_id, unit, detail, starts_at);

-- Hours, in UTC, into which something was written after they may have been counted. A row for each writing: nobody waits
-- for another's, and whoever counts removes only what it has seen.
create table late_hours (
  site_id uuid not null,
  hour timestamptz not null
);

create index late_hours_by_site on late_hours (site_id, hour);

create function note_late_hour() returns trigger language plpgsql as $$
begin
  insert into late_hours (site_id, hour)
  select changed.site_id, date_trunc('hour', changed.started_at, 'UTC')
  from (
    select old.site_id, old.started_at where tg_op <> 'INSERT'
    union
    select new.site_id, new.started_at where tg_op <> 'DELETE'
  ) as changed;
  return null;
end
$$;

-- A span is counted when it has been over for a quarter of an hour (stores/postgres/count-spans.ts).
create trigger late_session_added
after insert on sessions
for each row
when (new.started_at < now() - interval '5 minutes')
execute function note_late_hour();

create trigger late_session_changed
after update of site_id, started_at, source, medium, campaign, term, channel, device_type on sessions
for each row
when (
  least(old.started_at, new.started_at) < now() - interval '5 minutes'
  and (old.site_id, old.started_at, old.source, old.medium, old.campaign, old.term, old.channel, old.device_type)
    is distinct from
  (new.site_id, new.started_at, new.source, new.medium, new.campaign, new.term, new.channel, new.device_type)
)
execute function note_late_hour();

create trigger late_session_removed
after delete on sessions
for each row
execute function note_late_hour();

create trigger late_call_added
after insert on calls
for each row
when (new.started_at < now() - interval '5 minutes')
execute function note_late_hour();

create trigger late_call_changed
after update on calls
for each row
when (
  least(old.started_at, new.started_at) < now() - interval '5 minutes'
  and (
    old.site_id, old.tracker_id, old.caller_number, old.started_at, old.status, old.duration, old.talk_time,
    old.confidence, old.visitor_id, old.source, old.medium, old.campaign, old.keyword, old.channel, old.device_type,
    old.first_call, old.value, old.lead_status, old.spam
  ) is distinct from (
    new.site_id, new.tracker_id, new.caller_number, new.started_at, new.status, new.duration, new.talk_time,
    new.confidence, new.visitor_id, new.source, new.medium, new.campaign, new.keyword, new.channel, new.device_type,
    new.first_call, new.value, new.lead_status, new.spam
  )
)
execute function note_late_hour();

create trigger late_call_removed
after delete on calls
for each row
execute function note_late_hour();

-- Who sent a form is known as a caller by the visitor.
create index calls_by_visitor on calls (visitor_id)
where visitor_id is not null;
