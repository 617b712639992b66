--[[
A sign of the visitor who holds a confirmed lease.
ARGV: now, visitor, own window ms, min reservation ms, version
Reply: {"absent"} · {"none"} · {"live", number, lease, assignment, "1"}
]]
if not is_loaded(ARGV[5]) then
  return { 'absent' }
end
return sign_of_holder(now_of(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), '0')
