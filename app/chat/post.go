package chat

import (
	"encoding/json"
	"time"

	"maru/app/wire/event"
)

// Post writes a message: it stands in the room at once, pending, and is sent
// until the server has it. What can't be sent at all is refused here.
func (c *Client) Post(name, text string) *event.Error { return c.Reply(name, 0, text) }

// Reply writes a message that answers the one at seq; see Post.
func (c *Client) Reply(name string, seq int64, text string) *event.Error {
	if refusal := event.CheckText(text); refusal != nil {
		return refusal
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[name]
	if r == nil {
		return event.Refuse(event.NotJoined)
	}
	d := Draft{ID: c.cfg.NewID(), Text: text, ReplyTo: seq, At: c.stamp()}
	r.outbox.Add(d)
	r.timeline.Write(d, r.me, r.as)
	r.typed = time.Time{} // the message says that one stopped; what is typed next is told at once
	c.putLocked(r, d.ID)
	c.sendLocked(r)
	c.notify()
	return nil
}

// Retry sends a refused message again, with the same id. A reply to what is gone is
// sent as a message of its own.
func (c *Client) Retry(name, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		if d, _ := r.outbox.Find(id); d.Why != nil && d.Why.Code == event.Gone {
			r.detach(id)
		}
		r.outbox.Refuse(id, nil)
		r.timeline.Fail(id, nil)
		c.putLocked(r, id)
		c.sendLocked(r)
		c.notify()
	}
}

// Discard forgets a message that is not sent yet.
func (c *Client) Discard(name, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		r.outbox.Done(id)
		r.timeline.Forget(id)
		c.cfg.Shelf.Set(id, "")
		c.sendLocked(r)
		c.notify()
	}
}

// sendLocked sends the next draft of a room, and the next change, if none is under
// way.
func (c *Client) sendLocked(r *room) {
	if r.phase != Inside {
		return
	}
	if r.outbox.Idle() && len(r.acts) == 0 && !r.acting {
		r.giveUp()
		return
	}
	if !c.rightLocked(r) {
		return
	}
	c.actLocked(r)
	d, ok := r.outbox.Next()
	if !ok {
		return
	}
	if r.outbox.Try(d.ID) {
		c.putLocked(r, d.ID) // before it is sent: whoever sees it there knows
	}
	generation := r.generation
	request := event.SendRequest{Room: r.name, ID: d.ID, Text: d.Text, ReplyTo: d.ReplyTo}
	c.call(event.Send, request.Append(nil), func(result json.RawMessage, err error) {
		sent, parseErr := event.ParseSent(result)
		if err == nil {
			err = parseErr
		}
		c.answeredLocked(r, d, sent, err, r.generation == generation)
	})
}

// answeredLocked takes the answer to a message. A stored message is stored,
// whichever connection said so; a failure of an older connection says nothing
// about this one.
func (c *Client) answeredLocked(r *room, d Draft, sent event.Sent, err error, current bool) {
	if err == nil {
		r.outbox.Done(d.ID)
		r.timeline.Acked(sent)
		c.cfg.Shelf.Set(d.ID, "")
		r.arrivedAfterAll(d.ID)
		c.tidyLocked(r)
		c.sendLocked(r)
		return
	}
	final, retry := refusal(err)
	switch {
	case !current:
		r.outbox.Again(d.ID)
		c.sendLocked(r)
	case final != nil && final.Code == event.NotJoined:
		r.outbox.Again(d.ID)
		r.phase = Joining
		c.joinLocked(r)
	case final != nil:
		r.outbox.Refuse(d.ID, final)
		r.timeline.Fail(d.ID, final)
		c.putLocked(r, d.ID)
		c.sendLocked(r)
	case retry > 0:
		c.again(retry, func() {
			r.outbox.Again(d.ID)
			c.sendLocked(r)
		})
	default:
		r.outbox.Again(d.ID)
	}
}
