-- Arguments: connection, user, key, info, ttl in milliseconds.
local conn, user, key, info = ARGV[6], ARGV[7], ARGV[8], ARGV[9]
load()
sweep(-1)
local old = list(redis.call('HGET', C, conn))
if old[1] and old[1] ~= user then
	settle()
	return {'conflict'}
end
local holders = list(redis.call('HGET', K, key))
if holders[1] and holders[1] ~= user then
	local till = 0
	for i = 2, #holders do till = math.max(till, tonumber(redis.call('ZSCORE', W, holders[i]))) end
	settle()
	return {'taken', now, till}
end
if not old[1] then
	if redis.call('HINCRBY', U, user, 1) == 1 then tell('j', user, info) end
	claim(key, user, conn)
elseif old[2] ~= key then
	unclaim(old[2], conn)
	claim(key, user, conn)
end
redis.call('HSET', C, conn, join({user, key, info}))
redis.call('ZADD', W, str(now + tonumber(ARGV[10])), conn)
settle()
return {'entered'}
