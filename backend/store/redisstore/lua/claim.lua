-- Arguments: holder, the turn that it has or 0, busy and ttl in milliseconds.
-- It answers with the turn, and if that is another one with the state.
local holder, known, busy = ARGV[5], ARGV[6], tonumber(ARGV[7])
local old = load()
if not old then return {'gone'} end
if old.holder == holder and old.turn == known then
	live(ARGV[8])
	if busy > 0 then redis.call('HSET', S, 'b', str(now + busy)) end
	return {'has', known}
end
if old.holder == holder and old.call == CALL then
	return {'takes', old.turn, redis.call('HGET', S, 's')}
end
if old.busy > now then
	redis.call('HSET', S, 'w' .. holder, '')
	return {'busy'}
end
local turn = str(redis.call('HINCRBY', S, 't', 1))
tell(old.holder, turn)
redis.call('HDEL', S, 'w' .. holder)
if busy == 0 then release(turn, old.holder) end
redis.call('HSET', S, 'h', holder, 'b', busy > 0 and str(now + busy) or '0', 'c', CALL)
live(ARGV[8])
return {'takes', turn, redis.call('HGET', S, 's')}
