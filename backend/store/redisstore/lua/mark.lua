-- Keys: m, g (hash of users to their marks), gt (ZSET of users to when their
-- marks end). Arguments: the time or nothing, user, then to write: ttl in
-- milliseconds and seq. It answers with the mark, 0 if there is none.
local now, user, ttl, seq = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
if not now then
	local t = redis.call('TIME')
	now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
local at, ends = 0, redis.call('ZSCORE', KEYS[3], user)
if ends and tonumber(ends) > now then at = tonumber(redis.call('HGET', KEYS[2], user) or 0) end
local head = tonumber(redis.call('HGET', KEYS[1], 's') or 0)
if not ttl or head == 0 then return {string.format('%.0f', at)} end
-- Each write takes a few of those away whose time is over.
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', now), 'LIMIT', 0, 4)) do
	redis.call('HDEL', KEYS[2], old)
	redis.call('ZREM', KEYS[3], old)
end
at = math.max(at, math.min(seq, head))
redis.call('HSET', KEYS[2], user, string.format('%.0f', at))
redis.call('ZADD', KEYS[3], string.format('%.0f', now + ttl), user)
redis.call('PEXPIRE', KEYS[2], string.format('%.0f', ttl))
redis.call('PEXPIRE', KEYS[3], string.format('%.0f', ttl))
return {string.format('%.0f', at)}
