package chat

import (
	"encoding/json"
	"slices"
	"time"

	"maru/app/wire/event"
)

// typist is somebody else who writes, until it is too long ago.
type typist struct {
	user, name string
	until      time.Time
}

// typeEvery is how often it is told that one still writes: well before it would
// no longer count.
const typeEvery = event.TypingFor / 2

// Typing tells the others that the person writes in a room, or no longer does.
// It may be called with each key: it is told now and then.
func (c *Client) Typing(name string, on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[name]
	if r == nil || r.phase != Inside {
		return
	}
	now := c.cfg.Now()
	if on && now.Sub(r.typed) < typeEvery && !now.Before(r.typed) || !on && r.typed.IsZero() {
		return
	}
	r.typed = time.Time{}
	if on {
		r.typed = now
	}
	c.call(event.Typing, event.TypingRequest{Room: name, Stop: !on}.Append(nil), func(json.RawMessage, error) {}) // it may get lost
}

func (c *Client) typingLocked(raw json.RawMessage) {
	w, err := event.ParseWriting(raw)
	r := c.rooms[w.Room]
	if err != nil || r == nil || r.phase != Inside || w.User == r.me {
		return
	}
	if w.Stop {
		r.stopped(w.User)
		return
	}
	until := c.cfg.Now().Add(event.TypingFor)
	if i := r.typistAt(w.User); i >= 0 {
		r.typing[i].until = until
		return
	}
	if len(r.typing) == maxTypists {
		return
	}
	r.typing = append(r.typing, typist{w.User, w.Username, until})
	if len(r.typing) == 1 {
		c.tidyTypingLocked(r)
	}
}

// maxTypists is how many are known of; nobody reads a longer list.
const maxTypists = 20

func (r *room) typistAt(user string) int {
	return slices.IndexFunc(r.typing, func(t typist) bool { return t.user == user })
}

// stopped forgets one who writes no longer: that was said, or what was written
// has come.
func (r *room) stopped(user string) {
	if i := r.typistAt(user); i >= 0 {
		r.typing = slices.Delete(r.typing, i, i+1)
	}
}

// tidyTypingLocked forgets those who have not been heard of for too long, each
// in time, for as long as anybody writes.
func (c *Client) tidyTypingLocked(r *room) {
	first := slices.MinFunc(r.typing, func(a, b typist) int { return a.until.Compare(b.until) })
	generation := r.generation
	c.again(first.until.Sub(c.cfg.Now()), func() {
		if r.generation != generation {
			return
		}
		now := c.cfg.Now()
		r.typing = slices.DeleteFunc(r.typing, func(t typist) bool { return !t.until.After(now) })
		if len(r.typing) > 0 {
			c.tidyTypingLocked(r)
		}
	})
}

// typists are the names of those who write.
func (r *room) typists() []string {
	var names []string
	for _, t := range r.typing {
		names = append(names, t.name)
	}
	return names
}
