-- Keys: due, n (hash of notes) and nt (ZSET of a note to its end), all of a
-- partition. Arguments: the time or nothing, how many rooms and notes at once.
-- It drops notes whose time is over, and answers with the time, whether there
-- is more, the end of the earliest lease that has not ended (or 0), and rooms
-- with leases that have.
local now = tonumber(ARGV[1])
if not now then
	local t = redis.call('TIME')
	now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end
local till = string.format('%.0f', now)
local over = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', till, 'LIMIT', 0, ARGV[2])
for i = 1, #over, 100 do
	local some = {}
	for k = i, math.min(#over, i + 99) do some[#some + 1] = over[k] end
	redis.call('HDEL', KEYS[2], unpack(some))
	redis.call('ZREM', KEYS[3], unpack(some))
end
local rooms = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', till, 'LIMIT', 0, ARGV[2])
local next = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. till, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local out = {now, #over == tonumber(ARGV[2]) and 1 or 0, tonumber(next[2] or 0)}
for _, room in ipairs(rooms) do out[#out + 1] = room end
return out
