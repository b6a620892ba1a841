package chat

import (
	"encoding/json"

	"maru/app/wire/event"
)

// act is a change of a message on its way. It has an id, so that it is made
// once however often it is sent.
type act struct {
	event string
	id    string
	arg   []byte
}

// Edit gives a message of one's own another text. It is sent until the server
// has it; the line changes when the room hears of it. What can't be sent at all
// is refused here, what the server refuses stands in Room.Denied.
func (c *Client) Edit(name string, seq int64, text string) *event.Error {
	if refusal := event.CheckText(text); refusal != nil {
		return refusal
	}
	return c.act(name, event.Edit, func(id string) []byte {
		return event.EditRequest{Room: name, ID: id, Seq: seq, Text: text}.Append(nil)
	})
}

// Delete takes a message of one's own away for everybody; see Edit.
func (c *Client) Delete(name string, seq int64) *event.Error {
	return c.act(name, event.Delete, func(id string) []byte {
		return event.DeleteRequest{Room: name, ID: id, Seq: seq}.Append(nil)
	})
}

// React puts an emoji on a message, or takes one's own away again; see Edit.
func (c *Client) React(name string, seq int64, emoji string, on bool) *event.Error {
	if refusal := event.CheckEmoji(emoji); refusal != nil {
		return refusal
	}
	return c.act(name, event.React, func(id string) []byte {
		return event.ReactRequest{Room: name, ID: id, Seq: seq, Emoji: emoji, Remove: !on}.Append(nil)
	})
}

func (c *Client) act(name, what string, arg func(id string) []byte) *event.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[name]
	if r == nil {
		return event.Refuse(event.NotJoined)
	}
	id := c.cfg.NewID()
	r.acts = append(r.acts, act{what, id, arg(id)})
	r.denied = nil
	c.actLocked(r)
	c.notify()
	return nil
}

// actLocked sends the first change of a room, if none is under way: what was
// done later must be the later one.
func (c *Client) actLocked(r *room) {
	if r.phase != Inside || r.acting || len(r.acts) == 0 {
		return
	}
	r.acting = true
	a, generation := r.acts[0], r.generation
	c.call(a.event, a.arg, func(_ json.RawMessage, err error) {
		if r.generation != generation {
			return // the next connection sends it again
		}
		final, retry := refusal(err)
		switch {
		case err == nil, final != nil && final.Code != event.NotJoined:
			r.acting, r.acts, r.denied = false, r.acts[1:], final
			c.actLocked(r)
		case final != nil:
			r.acting, r.phase = false, Joining
			c.joinLocked(r)
		case retry > 0:
			c.again(retry, func() {
				if r.generation == generation {
					r.acting = false
					c.actLocked(r)
				}
			})
		}
	})
}
