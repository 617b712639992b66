--[[
The visitor's live lease, else a new one proposed.
ARGV: now, visitor, new lease id, own window ms, reservation ms, min reservation ms, grace ms, version, live only (1|0)
Reply: {"absent"} the pool must be loaded first · {"none"} · {"live"|"new", number, lease, assignment, confirmed}
]]
local now = now_of(ARGV[1])
local visitor = ARGV[2]
local own_ms = tonumber(ARGV[4])
local reservation_ms = tonumber(ARGV[5])
local min_ms = tonumber(ARGV[6])
-- Renewals reach Postgres up to so much later: without the wait it would refuse what we propose.
local rested = now - tonumber(ARGV[7])

if not is_loaded(ARGV[8]) then
  return { 'absent' }
end

local own = held_by(visitor)
if own and is_live(own, now) then
  sign(own, now, min_ms, own_ms)
  own.left = '0'
  write(own)
  return { 'live', own.number, own.lease, own.assignment, own.confirmed }
end
if ARGV[9] == '1' then
  return { 'none' }
end

-- The number whose last sign is oldest and whose field ("reserved" or "promised") is over. The range holds only
-- numbers silent for the whole window; those passed over in it are the few that a call or an older, longer promise
-- keeps, so this is one look-up whatever the pool's size.
local function oldest(window_ms, field)
  local from = 0
  while true do
    local numbers = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', rested - window_ms, 'LIMIT', from, 16)
    for _, number in ipairs(numbers) do
      local record = read(number)
      if record and record[field] <= rested then
        return record
      end
    end
    if #numbers < 16 then
      return nil
    end
    from = from + 16
  end
end

local record = own or oldest(reservation_ms, 'reserved') or oldest(min_ms, 'promised')
if not record then
  return { 'none' }
end

record.assignment = (record.visitor == visitor or record.reserved <= rested) and 'exclusive' or 'elastic'
if record.visitor ~= visitor and record.visitor ~= '-' then
  redis.call('HDEL', KEYS[4], record.visitor)
end
redis.call('HSET', KEYS[4], visitor, record.number)
record.lease = ARGV[3]
record.visitor = visitor
record.confirmed = '0'
record.left = '0'
record.reserved = 0
sign(record, now, min_ms, own_ms)
write(record)
return { 'new', record.number, record.lease, record.assignment, '0' }
