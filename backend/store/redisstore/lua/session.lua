-- What the scripts of sessions share. Key: s, a hash: t turn, h its holder,
-- s state, e when the session ends, b until when it is busy (0 or less: it is
-- not), w and a name: that holder waits. c and v are the names of the calls that
-- last gave the turn and saved: made again, since the answer was lost, they are
-- answered as they were.
-- First arguments: the time (empty for Redis' own), the channel of a holder but
-- for its name, the session, and the name of the call.
local S, CALL = KEYS[1], ARGV[4]

local function str(n) return string.format('%.0f', n) end

local now = tonumber(ARGV[1])
if not now then
	local t = redis.call('TIME')
	now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- load returns the session, nil if it is gone. Turns stay strings: a number of
-- Lua does not hold each that may be asked for.
local function load()
	local h = redis.call('HMGET', S, 't', 'h', 'e', 'b', 'c', 'v')
	if not h[1] or tonumber(h[3]) <= now then return nil end
	return {turn = h[1], holder = h[2], busy = tonumber(h[4]), call = h[5], saved = h[6]}
end

-- live has the session end after ttl milliseconds. Redis drops it later, by its
-- own clock, so that this one alone decides.
local function live(ttl)
	redis.call('HSET', S, 'e', str(now + tonumber(ttl)))
	redis.call('PEXPIRE', S, tonumber(ttl) + SLACK)
end

local function tell(holder, turn) redis.call('PUBLISH', ARGV[2] .. holder, turn .. ' ' .. ARGV[3]) end

-- release tells those who wait, but for one who has heard.
local function release(turn, heard)
	for _, field in ipairs(redis.call('HKEYS', S)) do
		if #field > 1 then
			local holder = string.sub(field, 2)
			if holder ~= heard then tell(holder, turn) end
			redis.call('HDEL', S, field)
		end
	end
end
