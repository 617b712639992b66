--[[
The lease is in the lease history.
ARGV: number, lease
Reply: 1, or 0 where the number has another lease by now
]]
local record = read(ARGV[1])
if not record or record.lease ~= ARGV[2] then
  return 0
end
record.confirmed = '1'
write(record)
return 1
