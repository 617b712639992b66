--[[
The visitor's live lease, else a new one proposed.
ARGV: now, visitor, new lease id, own window ms, reservation ms, min reservation ms, grace ms, version, live only (1|0)
Reply: {"absent"} the pool must be loaded first · {"again"} more to tidy, ask again · {"none"} ·
       {"live"|"new", number, lease, assignment, confirmed}
]]
local now = now_of(ARGV[1])
local visitor = ARGV[2]
local own_ms = tonumber(ARGV[4])
local reservation_ms = tonumber(ARGV[5])
local min_ms = tonumber(ARGV[6])
-- Renewals reach Postgres up to so much later: without the wait it would refuse what we propose.
local rested = now - tonumber(ARGV[7])
-- How many numbers one call may move between an order and its waiting room: others get their turn in between.
local moves = 500

if not is_loaded(ARGV[8]) then
  return { 'absent' }
end

local own = held_by(visitor)
if own and is_ahead(own.signed, now) then
  return { 'absent' }
end
if own and is_live(own, now) then
  sign(own, now, min_ms, own_ms)
  write(own)
  return { 'live', own.number, own.lease, own.assignment, own.confirmed }
end
if ARGV[9] == '1' then
  return { 'none' }
end

-- Puts the numbers back into their order that need wait no longer.
local function take_back(order, later)
  while moves > 0 do
    local due = redis.call('ZRANGEBYSCORE', later, '-inf', rested, 'LIMIT', 0, 16)
    for _, number in ipairs(due) do
      redis.call('ZADD', order, read(number).signed, number)
      redis.call('ZREM', later, number)
    end
    if #due == 0 then
      return
    end
    moves = moves - #due
  end
end

-- The number whose last sign is oldest, of those silent for the window whose field ("reserved" or "promised") is over.
-- One that is kept longer than by its last sign (by a call, or by a window that was longer then) leaves the order until
-- it is free, so that it is passed over once and not for every visitor.
local function oldest(order, later, window_ms, field)
  take_back(order, later)
  while moves > 0 do
    local number = redis.call('ZRANGEBYSCORE', order, '-inf', rested - window_ms, 'LIMIT', 0, 1)[1]
    local record = number and read(number)
    if not record or record[field] <= rested then
      return record
    end
    redis.call('ZREM', order, number)
    redis.call('ZADD', later, record[field], number)
    moves = moves - 1
  end
  return nil
end

local record = own or oldest(KEYS[4], KEYS[6], reservation_ms, 'reserved')
if not record and is_set_back(now) then
  return { 'absent' }
end
record = record or oldest(KEYS[5], KEYS[7], min_ms, 'promised')
if not record then
  return { moves > 0 and 'none' or 'again' }
end

record.assignment = (record.visitor == visitor or record.reserved <= rested) and 'exclusive' or 'elastic'
forget(record)
record.lease = ARGV[3]
record.visitor = visitor
record.confirmed = '0'
record.reserved = 0
remember(record)
sign(record, now, min_ms, own_ms)
write(record)
return { 'new', record.number, record.lease, record.assignment, '0' }
