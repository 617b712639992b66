--[[
Put in front of every verb. A pool is these keys under one hash tag, so that a cluster keeps them together:
  KEYS[1] dni:{tracker}:pool             hash: id = replication id it was loaded under, version = of its membership
  KEYS[2] dni:{tracker}:numbers          hash: number -> record
  KEYS[3] dni:{tracker}:visitors         hash: visitor -> the number they held last, only while it remembers them
  KEYS[4] dni:{tracker}:exclusive        sorted set: numbers by last sign (ms), as reservations let them go
  KEYS[5] dni:{tracker}:elastic          sorted set: numbers by last sign (ms), as promises let them go
  KEYS[6] dni:{tracker}:exclusive-later  sorted set: numbers taken out of that order, by when their reservation is over
  KEYS[7] dni:{tracker}:elastic-later    sorted set: numbers taken out of that order, by when their promise is over
A record is one text: lease visitor confirmed(0|1) assignment signed promised reserved
with "-" for none and times in ms of this server's clock, or of the caller's virtual one. promised is what the lease
history has promised, or will have within a second.
]]

-- A sign so much later than now means that the clock was set back: the pool must be loaded anew.
local AHEAD_MS = 2000

local function now_of(given)
  if given ~= '' then
    return tonumber(given)
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read(number)
  local text = redis.call('HGET', KEYS[2], number)
  if not text then
    return nil
  end
  local lease, visitor, confirmed, assignment, signed, promised, reserved =
    string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
  return {
    number = number,
    lease = lease,
    visitor = visitor,
    confirmed = confirmed,
    assignment = assignment,
    signed = tonumber(signed),
    promised = tonumber(promised),
    reserved = tonumber(reserved),
  }
end

local function write(record)
  redis.call(
    'HSET',
    KEYS[2],
    record.number,
    string.format(
      '%s %s %s %s %.0f %.0f %.0f',
      record.lease,
      record.visitor,
      record.confirmed,
      record.assignment,
      record.signed,
      record.promised,
      record.reserved
    )
  )
end

-- The record of the number that this visitor held last, or nil.
local function held_by(visitor)
  local number = redis.call('HGET', KEYS[3], visitor)
  local record = number and read(number)
  if record and record.visitor == visitor then
    return record
  end
  return nil
end

-- Its visitor is not found by it any more. They may be found by another number that is theirs.
local function forget(record)
  if redis.call('HGET', KEYS[3], record.visitor) == record.number then
    redis.call('HDEL', KEYS[3], record.visitor)
  end
end

-- Its visitor is found by it, unless by another number that they hold.
local function remember(record)
  if record.visitor == '-' then
    return
  end
  local other = record.lease == '-' and held_by(record.visitor)
  if not other or other.lease == '-' then
    redis.call('HSET', KEYS[3], record.visitor, record.number)
  end
end

local function is_live(record, now)
  return record.lease ~= '-' and record.reserved > now
end

-- Its place in both orders, by its last sign.
local function place(record)
  redis.call('ZADD', KEYS[4], record.signed, record.number)
  redis.call('ZADD', KEYS[5], record.signed, record.number)
end

-- A sign of its holder: neither the promise nor the reservation is ever shortened (windows may have been lowered, a
-- call may have moved it).
local function sign(record, now, min_ms, own_ms)
  record.signed = now
  record.promised = math.max(record.promised, now + min_ms)
  record.reserved = math.max(record.reserved, now + own_ms)
  place(record)
end

-- Whether the pool was loaded by this very server (a flush, a restart, a promoted replica: another id) and with the
-- membership that the caller knows.
local function is_loaded(version)
  local pool = redis.call('HMGET', KEYS[1], 'id', 'version')
  if not pool[1] or tonumber(pool[2]) < tonumber(version) then
    return false
  end
  return string.find(redis.call('INFO', 'replication'), 'master_replid:' .. pool[1], 1, true) ~= nil
end

-- Whether this sign was given by a clock that has been set back since.
local function is_ahead(signed, now)
  return signed > now + AHEAD_MS
end

-- Whether any sign in the pool was.
local function is_set_back(now)
  local latest = redis.call('ZREVRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2]
  return latest ~= nil and is_ahead(tonumber(latest), now)
end

-- Takes over what the lease history says of a number, told by six arguments from that one on:
-- lease, visitor, assignment, age of the last sign ms ("" never), promised for ms, reserved for ms.
local function learn(number, now, at)
  local known = read(number)
  if known then
    forget(known)
  end
  local record = {
    number = number,
    lease = ARGV[at],
    visitor = ARGV[at + 1],
    confirmed = '1',
    assignment = ARGV[at + 2],
    signed = ARGV[at + 3] == '' and 0 or now - tonumber(ARGV[at + 3]),
    promised = now + tonumber(ARGV[at + 4]),
    reserved = now + tonumber(ARGV[at + 5]),
  }
  remember(record)
  place(record)
  write(record)
end

local function remove(record)
  forget(record)
  redis.call('HDEL', KEYS[2], record.number)
  for key = 4, 7 do
    redis.call('ZREM', KEYS[key], record.number)
  end
end

-- What renew.lua and leave.lua have in common. Within the promise of a confirmed lease, and so much before its end
-- that the lease history hears of the sign in time, nobody can have been given the number: the sign is taken. Else
-- only the lease history can say whether the lease still stands.
local function sign_of_holder(now, visitor, own_ms, min_ms, grace_ms)
  local record = held_by(visitor)
  if not record or record.lease == '-' then
    return { 'none' }
  end
  if is_ahead(record.signed, now) then
    return { 'absent' }
  end
  if record.confirmed == '1' and now < record.promised - grace_ms then
    sign(record, now, min_ms, own_ms)
    write(record)
    return { 'live', record.number, record.lease, record.assignment, '1' }
  end
  return { 'ask', record.number, record.lease, record.assignment, record.confirmed }
end
