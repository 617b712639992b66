--[[
These leases are in the lease history.
ARGV: per lease number, lease
Reply: how many; the others' numbers have another lease by now
]]
local confirmed = 0
for at = 1, #ARGV, 2 do
  local record = read(ARGV[at])
  if record and record.lease == ARGV[at + 1] then
    record.confirmed = '1'
    write(record)
    confirmed = confirmed + 1
  end
end
return confirmed
