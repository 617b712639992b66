--[[
Put in front of every verb. A pool is four keys under one hash tag, so that a cluster keeps them together:
  KEYS[1] dni:{tracker}:pool      hash: id = replication id it was loaded under, version = of its membership
  KEYS[2] dni:{tracker}:signs     sorted set: number by last sign (ms)
  KEYS[3] dni:{tracker}:numbers   hash: number -> record
  KEYS[4] dni:{tracker}:visitors  hash: visitor -> the number they held last, only while it remembers them
A record is one text: lease visitor confirmed(0|1) assignment promised_until reserved_until left(0|1)
with "-" for none and times in ms of this server's clock, or of the caller's virtual one.
]]
local function now_of(given)
  if given ~= '' then
    return tonumber(given)
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function read(number)
  local text = redis.call('HGET', KEYS[3], number)
  if not text then
    return nil
  end
  local lease, visitor, confirmed, assignment, promised, reserved, left =
    string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
  return {
    number = number,
    lease = lease,
    visitor = visitor,
    confirmed = confirmed,
    assignment = assignment,
    promised = tonumber(promised),
    reserved = tonumber(reserved),
    left = left,
  }
end

local function write(record)
  redis.call(
    'HSET',
    KEYS[3],
    record.number,
    string.format(
      '%s %s %s %s %.0f %.0f %s',
      record.lease,
      record.visitor,
      record.confirmed,
      record.assignment,
      record.promised,
      record.reserved,
      record.left
    )
  )
end

-- The record of the number that this visitor held last, or nil.
local function held_by(visitor)
  local number = redis.call('HGET', KEYS[4], visitor)
  local record = number and read(number)
  if record and record.visitor == visitor then
    return record
  end
  return nil
end

local function is_live(record, now)
  return record.lease ~= '-' and record.reserved > now
end

-- A sign of its holder: the promise runs anew, and a reservation is never shortened (a call may have moved it).
local function sign(record, now, min_ms, own_ms)
  redis.call('ZADD', KEYS[2], now, record.number)
  record.promised = now + min_ms
  record.reserved = math.max(record.reserved, now + own_ms)
end

-- Whether the pool was loaded by this very server (a flush, a restart, a promoted replica: another id) and knows
-- the membership that the caller knows.
local function is_loaded(version)
  local pool = redis.call('HMGET', KEYS[1], 'id', 'version')
  if not pool[1] or tonumber(pool[2]) < tonumber(version) then
    return false
  end
  return string.find(redis.call('INFO', 'replication'), 'master_replid:' .. pool[1], 1, true) ~= nil
end

-- A sign of the visitor who holds a confirmed lease: what renew.lua and leave.lua have in common.
local function sign_of_holder(now, visitor, own_ms, min_ms, left)
  local record = held_by(visitor)
  if not record or not is_live(record, now) or record.confirmed ~= '1' then
    return { 'none' }
  end
  sign(record, now, min_ms, own_ms)
  record.left = left
  write(record)
  return { 'live', record.number, record.lease, record.assignment, '1' }
end
