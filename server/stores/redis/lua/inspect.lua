--[[
Counts some numbers of the pool, those from a cursor on. Asked until the cursor is 0 again, it reads every number: for
people, not for the way of a visitor.
ARGV: now, version, cursor
Reply: {"absent"} · {"counts", next cursor, numbers, leased, free}
]]
local now = now_of(ARGV[1])
if not is_loaded(ARGV[2]) then
  return { 'absent' }
end
local scanned = redis.call('HSCAN', KEYS[2], ARGV[3], 'COUNT', 500)
local leased, free = 0, 0
for at = 1, #scanned[2], 2 do
  local record = read(scanned[2][at])
  if is_live(record, now) then
    leased = leased + 1
  elseif record.reserved <= now then
    free = free + 1
  end
end
return { 'counts', scanned[1], #scanned[2] / 2, leased, free }
