-- Keys: p and o (ZSETs of author and ID to Seq: of messages, and of all else),
-- e (hash of a message's Seq to that of its last edit, whose entry names the
-- one before), r (hash of reactions, see event.lua).
-- Arguments: kind, author, ID, target, body, 1 if a retry is to write, and the
-- emoji and author of a reaction, escaped.
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
if kind ~= 'm' or target ~= '0' then
	local entry = redis.call('HGET', L, target)
	if not entry or string.sub(entry, 1, 2) ~= 'm ' then return {'no target'} end
end
if kind == 'm' then
	redis.call('ZADD', P, str(room.s + 1), key)
	local seq = add(now, kind, target, '0', author, id, body)
	return {'new', tonumber(seq), room.t}
end

local before = '0'
if kind == 'e' then
	before = redis.call('HGET', E, target) or '0'
	redis.call('HSET', E, target, str(room.s + 1))
elseif kind == 'd' then
	local edit = redis.call('HGET', E, target)
	while edit and edit ~= '0' do edit = erase(edit) end
	erase(target)
	redis.call('HDEL', E, target)
	unreact(R, target)
else
	local emoji, by = ARGV[11], ARGV[12]
	local total, emojis = reacts(R, target)
	local field = target .. ' ' .. emoji
	local authors = redis.call('HGET', R, field) or '\n'
	local from, till = string.find(authors, '\n' .. by .. '\n', 1, true)
	if kind == 'r' and not from then
		local new = authors == '\n'
		if total >= MAX_REACTORS or new and #emojis >= MAX_REACTS then return {'too many'} end
		if new then emojis[#emojis + 1] = emoji end
		authors, total = authors .. by .. '\n', total + 1
	elseif kind == 'u' and from then
		authors, total = string.sub(authors, 1, from) .. string.sub(authors, till + 1), total - 1
		for i = #emojis, 1, -1 do
			if authors == '\n' and emojis[i] == emoji then table.remove(emojis, i) end
		end
	end
	if authors == '\n' then redis.call('HDEL', R, field) else redis.call('HSET', R, field, authors) end
	if total == 0 then
		redis.call('HDEL', R, target)
	else
		redis.call('HSET', R, target, total .. '\n' .. table.concat(emojis, '\n') .. '\n')
	end
end
redis.call('ZADD', O, str(room.s + 1), key)
local seq = add(now, kind, target, before, author, id, body)
return {'new', tonumber(seq), room.t}
