-- Arguments: turn, ttl in milliseconds, 1 if it is free, state.
local turn = ARGV[5]
local old = load()
if not old then return {'gone'} end
if old.saved == CALL then return {'saved'} end
if old.turn ~= turn then return {'lost'} end
redis.call('HSET', S, 's', ARGV[8], 'v', CALL)
if ARGV[7] == '1' then
	redis.call('HSET', S, 'b', '0')
	release(turn)
end
live(ARGV[6])
return {'saved'}
