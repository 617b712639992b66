--[[
Counts the pool. Reads every number: for people, not for the way of a visitor.
ARGV: now, version
Reply: {"absent"} · {"counts", numbers, leased, free}
]]
local now = now_of(ARGV[1])
if not is_loaded(ARGV[2]) then
  return { 'absent' }
end
local numbers = redis.call('HKEYS', KEYS[3])
local leased, free = 0, 0
for _, number in ipairs(numbers) do
  local record = read(number)
  if is_live(record, now) then
    leased = leased + 1
  elseif record.reserved <= now then
    free = free + 1
  end
end
return { 'counts', #numbers, leased, free }
