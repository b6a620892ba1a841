-- Arguments: ttl in milliseconds, connections. It answers with those that have
-- no lease.
local gone, ends = {}, str(now + tonumber(ARGV[6]))
for i = 7, #ARGV do
	local till = redis.call('ZSCORE', W, ARGV[i])
	if till and tonumber(till) > now then
		redis.call('ZADD', W, ends, ARGV[i])
	else
		gone[#gone + 1] = ARGV[i]
	end
end
settle()
return gone
