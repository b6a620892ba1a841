package chat

// LongRoom is how many lines a room may have before Trim does anything.
const LongRoom = 3000

// trimTo is how many are left: more than are kept for when there is no network.
const trimTo = 1000

// Trim forgets the older lines of a room, if there are very many. They are history
// again, to be loaded when they are wanted. It is for rooms whose end is in view, or
// nothing of which is: what is read would go.
func (c *Client) Trim(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil && r.timeline.Len() > LongRoom {
		r.timeline.Trim(trimTo)
	}
}

// Trim makes all but the newest lines, about limit of them, part of the gap above
// all lines. The gap knows how many messages they were. It does nothing where a gap
// stands so that this could not be known.
func (t *Timeline) Trim(limit int) {
	cut := len(t.lines) - limit
	for cut > 0 && !t.whole(cut) {
		cut--
	}
	if cut <= 0 {
		return
	}
	gap := newGap(1, t.lines[cut-1].Seq)
	gap.Posts = 0
	for _, it := range t.lines[:cut] {
		switch it.Kind {
		case Gap:
			gap.Posts += it.Posts
		case Post:
			gap.Posts++
		}
		delete(t.placed, it.Key)
	}
	rest := []told{{0, gap.To, gap.Posts}}
	for _, r := range t.told {
		if r.after >= gap.To {
			rest = append(rest, r)
		}
	}
	t.told = rest
	t.lines = append([]Item{gap}, t.lines[cut:]...)
	t.rev++
}

// whole tells whether the timeline may be cut before line i: behind a line of the
// log, beside no other of its place, and within nothing that was told as a whole.
func (t *Timeline) whole(i int) bool {
	last := t.lines[i-1]
	if last.Seq == 0 || i < len(t.lines) && t.lines[i].place == last.place {
		return false
	}
	for _, r := range t.told {
		if r.after < last.Seq && last.Seq < r.upTo {
			return false
		}
	}
	return true
}
