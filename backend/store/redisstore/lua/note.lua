-- Keys: n, nt. Arguments: the time or nothing, key, then to write: ttl in
-- milliseconds and value; an empty value forgets. To read it answers with the
-- value or nothing.
local now, key, ttl, value = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]
if not now then
	local t = redis.call('TIME')
	now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
if not ttl then
	local ends = redis.call('ZSCORE', KEYS[2], key)
	if not ends or tonumber(ends) <= now then return {} end
	return {redis.call('HGET', KEYS[1], key)}
elseif value == '' then
	redis.call('HDEL', KEYS[1], key)
	redis.call('ZREM', KEYS[2], key)
else
	redis.call('HSET', KEYS[1], key, value)
	redis.call('ZADD', KEYS[2], string.format('%.0f', now + ttl), key)
end
return {}
