-- Keys: p, o, e, r as in append. Arguments: how many stay, for how long in
-- milliseconds (0 sets no bound), and how many are dropped at once. It answers
-- whether there may be more to drop.
local P, O, E, R = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local count, age, step = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
load()
if not room.e then return {0} end
local low, id, oldest = tonumber(redis.call('HGET', M, 'l') or 0), nil, clock() - age
local last, seqs = math.min(room.s, low + step), {}
while low < last do
	local e = parse(redis.call('HGET', L, str(low + 1)))
	if not (count > 0 and room.s - low > count or age > 0 and e.at < oldest) then break end
	low, id = low + 1, e.id
	seqs[#seqs + 1] = str(low)
end
for i = 1, #seqs, 100 do
	local some = {}
	for k = i, math.min(#seqs, i + 99) do some[#some + 1] = seqs[k] end
	for k, has in ipairs(redis.call('HMGET', R, unpack(some))) do
		if has then unreact(R, some[k]) end
	end
	redis.call('HDEL', L, unpack(some))
	redis.call('HDEL', E, unpack(some))
end
if id then
	redis.call('ZREMRANGEBYSCORE', P, '-inf', str(low))
	redis.call('ZREMRANGEBYSCORE', O, '-inf', str(low))
	redis.call('HSET', M, 'l', str(low), 'j', id)
end
return {(low == last and low < room.s) and 1 or 0}
