-- Arguments: holder, ttl in milliseconds, state.
local old = load()
if old then
	if old.turn == '1' and old.call == CALL then return {'opened'} end
	return {'conflict'}
end
redis.call('DEL', S)
redis.call('HSET', S, 't', '1', 'h', ARGV[5], 's', ARGV[7], 'b', '0', 'c', CALL)
live(ARGV[6])
return {'opened'}
