package chat

import (
	"context"
	"encoding/json"
	"slices"
	"sort"
	"time"

	"maru/app/wire/event"
	"maru/app/wire/sio"
)

// Shelf is where messages and changes lie until the server has them, for all tabs of the
// device, over the end of each. An entry is put there and taken away by itself
// and at once, so that two tabs never overwrite each other's. A client must be
// told with ShelfChanged of what another one has done.
type Shelf interface {
	Entries() map[string]string // by the id of the message or change
	Set(id, value string)       // an empty value takes the entry away
}

// Lock is the right to do something that one tab alone may do at a time.
type Lock interface {
	// Acquire waits for the right until ctx ends, and returns how it is given
	// back; the end of the tab gives it back as well.
	Acquire(ctx context.Context, name string) (release func(), err error)
}

// entry is one message on the shelf. It belongs to the author who wrote it: to
// another name in the same room it is nothing.
type entry struct {
	room, as string
	draft    Draft
}

func (e entry) append() string {
	why, tried := "", int64(0)
	if e.draft.Tried {
		tried = 1
	}
	if e.draft.Why != nil {
		why = string(e.draft.Why.Code)
	}
	return string(sio.AppendArgs(nil, sio.AppendString(nil, e.room), sio.AppendString(nil, e.as), sio.AppendString(nil, e.draft.Text),
		sio.AppendInt(nil, e.draft.At.UnixMilli()), sio.AppendString(nil, why), sio.AppendInt(nil, e.draft.ReplyTo),
		sio.AppendInt(nil, tried), sio.AppendString(nil, e.draft.Was)))
}

func parseEntry(id, s string) (e entry, ok bool) {
	var raw []json.RawMessage
	if id == "" || json.Unmarshal([]byte(s), &raw) != nil || len(raw) < 5 {
		return e, false
	}
	var at int64
	var why string
	tried := 1 // of those that don't say so it isn't known
	for i, v := range []any{&e.room, &e.as, &e.draft.Text, &at, &why, &e.draft.ReplyTo, &tried, &e.draft.Was} {
		if i < len(raw) && json.Unmarshal(raw[i], v) != nil { // older versions put fewer
			return e, false
		}
	}
	e.draft.ID, e.draft.At, e.draft.Tried = id, time.UnixMilli(at), tried != 0
	if why != "" {
		e.draft.Why = event.Refuse(event.Code(why))
	}
	return e, true
}

// memoryShelf is the shelf of a client that was given none.
type memoryShelf map[string]string

func (m memoryShelf) Entries() map[string]string { return m }

func (m memoryShelf) Set(id, value string) {
	if value == "" {
		delete(m, id)
		return
	}
	m[id] = value
}

// Membership is a room and one's name there.
type Membership struct{ Room, As string }

// Unsent lists where messages or changes wait to be sent, whoever wrote them.
func (c *Client) Unsent() []Membership {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Membership
	for id, s := range c.cfg.Shelf.Entries() {
		e, ok := parseEntry(id, s)
		m := Membership{e.room, e.as}
		if !ok {
			var a event.Change
			m.As, a, ok = parseAct(id, s)
			m.Room = a.Room
		}
		if ok && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Room+"\t"+out[i].As < out[j].Room+"\t"+out[j].As })
	return out
}

// ShelfChanged tells that another tab has put something on the shelf or taken
// it away.
func (c *Client) ShelfChanged() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.rooms {
		c.shelfLocked(r)
		c.sendLocked(r)
	}
	c.notify()
}

