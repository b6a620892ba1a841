package chat

import (
	"encoding/json"

	"maru/app/wire/event"
)

// Edit gives a message of one's own another text. The line shows it at once, as
// on its way, and it is sent until the server has it; what the server refuses is
// taken back, and stands in Room.Denied. What can't be sent at all is refused
// here.
func (c *Client) Edit(name string, seq int64, text string) *event.Error {
	if refusal := event.CheckText(text); refusal != nil {
		return refusal
	}
	return c.act(event.Change{Kind: event.KindEdit, Room: name, Target: seq, Text: text})
}

// Delete takes a message of one's own away for everybody; see Edit.
func (c *Client) Delete(name string, seq int64) *event.Error {
	return c.act(event.Change{Kind: event.KindDelete, Room: name, Target: seq})
}

// React puts an emoji on a message, or takes one's own away again; see Edit.
func (c *Client) React(name string, seq int64, emoji string, on bool) *event.Error {
	if refusal := event.CheckEmoji(emoji); refusal != nil {
		return refusal
	}
	kind := event.KindUnreact
	if on {
		kind = event.KindReact
	}
	return c.act(event.Change{Kind: kind, Room: name, Target: seq, Emoji: emoji})
}

// act takes a change up. It has an id, so that it is made once however often it
// is sent.
func (c *Client) act(a event.Change) *event.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[a.Room]
	if r == nil {
		return event.Refuse(event.NotJoined)
	}
	a.ID, a.CreatedAt = c.cfg.NewID(), c.stamp().UnixMilli()
	r.acts = append(r.acts, a)
	r.timeline.Do(a)
	c.cfg.Shelf.Set(a.ID, actEntry(r.as, a))
	r.denied = nil
	c.sendLocked(r)
	c.notify()
	return nil
}

// actLocked sends the first change of a room, if none is under way: what was
// done later must be the later one. The caller has looked whether it may.
func (c *Client) actLocked(r *room) {
	if r.acting || len(r.acts) == 0 {
		return
	}
	r.acting = true
	a, generation := r.acts[0], r.generation
	a.User = r.me
	c.call(a.Event(), actRequest(a), func(result json.RawMessage, err error) {
		sent, parseErr := event.ParseSent(result)
		if err == nil {
			err = parseErr
		}
		c.actedLocked(r, a, sent, err, generation)
	})
}

func actRequest(a event.Change) []byte {
	switch a.Kind {
	case event.KindEdit:
		return event.EditRequest{Room: a.Room, ID: a.ID, Seq: a.Target, Text: a.Text}.Append(nil)
	case event.KindDelete:
		return event.DeleteRequest{Room: a.Room, ID: a.ID, Seq: a.Target}.Append(nil)
	}
	return event.ReactRequest{Room: a.Room, ID: a.ID, Seq: a.Target, Emoji: a.Emoji, Remove: a.Kind == event.KindUnreact}.Append(nil)
}

// actedLocked takes the answer to a change. What is made is made, whichever
// connection said so; a failure of an older one says nothing, and the next
// connection sends it again.
func (c *Client) actedLocked(r *room, a event.Change, sent event.Sent, err error, generation int) {
	final, retry := refusal(err)
	current := r.generation == generation
	switch {
	case err == nil:
		a.Seq, a.CreatedAt = sent.Seq, sent.CreatedAt
		r.timeline.Made(a)
	case !current:
		return
	case final != nil && final.Code == event.NotJoined:
		r.acting, r.phase = false, Joining
		c.joinLocked(r)
		return
	case final != nil:
		r.denied = final
		r.timeline.Undo(a.ID)
	case retry > 0:
		c.again(retry, func() {
			if r.generation == generation {
				r.acting = false
				c.sendLocked(r)
			}
		})
		return
	default:
		return
	}
	r.acted(a.ID)
	c.cfg.Shelf.Set(a.ID, "")
	if current {
		r.acting = false
		c.sendLocked(r)
	}
}

// acted forgets a change that is made or refused, and tells whether it was there.
func (r *room) acted(id string) (found bool) {
	r.acts, found = without(r.acts, id)
	return found
}
