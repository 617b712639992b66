--[[
Loads a chunk of the pool from the lease history. The pool counts as loaded after the last chunk.
KEYS[5] dni:{tracker}:loading   the loader's lock
ARGV: now, token of the lock, mode, version, then per number
      number, lease, visitor, assignment, age of the last sign ms ("" never), promised for ms, reserved for ms
Mode: "first" forgets what was there, unless this very server loaded it (then only the membership has changed, and
      what is known here is newer than the history); "more"; "last" declares the pool loaded. Joined by "+".
Reply: 1, or 0 where another loader has the lock by now
]]
local now = now_of(ARGV[1])
if redis.call('GET', KEYS[5]) ~= ARGV[2] then
  return 0
end
local mode = ARGV[3]
local id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
if string.find(mode, 'first', 1, true) and redis.call('HGET', KEYS[1], 'id') ~= id then
  redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
end
for at = 5, #ARGV, 7 do
  local number = ARGV[at]
  if not redis.call('HGET', KEYS[3], number) then
    local visitor = ARGV[at + 2]
    redis.call('ZADD', KEYS[2], ARGV[at + 4] == '' and 0 or now - tonumber(ARGV[at + 4]), number)
    if visitor ~= '-' then
      redis.call('HSET', KEYS[4], visitor, number)
    end
    write({
      number = number,
      lease = ARGV[at + 1],
      visitor = visitor,
      confirmed = '1',
      assignment = ARGV[at + 3],
      promised = now + tonumber(ARGV[at + 5]),
      reserved = now + tonumber(ARGV[at + 6]),
      left = '0',
    })
  end
end
if string.find(mode, 'last', 1, true) then
  redis.call('HSET', KEYS[1], 'id', id, 'version', ARGV[4])
  redis.call('DEL', KEYS[5])
end
return 1
