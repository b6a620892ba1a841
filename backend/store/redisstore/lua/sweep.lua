-- Argument: how many leases end at once. It answers how many did.
load()
local ended = sweep(ARGV[6])
settle()
return {ended}
