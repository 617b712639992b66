--[[
The number left the pool.
ARGV: number
Reply: 1, or 0 where it was not in this pool
]]
local record = read(ARGV[1])
if not record then
  return 0
end
redis.call('HDEL', KEYS[4], record.visitor)
redis.call('HDEL', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
