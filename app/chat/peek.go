package chat

import (
	"encoding/json"
	"time"

	"maru/app/wire/event"
)

// Glance is what the server tells of a room that one is not in.
type Glance struct {
	Room   string
	Known  bool      // if not, there is nothing but Room: it is being asked for, or can't be
	Count  int       // the people in it
	LastAt time.Time // when the last message was written; zero: none is kept
}

// Peek asks what goes on in a room, for Peeked. The last room asked for counts; ""
// is none.
func (c *Client) Peek(room string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if room != c.glance.Room {
		c.glance, c.peeking = Glance{Room: room}, false
		c.notify()
	}
	c.peekLocked()
}

// peekFor is how long an answer is good: who asks for the same room again within it
// is told the same.
const peekFor = 5 * time.Second

// Peeked returns what Peek has found out.
func (c *Client) Peeked() Glance {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.glance
}

// peekLocked asks for the room that one wants to know of, if that is possible now;
// the next connection asks again.
func (c *Client) peekLocked() {
	room := c.glance.Room
	known := c.glance.Known && c.cfg.Now().Sub(c.peekedAt) < peekFor
	if room == "" || !c.online || c.peeking || known {
		return
	}
	c.peeking = true
	c.call(event.Peek, event.RoomRequest{Room: room}.Append(nil), func(result json.RawMessage, err error) {
		if c.glance.Room != room {
			return
		}
		c.peeking = false
		p, parseErr := event.ParsePeeked(result)
		if err != nil || parseErr != nil {
			return // it is only to be nice to know
		}
		c.glance, c.peekedAt = Glance{Room: room, Known: true, Count: p.Count}, c.cfg.Now()
		if p.LastAt > 0 {
			c.glance.LastAt = time.UnixMilli(p.LastAt)
		}
	})
}
