--[[
The lease history refused a lease: take over what it says of the number.
ARGV: now, number, refused lease, then either nothing (the number is not in this pool) or
      lease, visitor, assignment, age of the last sign ms ("" never), promised for ms, reserved for ms
Reply: 1, or 0 where the number has another lease by now
]]
local now = now_of(ARGV[1])
local record = read(ARGV[2])
if not record or record.lease ~= ARGV[3] then
  return 0
end
redis.call('HDEL', KEYS[4], record.visitor)
if not ARGV[4] then
  redis.call('ZREM', KEYS[2], ARGV[2])
  redis.call('HDEL', KEYS[3], ARGV[2])
  return 1
end
record.lease = ARGV[4]
record.visitor = ARGV[5]
record.assignment = ARGV[6]
record.confirmed = '1'
record.left = '0'
record.promised = now + tonumber(ARGV[8])
record.reserved = now + tonumber(ARGV[9])
if record.visitor ~= '-' then
  redis.call('HSET', KEYS[4], record.visitor, record.number)
end
redis.call('ZADD', KEYS[2], ARGV[7] == '' and 0 or now - tonumber(ARGV[7]), record.number)
write(record)
return 1
