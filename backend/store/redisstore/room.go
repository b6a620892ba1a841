package redisstore

import (
	"crypto/rand"
	"embed"
	"strconv"
	"strings"

	"maru/backend/store"
)

//go:embed lua
var sources embed.FS

// The scripts. Each file of lua says what its keys and arguments are.
var (
	scriptAppend = lua("event", "append")
	scriptTrim   = lua("event", "trim")
	scriptEvents = lua("events")
	scriptPosts  = lua("posts")
	scriptEnter  = lua("event", "presence", "enter")
	scriptLeave  = lua("event", "presence", "leave")
	scriptRenew  = lua("event", "presence", "renew")
	scriptSweep  = lua("event", "presence", "sweep")
	scriptDue    = lua("due")
	scriptNote   = lua("note")
	scriptMark   = lua("mark")
)

// limits are the numbers that scripts know by name.
var limits = strings.NewReplacer(
	"MAX_REACTORS", strconv.Itoa(store.MaxReactors),
	"MAX_REACTS", strconv.Itoa(store.MaxReacts),
	"SLACK", strconv.FormatInt(sessionSlack.Milliseconds(), 10),
)

// lua makes a script of files, one after the other.
func lua(files ...string) *script {
	var source strings.Builder
	for _, name := range files {
		text, err := sources.ReadFile("lua/" + name + ".lua")
		if err != nil {
			panic(err) // the file is part of the program
		}
		source.Write(text)
	}
	return newScript(limits.Replace(source.String()))
}

// onRoom is an invocation of a script that appends events to a room.
func (s *Store) onRoom(sc *script, room string, kinds []string, args ...any) invocation {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		if names[i] = s.keys.of(room, kind); kind == "due" {
			names[i] = s.keys.part(partition(room), kind)
		}
	}
	publish := "PUBLISH"
	if s.cluster {
		publish = "SPUBLISH"
	}
	first := []any{s.now(), rand.Text() + rand.Text(), publish, s.keys.of(room, "f")}
	return invocation{sc, names, append(first, args...)}
}

// What the scripts have as their keys.
var (
	logKeys      = []string{"m", "l", "p", "o", "e", "r"}
	presenceKeys = []string{"m", "l", "c", "w", "u", "k", "due"}
)
