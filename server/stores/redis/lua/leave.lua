--[[
The visitor left the page: the last sign for now.
ARGV: now, visitor, own window ms, min reservation ms, grace ms, version
Reply: {"absent"} · {"none"} · {"live", number, lease, assignment, "1"} taken ·
       {"ask", number, lease, assignment, confirmed} not taken: the lease history must be asked
]]
local now = now_of(ARGV[1])
if not is_loaded(ARGV[6]) then
  return { 'absent' }
end
return sign_of_holder(now, ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]))
