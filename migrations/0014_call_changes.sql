-- What happens to calls, for those who watch them live. Written by the database itself, in the transaction of the
-- change, so that no way to change a call can forget it. Old rows are deleted (server/compose/pruning.ts).

create table call_changes (
  id bigint generated always as identity,
  -- The transaction that wrote it. Ids of transactions under way at the same time do not become visible in their order;
  -- whoever reads by transaction knows up to where none is under way any more.
  written_by xid8 not null default pg_current_xact_id(),
  site_id uuid not null,
  call_id uuid not null,
  type text not null check (type in ('started', 'attributed', 'updated', 'ended')),
  changed_at timestamptz not null default clock_timestamp(),
  primary key (written_by, id)
);

create index call_changes_by_time on call_changes (changed_at);

create function log_call_change() returns trigger
language plpgsql
as $$
begin
  insert into call_changes (site_id, call_id, type)
  values (new.site_id, new.id, tg_argv[0]);
  return null;
end
$$;

create function log_decision() returns trigger
language plpgsql
as $$
begin
  insert into call_changes (site_id, call_id, type)
  values (new.site_id, new.call_id, 'attributed');
  return null;
end
$$;

-- Triggers of one event fire in the order of their names.
create trigger call_began
after insert on calls
for each row
execute function log_call_change('started');

-- Its end was told before its start.
create trigger call_ended_before
after insert on calls
for each row
when (new.status <> 'in_progress')
execute function log_call_change('ended');

create trigger call_ended
after update on calls
for each row
when (old.status = 'in_progress' and new.status <> 'in_progress')
execute function log_call_change('ended');

-- What a decision copies to the call is told as `attributed`. A channel that other rules give to calls of long ago is no
-- news of any of them.
create trigger call_updated
after update on calls
for each row
when (
  (old.status <> 'in_progress' or new.status = 'in_progress')
  and (
    old.caller_number, old.caller_name, old.caller_city, old.caller_state, old.caller_country, old.started_at, old.status,
    old.duration, old.talk_time, old.recording_url, old.lead_status, old.customer_name, old.value, old.tags, old.note,
    old.spam
  ) is distinct from (
    new.caller_number, new.caller_name, new.caller_city, new.caller_state, new.caller_country, new.started_at, new.status,
    new.duration, new.talk_time, new.recording_url, new.lead_status, new.customer_name, new.value, new.tags, new.note,
    new.spam
  )
)
execute function log_call_change('updated');

create trigger call_attributed
after insert on attributions
for each row
execute function log_decision();
