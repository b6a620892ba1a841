package chat

import (
	"encoding/json"

	"maru/app/wire/event"
)

// Read notes that the person has read a room up to a seq, and tells the person's
// other devices. It never goes back.
func (c *Client) Read(name string, seq int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil && seq > r.read {
		r.read = seq
		c.markLocked(r)
		c.keepLocked(r)
	}
}

// markLocked tells the server how far a room was read, if it does not know it
// and is not being told.
func (c *Client) markLocked(r *room) {
	if r.phase != Inside || r.marking || r.read <= r.marked {
		return
	}
	r.marking = true
	at, generation := r.read, r.generation
	c.call(event.Read, event.Mark{Room: r.name, Seq: at}.Append(nil), func(result json.RawMessage, err error) {
		if r.generation != generation {
			return
		}
		mark, refused := event.ParseMark(result)
		_, retry := refusal(err)
		switch {
		case err == nil && refused == nil:
			// Further than at it is not asked for again, so that a server that
			// knows less of the room is not asked for ever.
			r.marking, r.marked, r.read = false, max(at, mark.Seq), max(r.read, mark.Seq)
			c.markLocked(r)
		case retry > 0:
			c.again(retry, func() {
				if r.generation == generation {
					r.marking = false
					c.markLocked(r)
				}
			})
		}
	})
}

// readLocked takes what another device of the person has read.
func (c *Client) readLocked(raw json.RawMessage) {
	mark, refused := event.ParseMark(raw)
	if r := c.rooms[mark.Room]; refused == nil && r != nil {
		r.read, r.marked = max(r.read, mark.Seq), max(r.marked, mark.Seq)
		c.keepLocked(r)
	}
}
