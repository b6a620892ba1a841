-- Keys: m, l. Arguments: Seq and how many. It answers with the room, the entry
-- at Seq, and those after it; what that Seq means is up to the caller.
local h = redis.call('HMGET', KEYS[1], 'e', 's', 'i', 'l', 'j')
if not h[1] then return {} end
local head, low, from = tonumber(h[2]), tonumber(h[4] or 0), tonumber(ARGV[1])
local out = {h[1], h[2], h[3], h[4] or '0', h[5] or '', ''}
if from < low or from > head then return out end
if from > low then out[6] = redis.call('HGET', KEYS[2], ARGV[1]) end
local last = math.min(head, from + tonumber(ARGV[2]))
for i = from + 1, last, 100 do
	local seqs = {}
	for seq = i, math.min(last, i + 99) do seqs[#seqs + 1] = string.format('%.0f', seq) end
	for _, entry in ipairs(redis.call('HMGET', KEYS[2], unpack(seqs))) do out[#out + 1] = entry end
end
return out
