package judge

import (
	"cmp"
	"slices"
)

// page is what one person is shown of one room.
type page struct {
	room    *room
	keys    map[string]Shown
	texts   map[string]int // how often each text stands there
	placed  *fenwick       // 1 for each place of which the message is shown
	seen    int64          // the highest place that this person has ever seen here
	entered bool           // it is a new page, of which nothing has been shown yet
	lacks   int            // how many messages it lacked when that was told last
}

type place struct{ who, room string }

// views follows what everybody is shown, change by change.
func (c *check) views() {
	pages := map[place]*page{}
	at := map[place]string{} // room and seq → the text that somebody saw there
	for _, l := range c.lines {
		key := place{l.Who, l.Room}
		p := pages[key]
		switch l.Op {
		case Enter:
			fresh := newPage(c.room(l.Room))
			if p != nil {
				fresh.seen = p.seen
			}
			pages[key] = fresh
		case View:
			if p == nil {
				c.fail(Phantom, l, "is shown a room that was not entered")
				continue
			}
			c.view(p, l)
			c.agree(at, l)
		}
	}
	for key, p := range pages {
		for _, s := range p.keys {
			if at, there := p.room.at[s.Seq]; s.State == "" && s.Seq > 0 && (!there || p.room.log[at].Text != s.Text) {
				c.fail(Lost, Line{T: p.room.read, Who: key.who, Room: key.room}, "%q is shown at %d, and is not in the log there", s.Text, s.Seq)
			}
		}
	}
}

func newPage(r *room) *page {
	n := 0
	if len(r.log) > 0 {
		n = int(r.log[len(r.log)-1].Seq)
	}
	return &page{room: r, keys: map[string]Shown{}, texts: map[string]int{}, placed: newFenwick(n), entered: true}
}

// view applies one change and looks at what is shown after it.
func (c *check) view(p *page, l Line) {
	if l.Reset {
		c.fail(History, l, "the history is said to be lost")
	}
	again := map[int64]bool{}
	for _, s := range l.Shown {
		again[s.Seq] = true
	}
	for _, k := range l.Gone {
		s := p.keys[k]
		p.put(s, -1)
		delete(p.keys, k)
		if s.Seq > 0 && s.State == "" && !again[s.Seq] && !l.Reset {
			c.fail(Monotonic, l, "%q at %d was shown and is gone", s.Text, s.Seq)
		}
	}
	for _, s := range l.Shown {
		p.keys[s.Key] = s
		p.put(s, 1)
		c.shown(p, l, s)
	}
	c.complete(p, l)
}

func (p *page) put(s Shown, n int) {
	p.texts[s.Text] += n
	if s.State == "" && s.Seq > 0 {
		p.placed.add(s.Seq, n)
	}
}

// shown looks at one message that is shown anew.
func (c *check) shown(p *page, l Line, s Shown) {
	if p.texts[s.Text] > 1 {
		c.fail(Duplicate, l, "%q is shown %d times", s.Text, p.texts[s.Text])
	}
	switch written := c.sends[s.Text]; {
	case written == nil:
		c.fail(Phantom, l, "%q is shown and was never written", s.Text)
	case written.T > l.T:
		c.fail(Phantom, l, "%q is shown before it was written", s.Text)
	case written.refused && s.State == "":
		c.fail(Phantom, l, "%q was refused and is shown as sent", s.Text)
	}
	if s.Seq > 0 && (s.Before >= s.Seq || s.After > 0 && s.After <= s.Seq) {
		c.fail(Order, l, "%q at %d stands between %d and %d", s.Text, s.Seq, s.Before, s.After)
	}
}

// agree looks whether everybody sees the same at each place.
func (c *check) agree(at map[place]string, l Line) {
	for _, s := range l.Shown {
		if s.Seq == 0 || s.State != "" {
			continue
		}
		k := place{l.Room, itoa(s.Seq)}
		if other, known := at[k]; known && other != s.Text {
			c.fail(Order, l, "at %d stands %q, others see %q there", s.Seq, s.Text, other)
		}
		at[k] = s.Text
	}
}

// complete looks whether every message up to the head is shown, or is in a gap
// that is. One's own message that is acknowledged, and whose line has not come
// yet, stands at the end until then, which the head does not count.
func (c *check) complete(p *page, l Line) {
	want := p.room.messages(1, l.Head)
	for _, g := range l.Gaps {
		want -= p.room.messages(g[0], min(g[1], l.Head))
	}
	got := p.placed.sum(l.Head)
	told := want-got == p.lacks
	if p.lacks = want - got; got != want && !told {
		c.fail(Gap, l, "up to %d it shows %d messages and the gaps %v, the log has %d outside of them", l.Head, got, l.Gaps, want)
	}
	head := l.Head
	for _, s := range l.Shown {
		head = max(head, s.Seq)
	}
	if p.entered && head > 0 {
		p.entered = false
		if head < p.seen && p.room.messages(head+1, p.seen) > 0 { // a page that is loaded anew has no notices
			c.fail(Monotonic, l, "comes back to %d and had seen %d", head, p.seen)
		}
	}
	p.seen = max(p.seen, head)
}

// heard follows the clients that keep nothing: each line once, in order, none
// left out but of one's own coming and going.
func (c *check) heard() {
	last, user := map[place]int64{}, map[place]string{}
	for _, l := range c.lines {
		key := place{l.Who, l.Room}
		switch l.Op {
		case Inside:
			user[key] = l.User
		case Anew, Enter, Exit, Vanish:
			delete(last, key)
		case Heard:
			before := last[key]
			last[key] = max(before, l.Seq)
			c.hear(c.room(l.Room), l, before, user[key])
		}
	}
}

func (c *check) hear(r *room, l Line, before int64, user string) {
	i, there := r.at[l.Seq]
	switch {
	case l.Seq == before:
		c.fail(Duplicate, l, "hears %d twice", l.Seq)
	case l.Seq < before:
		c.fail(Monotonic, l, "hears %d after %d", l.Seq, before)
	case !there:
		c.fail(Lost, l, "hears %q at %d, which is not in the log", l.Text, l.Seq)
	case r.log[i].Kind != l.Kind || r.log[i].Text != l.Text:
		c.fail(Order, l, "at %d hears %q, the log has %q", l.Seq, l.Text, r.log[i].Text)
	case before > 0:
		from, _ := slices.BinarySearchFunc(r.log, before+1, func(l Line, seq int64) int { return cmp.Compare(l.Seq, seq) })
		for _, missed := range r.log[from:i] {
			if missed.Kind == "" || missed.User != user {
				c.fail(Gap, l, "hears %d after %d, and never %d", l.Seq, before, missed.Seq)
				return
			}
		}
	}
}
