-- Keys: l, p, e, r. Arguments: 'page', the Seq before which, how many; or 'get'
-- and Seqs. It answers with Seq, entry, entry of the last edit, and reactions of
-- each post: of each emoji it and its authors, with the length before each.
local function reacts(seq, s)
	local out = {}
	for emoji in string.gmatch(string.match(s, '\n.*'), '([^\n]+)\n') do
		local authors = redis.call('HGET', KEYS[4], seq .. ' ' .. emoji)
		out[#out + 1] = #emoji .. ':' .. emoji .. #authors .. ':' .. authors
	end
	return table.concat(out)
end

local seqs, out = {}, {}
if ARGV[1] == 'page' then
	local found = redis.call('ZREVRANGEBYSCORE', KEYS[2], ARGV[2], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
	for i = 2, #found, 2 do seqs[#seqs + 1] = found[i] end
else
	for i = 2, #ARGV do seqs[#seqs + 1] = ARGV[i] end
end
for i = 1, #seqs, 100 do
	local some = {}
	for k = i, math.min(#seqs, i + 99) do some[#some + 1] = seqs[k] end
	local entries = redis.call('HMGET', KEYS[1], unpack(some))
	local edits = redis.call('HMGET', KEYS[3], unpack(some))
	local reacted = redis.call('HMGET', KEYS[4], unpack(some))
	for k, seq in ipairs(some) do
		if entries[k] and string.sub(entries[k], 1, 1) == 'm' then
			out[#out + 1] = seq
			out[#out + 1] = entries[k]
			out[#out + 1] = edits[k] and redis.call('HGET', KEYS[1], edits[k]) or ''
			out[#out + 1] = reacted[k] and reacts(seq, reacted[k]) or ''
		end
	end
end
return out
