-- What scripts share that change who is in a room. Keys: c (hash of a connection
-- to the list of its user, key and info), w (ZSET of a connection to the end of
-- its lease), u (hash of a user to how many connections), k (hash of a key to
-- the list of its user and the connections that claim it), and due, of the
-- partition (ZSET of a room to the earliest end of its leases).
-- The first argument after those of an event is the room.
local C, W, U, K, DUE = KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local now, events = clock(), 0

local function tell(kind, user, info)
	events = events + 1
	add(now, kind, '0', '0', user, table.concat({kind, string.sub(ARGV[2], 17, 42), events}, '-'), info)
end

local function unclaim(key, conn)
	if key == '' then return end
	local all = list(redis.call('HGET', K, key))
	for i = #all, 2, -1 do
		if all[i] == conn then table.remove(all, i) end
	end
	if #all < 2 then redis.call('HDEL', K, key) else redis.call('HSET', K, key, join(all)) end
end

local function claim(key, user, conn)
	if key == '' then return end
	local all = list(redis.call('HGET', K, key))
	if #all == 0 then all[1] = user end
	all[#all + 1] = conn
	redis.call('HSET', K, key, join(all))
end

local function drop(conn)
	local m = list(redis.call('HGET', C, conn))
	redis.call('HDEL', C, conn)
	redis.call('ZREM', W, conn)
	unclaim(m[2], conn)
	if redis.call('HINCRBY', U, m[1], -1) <= 0 then
		redis.call('HDEL', U, m[1])
		tell('l', m[1], m[3])
	end
end

-- sweep ends up to limit leases whose time is over, and returns how many.
local function sweep(limit)
	local over = redis.call('ZRANGEBYSCORE', W, '-inf', str(now), 'LIMIT', 0, limit)
	for _, conn in ipairs(over) do drop(conn) end
	return #over
end

-- settle keeps due true, and returns the earliest end of a lease, or 0.
local function settle()
	local first = redis.call('ZRANGE', W, 0, 0, 'WITHSCORES')
	if not first[1] then
		redis.call('ZREM', DUE, ARGV[5])
		return 0
	end
	redis.call('ZADD', DUE, first[2], ARGV[5])
	return tonumber(first[2])
end
