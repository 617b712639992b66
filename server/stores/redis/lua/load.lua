--[[
Loads the pool from the lease history, step by step, so that other pools are served in between. It counts as loaded
after the last step.
KEYS[8] dni:{tracker}:loading   the loader's lock
ARGV: now, token of the lock, how long it is kept ms, step, then
      "first": nothing. Forgets what was there, unless it is sound (then only the membership has changed, and what is
               known here is newer than the history)
      "more": per number: number, lease, visitor, assignment, age of the last sign ms ("" never), promised for ms,
              reserved for ms
      "last": version
Reply: 0 where another loader has the lock by now, else 1; to "first" 2 where what was there is kept
]]
local now = now_of(ARGV[1])
if redis.call('GET', KEYS[8]) ~= ARGV[2] then
  return 0
end
redis.call('PEXPIRE', KEYS[8], ARGV[3])
local step = ARGV[4]
local id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
if step == 'first' then
  if redis.call('HGET', KEYS[1], 'id') == id and not is_set_back(now) then
    return 2
  end
  redis.call('UNLINK', unpack(KEYS, 1, 7))
elseif step == 'more' then
  for at = 5, #ARGV, 7 do
    if redis.call('HEXISTS', KEYS[2], ARGV[at]) == 0 then
      learn(ARGV[at], now, at + 1)
    end
  end
else
  redis.call('HSET', KEYS[1], 'id', id, 'version', ARGV[5])
  redis.call('DEL', KEYS[8])
end
return 1
