-- Sessions counted by the day, so that a report over a year need not read each. Reports read a day from here only if it
-- is in counted_days, by the site's clocks, and no hour of it is in late_sessions; else they count its sessions.

-- Days that are counted, in the site's zone as it was then.
create table counted_days (
  site_id uuid not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  zone text not null,
  primary key (site_id, starts_at, ends_at)
);

-- Once by all but the keyword, which is null then, and once with it.
create table session_days (
  site_id uuid not null,
  by_keyword boolean not null,
  starts_at timestamptz not null,
  source text not null,
  medium text not null,
  campaign text,
  keyword text,
  channel text,
  device_type text not null,
  sessions integer not null
);

create index session_days_by_site on session_days (site_id, by_keyword, starts_at);

-- Hours, in UTC, in which sessions began that were written, changed or removed after their day may have been counted.
create table late_sessions (
  site_id uuid not null,
  hour timestamptz not null,
  primary key (site_id, hour)
);

-- Written anew where it is there already: so that who counts the day, and removes it, waits for us.
create function note_late_session() returns trigger language plpgsql as $$
begin
  insert into late_sessions (site_id, hour)
  select changed.site_id, date_trunc('hour', changed.started_at, 'UTC')
  from (
    select old.site_id, old.started_at where tg_op <> 'INSERT'
    union
    select new.site_id, new.started_at where tg_op <> 'DELETE'
  ) as changed
  on conflict (site_id, hour) do update
  set hour = excluded.hour;
  return null;
end
$$;

-- A day is counted when it has been over for a quarter of an hour (stores/postgres/count-days.ts).
create trigger late_session_added
after insert on sessions
for each row
when (new.started_at < now() - interval '5 minutes')
execute function note_late_session();

create trigger late_session_changed
after update of site_id, started_at, source, medium, campaign, term, channel, device_type on sessions
for each row
when (
  (old.site_id, old.started_at, old.source, old.medium, old.campaign, old.term, old.channel, old.device_type)
    is distinct from
  (new.site_id, new.started_at, new.source, new.medium, new.campaign, new.term, new.channel, new.device_type)
)
execute function note_late_session();

create trigger late_session_removed
after delete on sessions
for each row
execute function note_late_session();

-- Calls of direct visits count under the last touch in the window that is not direct, and say so.
update calls
set source = touch.source,
  medium = touch.medium,
  campaign = touch.campaign,
  keyword = touch.term,
  content = touch.content,
  channel = touch.channel,
  landing_page = split_part(split_part(touch.landing_page_url, '#', 1), '?', 1)
from call_touches as touch
where calls.visitor_id is not null
  and calls.source = '(direct)'
  and touch.call_id = calls.id
  and touch.is_last_not_direct;