// shelfLocked makes a room's outbox and its changes what lies on the shelf. Each
// has its id still, so that one that had arrived after all is known.
func (c *Client) shelfLocked(r *room) {
	entries := c.cfg.Shelf.Entries()
	c.shelfActsLocked(r, entries)
	there := map[string]bool{}
	var drafts []Draft
	for id, s := range entries {
		if e, ok := parseEntry(id, s); ok && e.room == r.name && e.as == r.as {
			drafts = append(drafts, e.draft)
			there[id] = true
			c.lastAt = max(c.lastAt, e.draft.At.UnixMilli())
		}
	}
	sort.Slice(drafts, func(i, j int) bool { return drafts[i].compare(drafts[j]) < 0 })
	for _, d := range drafts {
		old, known := r.outbox.Find(d.ID)
		if !known {
			r.outbox.Add(d)
			r.timeline.Write(d, r.me, r.as)
		}
		if d.ReplyTo == 0 {
			r.detach(d.ID)
		}
		if d.Tried {
			r.outbox.Try(d.ID)
		}
		if (old.Why == nil) != (d.Why == nil) {
			r.outbox.Refuse(d.ID, d.Why)
			r.timeline.Fail(d.ID, d.Why)
		}
	}
	for _, d := range r.outbox.Drafts() {
		if !there[d.ID] {
			r.outbox.Done(d.ID)
			c.elsewhereLocked(r, func() { r.timeline.Forget(d.ID) })
		}
	}
}

// settleTime is how long what another tab has taken from the shelf stands as it
// was: if that tab has sent it, its line is on the way.
const settleTime = time.Second

func (c *Client) elsewhereLocked(r *room, forget func()) {
	if c.ctx == nil || r.phase != Inside {
		forget()
		return
	}
	c.again(settleTime, forget)
}

// putLocked lays a message of a room on the shelf, or what is new of it.
func (c *Client) putLocked(r *room, id string) {
	if d, ok := r.outbox.Find(id); ok {
		c.cfg.Shelf.Set(id, entry{r.name, r.as, d}.append())
	}
}

// detachLocked has what waits to be sent answer nothing any more: in another log
// another message may come to have the seq.
func (c *Client) detachLocked(r *room) {
	for _, d := range r.outbox.Drafts() {
		r.detach(d.ID)
		c.putLocked(r, d.ID)
	}
}

func (r *room) detach(id string) {
	r.outbox.Detach(id)
	r.timeline.Detach(id)
}

// tidyLocked takes from the shelf what has come back from the log.
func (c *Client) tidyLocked(r *room) {
	for _, id := range r.arrived {
		c.cfg.Shelf.Set(id, "")
	}
	r.arrived = nil
}

// stamp is the time of a message or change: no two of one device have the same, so that
// their order is told by it alone.
func (c *Client) stamp() time.Time {
	c.lastAt = max(c.cfg.Now().UnixMilli(), c.lastAt+1)
	return time.UnixMilli(c.lastAt)
}

// rightLocked tells whether this tab is the one that may send what lies there for a room.
// If it isn't, it asks; once it may, it goes on.
func (c *Client) rightLocked(r *room) bool {
	if c.cfg.Lock == nil || r.right != nil {
		return true
	}
	if r.asksRight != nil || c.ctx == nil || c.ctx.Err() != nil {
		return false
	}
	ctx, cancel := context.WithCancel(c.ctx)
	r.asksRight = cancel
	generation := r.generation
	c.running.Go(func() {
		defer cancel()
		release, err := c.cfg.Lock.Acquire(ctx, "maru.outbox "+entry{room: r.name, as: r.as}.append())
		c.mu.Lock()
		defer c.mu.Unlock()
		if r.generation != generation {
			if err == nil {
				release()
			}
			return
		}
		r.asksRight = nil
		if err != nil {
			return
		}
		r.right = release
		c.shelfLocked(r) // another one may have sent some of it meanwhile
		c.sendLocked(r)
		c.notify()
	})
	return false
}

// giveUp lets another tab send: there is nothing left, or no connection.
func (r *room) giveUp() {
	if r.asksRight != nil {
		r.asksRight()
	}
	if r.right != nil {
		r.right()
	}
	r.asksRight, r.right = nil, nil
}
