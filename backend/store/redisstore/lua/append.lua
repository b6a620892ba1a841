-- Keys: p and o (ZSETs of author and ID to Seq: of messages, and of all else),
-- e (hash of a message's Seq to that of its last edit, whose entry names the
-- one before), r (hash of a message's Seq to the list of its reactions: emoji,
-- author, emoji, author, in the order in which they began).
-- Arguments: kind, author, ID, target, body, and 1 if a retry is to write.
local P, O, E, R = KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local kind, author, id, target, body = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local key = #author .. ':' .. author .. id

local function erase(seq)
	local e = parse(redis.call('HGET', L, seq))
	redis.call('HSET', L, seq, pack(e.kind .. '!', e.at, e.target, '0', e.author, e.id, ''))
	return e.before
end

load()
local first = redis.call('ZSCORE', P, key) or redis.call('ZSCORE', O, key)
if first then
	local entry = redis.call('HGET', L, first)
	local e = parse(entry)
	if e.kind ~= kind or e.target ~= target or not e.erased and e.body ~= body then return {'conflict'} end
	-- Who waits for replicas waits for what this connection has written.
	if ARGV[10] == '1' then redis.call('HSET', M, 'e', room.e) end
	return {'again', tonumber(first), entry}
end

local now = clock()
if kind == 'm' then
	redis.call('ZADD', P, str(room.s + 1), key)
	local seq = add(now, kind, target, '0', author, id, body)
	return {'new', tonumber(seq), room.t}
end

local entry = redis.call('HGET', L, target)
if not entry or string.sub(entry, 1, 2) ~= 'm ' then return {'no target'} end

local before = '0'
if kind == 'e' then
	before = redis.call('HGET', E, target) or '0'
	redis.call('HSET', E, target, str(room.s + 1))
elseif kind == 'd' then
	local edit = redis.call('HGET', E, target)
	while edit and edit ~= '0' do edit = erase(edit) end
	erase(target)
	redis.call('HDEL', E, target)
	redis.call('HDEL', R, target)
else
	local reacts, known, emojis, at = list(redis.call('HGET', R, target)), {}, 0, nil
	for i = 1, #reacts, 2 do
		if not known[reacts[i]] then known[reacts[i]], emojis = true, emojis + 1 end
		if reacts[i] == body and reacts[i + 1] == author then at = i end
	end
	if kind == 'r' and not at then
		if #reacts / 2 >= MAX_REACTORS or not known[body] and emojis >= MAX_REACTS then return {'too many'} end
		reacts[#reacts + 1] = body
		reacts[#reacts + 1] = author
		redis.call('HSET', R, target, join(reacts))
	elseif kind == 'u' and at then
		table.remove(reacts, at)
		table.remove(reacts, at)
		if #reacts == 0 then redis.call('HDEL', R, target) else redis.call('HSET', R, target, join(reacts)) end
	end
end
redis.call('ZADD', O, str(room.s + 1), key)
local seq = add(now, kind, target, before, author, id, body)
return {'new', tonumber(seq), room.t}
