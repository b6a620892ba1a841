package chat

import (
	"context"
	"sort"
	"time"
)

// What is kept is written once in a while, and waited for only so long.
const (
	keepEvery   = 500 * time.Millisecond
	keepTimeout = 10 * time.Second
	loadTimeout = 2 * time.Second
)

// loadLocked brings what is kept of a room, before it is asked to be let in: the
// cursor is part of it. Before Run there is nothing to do it with; Run does.
func (c *Client) loadLocked(r *room) {
	if !r.loads || c.ctx == nil || c.ctx.Err() != nil {
		return
	}
	base := c.ctx
	c.running.Go(func() {
		ctx, cancel := context.WithTimeout(base, loadTimeout)
		defer cancel()
		kept, lines, err := c.cfg.Keep.Load(ctx, r.name)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.rooms[r.name] != r {
			return
		}
		r.loads = false
		if n, ok := parseNote(kept); ok && err == nil {
			r.restore(n, lines)
		}
		c.joinLocked(r)
		c.notify()
	})
}

// restore shows a room as it was kept.
func (r *room) restore(n note, lines []string) {
	if r.timeline.Head() > 0 {
		return
	}
	if n.as == r.as && r.me == "" {
		r.me, r.read = n.me, max(r.read, min(n.read, n.head))
		r.timeline.Me(r.me)
	}
	all := make([]known, 0, len(lines))
	for _, s := range lines {
		if k, ok := parseKnown(s); ok {
			all = append(all, k)
		}
	}
	r.timeline.Restore(all, n.tail, n.head, r.mine)
	if r.people.Count == 0 {
		r.people, r.peopleRev = n.people, r.peopleRev+1
	}
	r.cursor, r.kept, r.opened = n.cursor, true, len(all) > 0
}

// keepLocked has a room written down soon.
func (c *Client) keepLocked(r *room) {
	if c.cfg.Keep != nil {
		r.unkept = true
		c.keepSoonLocked()
	}
}

// dropLocked has a room forgotten.
func (c *Client) dropLocked(name string) {
	if c.cfg.Keep != nil {
		c.drops = append(c.drops, name)
		c.keepSoonLocked()
	}
}

func (c *Client) keepSoonLocked() {
	if c.keeping || c.ctx == nil || c.ctx.Err() != nil {
		return
	}
	c.keeping = true
	base := c.ctx
	c.running.Go(func() {
		timer := time.NewTimer(keepEvery)
		defer timer.Stop()
		select {
		case <-timer.C:
			c.write(base)
		case <-base.Done():
		}
	})
}

// write keeps what has changed. One at a time: what was written later is later.
func (c *Client) write(base context.Context) {
	ctx, cancel := context.WithTimeout(base, keepTimeout)
	defer cancel()
	c.writing.Lock()
	defer c.writing.Unlock()
	c.mu.Lock()
	drops, changes := c.drops, map[string]Change{}
	c.drops = nil
	for name, r := range c.rooms {
		if r.unkept && !r.loads {
			changes[name] = r.change(c.cfg.Now())
		}
	}
	c.mu.Unlock()
	for _, name := range drops {
		_ = c.cfg.Keep.Drop(ctx, name) // what can't be kept is not kept; the chat goes on
	}
	for name, change := range changes {
		_ = c.cfg.Keep.Save(ctx, name, change)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keeping = false
	again := len(c.drops) > 0
	for _, r := range c.rooms {
		again = again || r.unkept && !r.loads
	}
	if again {
		c.keepSoonLocked()
	}
}

// change is what changed of a room since it was kept last.
func (r *room) change(now time.Time) Change {
	r.unkept = false
	n := note{as: r.as, me: r.me, cursor: r.cursor, head: r.timeline.Head(), at: now.UnixMilli(), people: r.people, read: r.read}
	lines, above, tail := r.timeline.keepable(r.name, r.floor, keptLines)
	n.tail = tail
	return Change{Note: n.append(), Above: above, Lines: lines}
}

// tidyKeep forgets the rooms that are too many, the ones of long ago first.
func (c *Client) tidyKeep(base context.Context) {
	ctx, cancel := context.WithTimeout(base, keepTimeout)
	defer cancel()
	kept, err := c.cfg.Keep.Rooms(ctx)
	if err != nil || len(kept) <= keptRooms {
		return
	}
	type visit struct {
		room string
		at   int64
	}
	visits := make([]visit, 0, len(kept))
	for room, s := range kept {
		n, _ := parseNote(s)
		visits = append(visits, visit{room, n.at})
	}
	sort.Slice(visits, func(i, j int) bool {
		a, b := visits[i], visits[j]
		return a.at > b.at || a.at == b.at && a.room < b.room
	})
	for _, v := range visits[keptRooms:] {
		_ = c.cfg.Keep.Drop(ctx, v.room) // tried again the next time
	}
}

// Forget takes away all that this device keeps: rooms, lines, and what is not
// sent yet; the rooms are left. It blocks until that is done.
func (c *Client) Forget(ctx context.Context) error {
	for _, name := range c.Rooms() {
		c.Exit(name)
	}
	c.mu.Lock()
	for id := range c.cfg.Shelf.Entries() {
		c.cfg.Shelf.Set(id, "")
	}
	c.mu.Unlock()
	if c.cfg.Keep == nil {
		return nil
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.cfg.Keep.Clear(ctx)
}
