-- Argument: connection.
load()
if redis.call('HEXISTS', C, ARGV[6]) == 1 then
	drop(ARGV[6])
	settle()
end
return {'left'}
