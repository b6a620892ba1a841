-- Argument: turn.
local old = load()
if not old then return {'gone'} end
if old.turn ~= ARGV[5] then return {'lost'} end
release(str(tonumber(old.turn) + 1))
redis.call('DEL', S)
return {'gone'}
