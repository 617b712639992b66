--[[
For each of several visitors their live lease, else a new one proposed. Asked together, because most of what a call
costs does not depend on how many ask.
ARGV: now, grace ms, version, then per ask
      visitor, new lease id, own window ms, reservation ms, min reservation ms, live only (1|0)
Reply: one per ask: {"absent"} the pool must be loaded first · {"again"} more to tidy, ask again · {"none"} ·
       {"live"|"new", number, lease, assignment, confirmed}
]]
local now = now_of(ARGV[1])
-- Renewals reach Postgres up to so much later: without the wait it would refuse what we propose.
local rested = now - tonumber(ARGV[2])
local loaded = is_loaded(ARGV[3])
-- How many numbers one call may move between an order and its waiting room: others get their turn in between.
local moves = 500

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

local function acquire(visitor, lease, own_ms, reservation_ms, min_ms, live_only)
  local own = held_by(visitor)
  if own and is_ahead(own.signed, now) then
    return { 'absent' }
  end
  if own and is_live(own, now) then
    sign(own, now, min_ms, own_ms)
    write(own)
    return { 'live', own.number, own.lease, own.assignment, own.confirmed }
  end
  if live_only then
    return { 'none' }
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
  record.lease = lease
  record.visitor = visitor
  record.confirmed = '0'
  record.reserved = 0
  remember(record)
  sign(record, now, min_ms, own_ms)
  write(record)
  return { 'new', record.number, record.lease, record.assignment, '0' }
end

local replies = {}
for at = 4, #ARGV, 6 do
  replies[#replies + 1] = loaded
      and acquire(
        ARGV[at],
        ARGV[at + 1],
        tonumber(ARGV[at + 2]),
        tonumber(ARGV[at + 3]),
        tonumber(ARGV[at + 4]),
        ARGV[at + 5] == '1'
      )
    or { 'absent' }
end
return replies
