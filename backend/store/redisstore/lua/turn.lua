-- It answers with the turn, or nothing if the session is gone.
local s = load()
return {s and s.turn}
