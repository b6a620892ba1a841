-- What scripts share that append events. Their first keys are m (the room) and
-- l (its log), their first arguments the time (empty for Redis' own), something
-- random, the command that publishes, and the channel.
--
-- m is a hash: e epoch, s and i Seq and ID of the newest event, t its time,
-- l and j Seq and ID of the newest one that was trimmed.
local M, L = KEYS[1], KEYS[2]

local function str(n) return string.format('%.0f', n) end

local function clock()
	if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
	local t = redis.call('TIME')
	return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local room
local function load()
	local h = redis.call('HMGET', M, 'e', 's', 'i', 't')
	room = {e = h[1], s = tonumber(h[2] or 0), i = h[3] or '', t = tonumber(h[4] or 0)}
end

-- An entry of the log: kind, '!' if it is erased, time, target, the edit
-- before it, the lengths of author and ID, and then these and the body.
local function pack(kind, at, target, before, author, id, body)
	return table.concat({kind, str(at), target, before, #author, #id, author .. id .. body}, ' ')
end

local function parse(entry)
	local _, last, kind, erased, at, target, before, a, i =
		string.find(entry, '^(%a)(!?) (%d+) (%-?%d+) (%d+) (%d+) (%d+) ')
	a, i = tonumber(a), tonumber(i)
	return {kind = kind, erased = erased ~= '', at = tonumber(at), target = target, before = before,
		author = string.sub(entry, last + 1, last + a),
		id = string.sub(entry, last + a + 1, last + a + i),
		body = string.sub(entry, last + a + i + 1)}
end

-- add appends an event, publishes it, and returns its Seq. A frame is the epoch,
-- Seq, the ID of the event before, with its length, and the entry.
local function add(now, kind, target, before, author, id, body)
	if not room.e then room.e = string.sub(ARGV[2], 1, 16) end
	local prev = room.i
	room.s, room.i, room.t = room.s + 1, id, math.max(room.t, now)
	local seq, entry = str(room.s), pack(kind, room.t, target, before, author, id, body)
	redis.call('HSET', L, seq, entry)
	redis.call('HSET', M, 'e', room.e, 's', seq, 'i', id, 't', str(room.t))
	redis.call(ARGV[3], ARGV[4], table.concat({room.e, seq, #prev, prev .. entry}, ' '))
	return seq
end

-- The reactions to a message are fields of r: its Seq has how many there are and
-- their emojis, Seq and emoji have the authors in the order in which they began,
-- each with a line feed around it. In both, line feeds are escaped.
local function reacts(R, seq)
	local all, s = {}, redis.call('HGET', R, seq)
	if not s then return 0, all end
	local _, last, total = string.find(s, '^(%d+)\n')
	for emoji in string.gmatch(string.sub(s, last + 1), '([^\n]+)\n') do all[#all + 1] = emoji end
	return tonumber(total), all
end

local function unreact(R, seq)
	local _, all = reacts(R, seq)
	for _, emoji in ipairs(all) do redis.call('HDEL', R, seq .. ' ' .. emoji) end
	redis.call('HDEL', R, seq)
end

-- A list of strings, each with its length before it: 1:a2:bc.
local function list(s)
	local all, at = {}, 1
	while s and at <= #s do
		local _, last, n = string.find(s, '^(%d+):', at)
		at = last + 1 + tonumber(n)
		all[#all + 1] = string.sub(s, last + 1, at - 1)
	end
	return all
end

local function join(all)
	local out = {}
	for i, s in ipairs(all) do out[i] = #s .. ':' .. s end
	return table.concat(out)
end
