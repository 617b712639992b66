--[[
The number left the pool.
ARGV: number
Reply: 1, or 0 where it was not in this pool
]]
local record = read(ARGV[1])
if not record then
  return 0
end
remove(record)
return 1
