package judge

import (
	"cmp"
	"slices"
)

// logs looks at the final reads: each by itself, then against each other.
func (c *check) logs() {
	for _, r := range c.rooms {
		c.numbering(r)
		c.contents(r)
		for who, log := range r.others {
			if who != r.from {
				c.same(r, who, log)
			}
		}
	}
}

func (c *check) numbering(r *room) {
	for i, l := range r.log {
		if l.Seq != int64(i)+1 {
			c.fail(Numbering, l, "place %d of the log has the number %d", i+1, l.Seq)
			return
		}
		if i > 0 && l.At < r.log[i-1].At {
			c.fail(Numbering, l, "seq %d was stored before seq %d", l.Seq, r.log[i-1].Seq)
		}
	}
}

func (c *check) contents(r *room) {
	texts, ids := map[string]int64{}, map[string]int64{}
	for _, l := range r.log {
		if l.Kind != "" {
			continue
		}
		if first, twice := texts[l.Text]; twice {
			c.fail(Duplicate, l, "%q stands in the log at %d and %d", l.Text, first, l.Seq)
		} else if first, twice := ids[l.ID]; twice {
			c.fail(Duplicate, l, "the id of %q stands in the log at %d and %d", l.Text, first, l.Seq)
		}
		texts[l.Text], ids[l.ID] = l.Seq, l.Seq
		switch s := c.sends[l.Text]; {
		case s == nil:
			c.fail(Phantom, l, "%q is stored at %d and was never written", l.Text, l.Seq)
		case s.Room != r.name || s.ID != l.ID:
			c.fail(Phantom, l, "%q was written into %s with the id %s, and is stored with %s", l.Text, s.Room, s.ID, l.ID)
		case s.refused:
			c.fail(Phantom, l, "%q was refused, and is stored at %d", l.Text, l.Seq)
		}
	}
}

// same compares another instance's read with the one that is taken for the log.
func (c *check) same(r *room, who string, log []Line) {
	for i := range min(len(log), len(r.log)) {
		a, b := r.log[i], log[i]
		if a.Seq != b.Seq || a.ID != b.ID || a.Kind != b.Kind || a.Text != b.Text || a.User != b.User {
			c.fail(SplitBrain, b, "seq %d is %q here and %q at %s", b.Seq, b.Text, a.Text, r.from)
			return
		}
	}
	if len(log) != len(r.log) {
		l := Line{T: r.read, Who: who, Room: r.name}
		c.fail(SplitBrain, l, "%d lines here and %d at %s", len(log), len(r.log), r.from)
	}
}

// acks looks whether what was acknowledged is there, at that place.
func (c *check) acks() {
	first := map[string]int64{}
	for _, l := range c.lines {
		if l.Op != Ack {
			continue
		}
		if before, twice := first[l.ID]; twice && before != l.Seq {
			c.fail(Idempotent, l, "%s was acknowledged at %d and at %d", l.ID, before, l.Seq)
		}
		first[l.ID] = l.Seq
		switch seq, there := c.room(l.Room).ids[l.ID]; {
		case !there:
			c.fail(Lost, l, "%s was acknowledged at %d and is not in the log", l.ID, l.Seq)
		case seq != l.Seq:
			c.fail(Idempotent, l, "%s was acknowledged at %d and stands in the log at %d", l.ID, l.Seq, seq)
		}
	}
}

// orders looks at the order of the log: each sender's own, and that of what
// was known to be stored before something else was written.
func (c *check) orders() {
	byRoom := map[string][]*sent{}
	for _, s := range c.sends {
		byRoom[s.Room] = append(byRoom[s.Room], s)
	}
	for name, all := range byRoom {
		r := c.room(name)
		slices.SortFunc(all, func(a, b *sent) int { return cmp.Compare(a.T, b.T) })
		acked := slices.DeleteFunc(slices.Clone(all), func(s *sent) bool { return s.acked == 0 })
		slices.SortFunc(acked, func(a, b *sent) int { return cmp.Compare(a.acked, b.acked) })
		last := map[string]*sent{} // of each sender
		var known *sent            // the highest place that was acknowledged by then
		for _, s := range all {
			for ; len(acked) > 0 && acked[0].acked < s.T; acked = acked[1:] {
				if known == nil || acked[0].place > known.place {
					known = acked[0]
				}
			}
			seq, there := r.ids[s.ID]
			if !there {
				continue
			}
			if before := last[s.Who]; before != nil && r.ids[before.ID] > seq {
				c.fail(FIFO, s.Line, "%q stands at %d, after %q, which was written later", before.Text, r.ids[before.ID], s.Text)
			}
			last[s.Who] = s
			if known != nil && known.place > seq {
				c.fail(Realtime, s.Line, "%q stands at %d; %q was acknowledged at %d before it was written", s.Text, seq, known.Text, known.place)
			}
		}
	}
}
