package chat

import "maru/app/wire/event"

// renameLocked gives what is not sent yet to the name that one takes instead of r.as.
// What was never tried goes out under the new name. Of what was, nobody knows whether
// the server has it, and under another name it would be taken twice: it stands there as
// not sent, for the person to say, unless it turns out to have arrived.
//
// Changes of messages are the former name's to make, so they can't go along.
func (c *Client) renameLocked(r *room, as string) {
	if len(r.acts) > 0 {
		c.dropActsLocked(r)
		r.denied = event.Refuse(event.NotYours)
	}
	for _, d := range r.outbox.Drafts() {
		was := d.ID
		if d.Tried && d.Why == nil {
			d.ID, d.Was, d.Why = c.cfg.NewID(), was, event.Refuse(event.Unavailable)
		}
		d.Tried = false
		r.outbox.Done(was)
		r.outbox.Add(d)
		r.timeline.Forget(was)
		r.timeline.Write(d, "", as)
		r.timeline.Fail(d.ID, d.Why)
		c.cfg.Shelf.Set(d.ID, entry{r.name, as, d}.append())
		if d.ID != was {
			c.cfg.Shelf.Set(was, "")
		}
	}
}

// renamePausedLocked does the same for a room that was given up with something unsent in
// it, since the name was refused, and is entered under another one.
func (c *Client) renamePausedLocked(r *room, as string) {
	was, paused := c.paused[r.name]
	delete(c.paused, r.name)
	if !paused || was == as {
		return
	}
	r.as = was
	c.shelfLocked(r)
	c.renameLocked(r, as)
}

// arrivedWith takes away what stands there as not sent for messages that the server has,
// by their ids under the name before.
func (r *room) arrivedWith(posts []event.Post) {
	for _, p := range posts {
		r.arrivedAfterAll(p.ID)
	}
}

func (r *room) arrivedAfterAll(id string) {
	if id == "" {
		return
	}
	for _, d := range r.outbox.drafts {
		if d.Was == id && d.Why != nil {
			r.outbox.Done(d.ID)
			r.timeline.Forget(d.ID)
			r.arrived = append(r.arrived, d.ID)
			return
		}
	}
}
