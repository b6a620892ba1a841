package judge

import (
	"slices"
	"time"
)

// stay is what is known of a person in a room.
type stay struct {
	who  string
	in   bool
	gone time.Duration // since when not, if it was
}

// presence looks at who came and went by the log, and whether that is what
// people did.
func (c *check) presence() {
	stays := c.stays()
	open := map[string]map[string]bool{} // room → users that are in by the log
	for name, r := range c.rooms {
		open[name] = c.comings(r)
		for user := range open[name] {
			s, known := stays[place{user, name}]
			switch {
			case !known:
				c.fail(Presence, Line{T: r.read, Room: name}, "%s is in and never came", user)
			case !s.in && r.read-s.gone > c.options.Linger:
				c.fail(Presence, Line{T: r.read, Who: s.who, Room: name}, "went %v ago, and never left by the log", (r.read - s.gone).Round(time.Millisecond))
			}
		}
		for key, s := range stays {
			if key.room == name && s.in && !open[name][key.who] {
				c.fail(Presence, Line{T: r.read, Who: s.who, Room: name}, "is in, and left by the log")
			}
		}
	}
	c.lists(stays, open)
}

// stays gathers, by user and room, who is in and who is gone.
func (c *check) stays() map[place]stay {
	stays, user := map[place]stay{}, map[place]string{}
	for _, l := range c.lines {
		switch l.Op {
		case Inside:
			user[place{l.Who, l.Room}] = l.User
			stays[place{l.User, l.Room}] = stay{who: l.Who, in: true}
		case Exit:
			if u, ok := user[place{l.Who, l.Room}]; ok {
				stays[place{u, l.Room}] = stay{who: l.Who, gone: l.T}
			}
		case Vanish:
			for key, u := range user {
				if s := stays[place{u, key.room}]; key.who == l.Who && s.in {
					stays[place{u, key.room}] = stay{who: l.Who, gone: l.T}
				}
			}
		}
	}
	return stays
}

// comings follows the log's own comings and goings, which take turns.
func (c *check) comings(r *room) map[string]bool {
	in := map[string]bool{}
	for _, l := range r.log {
		switch {
		case l.Kind == "join" && in[l.User]:
			c.fail(Presence, l, "%s comes a second time at %d", l.User, l.Seq)
		case l.Kind == "leave" && !in[l.User]:
			c.fail(Presence, l, "%s leaves a second time at %d", l.User, l.Seq)
		case l.Kind == "join":
			in[l.User] = true
		case l.Kind == "leave":
			delete(in, l.User)
		}
	}
	return in
}

// lists compares the lists that people are shown at the end with the log.
func (c *check) lists(stays map[place]stay, open map[string]map[string]bool) {
	for _, l := range c.lines {
		if l.Op != People {
			continue
		}
		for _, u := range l.Users {
			if s := stays[place{u, l.Room}]; !open[l.Room][u] && l.T-s.gone > c.options.Linger {
				c.fail(Presence, l, "is shown %s, who is not in", u)
			}
		}
		for u := range open[l.Room] {
			if s := stays[place{u, l.Room}]; s.in && !slices.Contains(l.Users, u) {
				c.fail(Presence, l, "is not shown %s, who is in", u)
			}
		}
	}
}

// recovery looks whether everybody who stayed got well in time, and nothing
// that was written is left without an answer.
func (c *check) recovery() {
	var calm *Line
	active, well := map[string]bool{}, map[string]time.Duration{}
	for i, l := range c.lines {
		switch l.Op {
		case Enter:
			active[l.Who] = true
		case Vanish:
			delete(active, l.Who)
		case Calm:
			calm = &c.lines[i]
		case Whole:
			well[l.Who] = l.T
		}
	}
	if calm == nil {
		return
	}
	for who := range active {
		switch t, ok := well[who]; {
		case !ok:
			c.fail(Recovery, Line{T: calm.T, Who: who}, "never has everything")
		case t-calm.T > c.options.Recovery:
			c.fail(Recovery, Line{T: calm.T, Who: who}, "has everything after %v only", (t - calm.T).Round(time.Millisecond))
		}
	}
	for _, s := range c.sends {
		if s.acked == 0 && !s.refused && !s.given && c.room(s.Room).ids[s.ID] == 0 {
			c.fail(Recovery, s.Line, "%q has no answer", s.Text)
		}
	}
}
