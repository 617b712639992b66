--[[
The lease history does not say of a lease what we do: take over what it says of its number, and of the number that the
visitor holds instead.
ARGV: now, number, lease, then for each of these numbers that the lease history has in this pool
      number, lease, visitor, assignment, age of the last sign ms ("" never), promised for ms, reserved for ms
Reply: 1, or 0 where the number has another lease by now and nothing was taken over of it
]]
local now = now_of(ARGV[1])
local record = read(ARGV[2])
local is_ours = record ~= nil and record.lease == ARGV[3]
if is_ours and ARGV[4] ~= record.number then
  remove(record)
end
for at = 4, #ARGV, 7 do
  if is_ours or ARGV[at] ~= ARGV[2] then
    learn(ARGV[at], now, at + 1)
  end
end
return is_ours and 1 or 0
