-- Statements by key whose plans stay good however small the tables were when they were made.

-- As in 0003_leases.sql, with two differences. What has ended is told by end_reason: asked for ended_at, a plan made
-- while the table was small may read the whole partial index of open leases. And a number's first lease looks for no
-- lease before it.
create or replace function take_number() returns trigger
language plpgsql
as $$
declare
  held numbers%rowtype;
  own leases%rowtype;
  previous leases%rowtype;
begin
  select *
  into held
  from numbers
  where number = new.number
  for update;

  if not found
    or held.retired_at is not null
    or held.tracker_id <> new.tracker_id
    or held.lease_id = new.id
  then
    return null;
  end if;

  -- The last holder may always come back; anybody else waits for the promise, and for the whole reservation unless
  -- the pool is short.
  if held.visitor_id is distinct from new.visitor_id and (
    held.promised_until > new.leased_at
    or (new.assignment = 'exclusive' and held.reserved_until > new.leased_at)
  ) then
    return null;
  end if;

  select *
  into own
  from leases
  where tracker_id = new.tracker_id
    and visitor_id = new.visitor_id
    and ended_at is null
  for update;

  if found then
    if own.reserved_until > new.leased_at then
      return null;
    end if;
    update leases
    set ended_at = own.reserved_until,
      end_reason = 'expired'
    where id = own.id;
  end if;

  if held.lease_id is not null then
    select *
    into previous
    from leases
    where id = held.lease_id;

    -- The time of the new lease was taken before the number was locked: the one before may have been ended since.
    if previous.ended_at > new.leased_at then
      new.leased_at := previous.ended_at;
      new.last_seen_at := greatest(new.last_seen_at, new.leased_at);
    end if;
    if previous.end_reason is null then
      update leases
      set ended_at = least(reserved_until, new.leased_at),
        end_reason = case when reserved_until <= new.leased_at then 'expired' else 'reclaimed' end
      where id = previous.id
        and end_reason is null;
    end if;
  end if;

  update numbers
  set lease_id = new.id,
    visitor_id = new.visitor_id,
    last_seen_at = new.last_seen_at,
    promised_until = new.promised_until,
    reserved_until = new.reserved_until
  where number = new.number;

  return new;
end
$$;

-- By the visitor first: beside numbers_by_last_sign, which begins with the tracker too, the planner took either.
drop index numbers_by_visitor;

create index numbers_by_visitor on numbers (visitor_id)
where retired_at is null;

-- Rows that are updated again and again: room on their page for the next version, which then needs no new index entry.
alter table numbers set (fillfactor = 50);
alter table leases set (fillfactor = 70);
alter table sessions set (fillfactor = 70);
