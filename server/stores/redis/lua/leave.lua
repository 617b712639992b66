--[[
The visitor left the page: the last sign for now.
ARGV: now, visitor, own window ms, min reservation ms, version
Reply: {"absent"} · {"none"} · {"live", number, lease, assignment, "1"}
]]
local now = now_of(ARGV[1])
if not is_loaded(ARGV[5]) then
  return { 'absent' }
end
local record = held_by(ARGV[2])
if not record or not is_live(record, now) or record.confirmed ~= '1' then
  return { 'none' }
end
sign(record, now, tonumber(ARGV[4]), tonumber(ARGV[3]))
record.left = '1'
write(record)
return { 'live', record.number, record.lease, record.assignment, '1' }
