--[[
A call came in: the number stays reserved for so long, unless the pool is short. Not a sign of its visitor: a lease
that was over stays over.
ARGV: now, number, ms
Reply: 1, or 0 where the number is not in this pool
]]
local now = now_of(ARGV[1])
local record = read(ARGV[2])
if not record then
  return 0
end
if not is_live(record, now) then
  record.lease = '-'
end
record.reserved = math.max(record.reserved, now + tonumber(ARGV[3]))
write(record)
return 1
