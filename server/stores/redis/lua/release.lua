--[[
The visitor gives the number up and is forgotten; the number rests as if its reservation went on.
ARGV: now, visitor
Reply: {"none"} · {"live", number, lease, assignment, confirmed}
]]
local now = now_of(ARGV[1])
local record = held_by(ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
if not record then
  return { 'none' }
end
local reply = { 'live', record.number, record.lease, record.assignment, record.confirmed }
local live = is_live(record, now)
record.lease = '-'
record.visitor = '-'
write(record)
return live and reply or { 'none' }
