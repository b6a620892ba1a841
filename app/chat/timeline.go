package chat

import (
	"slices"
	"sort"
	"strconv"
	"time"

	"maru/app/wire/event"
)

// Timeline is one room as one client knows it: lines in the order of the log,
// gaps where lines are missing, then the messages of one's own that have no
// place yet. Whatever order things arrive in, however often, it ends the same.
// The zero Timeline knows nothing. It is not safe for concurrent use.
type Timeline struct {
	lines   []Item // by seq; a gap stands at the place of what is missing
	pending []Item // in the order they were written
	head    int64  // the highest seq known of
	rev     int64
	fills   int64
	placed  map[string]int64 // where messages stand whose key does not tell it: they were pending once
	told    []told
	live    int64   // what is missing below was not missed, but is older
	keeps   bool    // what changes is noted, to be kept
	touched []int64 // the seq of lines that changed, since they were kept last

	later   map[int64][]event.Change // by the seq of the message, which is not here
	waiting int                      // how many they are
	me      string                   // one's own ID
	doing   []event.Change           // of one's own, on their way, in the order they were made
	dropped int64                    // the highest seq of those that were too many

	quotes map[int64]Item // by seq: messages that are no lines here, for their replies
	quoted []int64        // which, in the order they came
}

// Len is the number of lines, pending ones included.
func (t *Timeline) Len() int { return len(t.lines) + len(t.pending) }

// Rev changes whenever a line does.
func (t *Timeline) Rev() int64 { return t.rev }

// Head is the highest seq that the timeline knows of.
func (t *Timeline) Head() int64 { return t.head }

// Fills changes when lines come to stand between others, or go from there, or are
// deleted. While it does not, what is new stands at the end.
func (t *Timeline) Fills() int64 { return t.fills }

// After finds the first line that stands behind the place of a seq. A gap that
// reaches beyond it does.
func (t *Timeline) After(seq int64) int { return t.search(seq + 1) }

// Items copies the lines from (included) to to (excluded), clipped to what
// there is, with the changes of one's own that are on their way.
func (t *Timeline) Items(from, to int) []Item {
	from, to = max(from, 0), min(to, t.Len())
	if from >= to {
		return nil
	}
	out := make([]Item, 0, to-from)
	n := len(t.lines)
	if from < n {
		out = append(out, t.lines[from:min(to, n)]...)
	}
	if to > n {
		out = append(out, t.pending[max(from-n, 0):to-n]...)
	}
	t.lay(out, from)
	return out
}

// Index finds a line by its key; -1 if it is gone. It costs no more in a long
// timeline than in a short one, but for the messages that are pending.
func (t *Timeline) Index(key string) int {
	for i := len(t.pending) - 1; i >= 0; i-- {
		if t.pending[i].Key == key {
			return len(t.lines) + i
		}
	}
	place, ok := t.placed[key]
	if !ok && key != "" {
		place, _ = strconv.ParseInt(key[1:], 10, 64)
	}
	for i := t.search(place); i < len(t.lines) && t.lines[i].place == place; i++ {
		if t.lines[i].Key == key {
			return i
		}
	}
	return -1
}

// search finds the first line that stands at place or after it.
func (t *Timeline) search(place int64) int {
	return sort.Search(len(t.lines), func(i int) bool { return t.lines[i].place >= place })
}

// Start tells where live lines begin: everything up to seq that the timeline
// does not have is missing. reset tells that the log it had before is gone.
func (t *Timeline) Start(seq int64, reset bool) {
	if reset && t.head > 0 {
		t.lines, t.head, t.placed, t.touched, t.told = []Item{{Key: "r0", Kind: Reset}}, 0, nil, nil, nil
		t.later, t.waiting, t.dropped, t.doing = nil, 0, 0, nil
		t.fills++
	}
	if reset || seq > t.head {
		t.quotes, t.quoted = nil, nil // what changed of them was missed
	}
	if t.head == 0 {
		t.live = seq
	}
	t.miss(seq)
	t.rev++
}

// miss notes that everything after head up to seq is missing.
func (t *Timeline) miss(seq int64) {
	if seq <= t.head {
		return
	}
	if n := len(t.lines); n > 0 && t.lines[n-1].Kind == Gap {
		t.lines[n-1] = newGap(t.lines[n-1].From, seq)
	} else {
		t.lines = append(t.lines, newGap(t.head+1, seq))
	}
	t.head = seq
	t.spread()
	t.settle()
}

// settle gives a place to the messages of one's own that are stored, and whose
// place lies behind the head: their lines were missed, but what they say and
// where is known.
func (t *Timeline) settle() {
	for i := 0; i < len(t.pending); {
		p := t.pending[i]
		gap := t.gapAt(p.Seq)
		switch {
		case p.State != Sent || p.Seq > t.head:
			i++
		case gap < 0: // its line is there already
			t.pending = slices.Delete(t.pending, i, i+1)
		default:
			p.place = p.Seq
			t.fill(gap, p.Seq, p.Seq, []Item{t.caughtUp(t.confirmed(p))})
		}
	}
}

// Greet puts in a line that is not of the log, after all lines there are.
func (t *Timeline) Greet(p event.Post) {
	it := newItem(p)
	it.Key, it.place = greetKey(t.head), t.head
	if t.Index(it.Key) < 0 {
		t.lines = append(t.lines, it)
		t.rev++
	}
}

// Apply takes a line of the log. It says whether that was news. One's own
// coming and going is known, but not shown: nobody needs to be told of it.
func (t *Timeline) Apply(p event.Post, own bool) bool {
	if p.Seq <= 0 {
		return false
	}
	it := newItem(p)
	it.Own = own
	var lines []Item
	if !own || it.Kind == Post {
		lines = append(lines, t.caughtUp(t.confirmed(it)))
	}
	return t.known(p.Seq, lines) || t.drop(it)
}

// known takes what the log has at seq: a line, or none. It tells whether that
// was missing.
func (t *Timeline) known(seq int64, lines []Item) bool {
	if seq > t.head {
		t.miss(seq - 1)
		t.head = seq
		t.lines = append(t.lines, lines...)
		t.touchAll(len(t.lines)-len(lines), len(t.lines))
		t.rev++
		return true
	}
	i := t.gapAt(seq)
	if i < 0 {
		return false
	}
	t.fill(i, seq, seq, lines)
	return true
}

// drop forgets the pending message that is there already.
func (t *Timeline) drop(it Item) bool {
	for i, p := range t.pending {
		if it.Own && p.ID == it.ID && it.ID != "" {
			t.pending = slices.Delete(t.pending, i, i+1)
			t.rev++
			return true
		}
	}
	return false
}

// confirmed takes a message of one's own out of the pending ones and gives the
// line its key, so that the row on the page stays the same row.
func (t *Timeline) confirmed(it Item) Item {
	if !it.Own || it.ID == "" {
		return it
	}
	for i, p := range t.pending {
		if p.ID == it.ID {
			t.pending = slices.Delete(t.pending, i, i+1)
			it.Key = p.Key
			if t.placed == nil {
				t.placed = map[string]int64{}
			}
			t.placed[it.Key] = it.Seq
			break
		}
	}
	return it
}

// gapAt finds the gap that seq is missing in; -1 if it is not missing.
func (t *Timeline) gapAt(seq int64) int {
	i := t.search(seq)
	if i < len(t.lines) && t.lines[i].Kind == Gap && t.lines[i].From <= seq {
		return i
	}
	return -1
}

// fill puts lines into the part from..to of the gap at i, which is all known
// now. The lines are of that part and in order.
func (t *Timeline) fill(i int, from, to int64, lines []Item) {
	gap := t.lines[i]
	part := make([]Item, 0, len(lines)+2)
	if gap.From < from {
		part = append(part, newGap(gap.From, from-1))
	}
	part = append(part, lines...)
	if to < gap.To {
		part = append(part, newGap(to+1, gap.To))
	}
	t.lines = slices.Replace(t.lines, i, i+1, part...)
	t.touchAll(i, i+len(part))
	t.spread()
	t.rev++
	t.fills++
}

// Page takes a page of history that was asked for with before. own tells which
// posts are one's own. Whatever the page covers is known after it; joins and
// leaves of that time are not shown. It says whether the page was of use: one
// that was read too long ago is to be asked for again.
func (t *Timeline) Page(page event.Page, before int64, own func(event.Post) bool) bool {
	if page.Head < t.dropped {
		return false
	}
	low, high := int64(1), before-1
	if !page.Done {
		if low = page.From; low <= 0 {
			return true
		}
	}
	posts := slices.Clone(page.Posts)
	sort.Slice(posts, func(i, j int) bool { return posts[i].Seq < posts[j].Seq })
	for i := len(t.lines) - 1; i >= 0; i-- {
		gap := t.lines[i]
		if gap.Kind == Gap && gap.From <= high && gap.To >= low {
			t.fillFrom(i, max(low, gap.From), min(high, gap.To), posts, page.Head, own)
		}
	}
	for _, c := range page.Changes {
		t.change(c)
	}
	return true
}

func (t *Timeline) fillFrom(i int, from, to int64, posts []event.Post, asOf int64, own func(event.Post) bool) {
	var lines []Item
	for _, p := range posts {
		if p.Seq < from || p.Seq > to {
			continue
		}
		it := newItem(p)
		it.Own, it.asOf = own(p), asOf
		lines = append(lines, t.caughtUp(t.confirmed(it)))
	}
	t.fill(i, from, to, lines)
}

// Gap returns the bounds of the gap with that key.
func (t *Timeline) Gap(key string) (from, to int64, ok bool) {
	if i := t.Index(key); i >= 0 && i < len(t.lines) && t.lines[i].Kind == Gap {
		return t.lines[i].From, t.lines[i].To, true
	}
	return 0, 0, false
}

// Oldest returns the gap above all lines: history that was not loaded yet.
func (t *Timeline) Oldest() (to int64, ok bool) {
	if len(t.lines) > 0 && t.lines[0].Kind == Gap {
		return t.lines[0].To, true
	}
	return 0, false
}

// Newest returns the lowest gap that has lines above it: what was missed, or
// was jumped over.
func (t *Timeline) Newest() (from, to int64, ok bool) {
	for i := len(t.lines) - 1; i > 0; i-- {
		if t.lines[i].Kind == Gap {
			return t.lines[i].From, t.lines[i].To, true
		}
	}
	return 0, 0, false
}

// Missing counts what is missing below the first line and was missed, unlike
// the history above it.
func (t *Timeline) Missing() (n int64) {
	for i, line := range t.lines {
		if i > 0 && line.Kind == Gap && line.To > t.live {
			n += line.To - line.From + 1
		}
	}
	return n
}

// Write adds a message of one's own, pending: at the end, unless another tab has
// written some later.
func (t *Timeline) Write(d Draft, user, name string) {
	i := len(t.pending)
	for i > 0 && (Draft{ID: t.pending[i-1].ID, At: t.pending[i-1].At}).compare(d) > 0 && t.pending[i-1].State != Sent {
		i--
	}
	t.pending = slices.Insert(t.pending, i, Item{Key: ownKey(d.ID), Kind: Post, ID: d.ID, User: user, Name: name, Text: d.Text, ReplyTo: d.ReplyTo, At: d.At, Own: true, State: Pending})
	t.rev++
}

// Acked marks a pending message as stored. It gets its place when the room's
// own line of it arrives, in order, as everybody's does.
func (t *Timeline) Acked(sent event.Sent) {
	for i := range t.pending {
		p := &t.pending[i]
		if p.ID != sent.ID {
			continue
		}
		p.State, p.At, p.Seq = Sent, time.UnixMilli(sent.CreatedAt), sent.Seq
		t.settle()
		t.rev++
		return
	}
}

// Fail marks a pending message as refused, or with a nil why as pending again.
func (t *Timeline) Fail(id string, why *event.Error) {
	for i := range t.pending {
		if p := &t.pending[i]; p.ID == id {
			p.Why, p.State = why, Pending
			if why != nil {
				p.State = Failed
			}
			t.rev++
		}
	}
}

// Detach has a pending message answer nothing any more.
func (t *Timeline) Detach(id string) {
	for i := range t.pending {
		if p := &t.pending[i]; p.ID == id && p.ReplyTo > 0 {
			p.ReplyTo = 0
			t.rev++
		}
	}
}

// Forget takes a pending message away.
func (t *Timeline) Forget(id string) {
	t.drop(Item{ID: id, Own: true})
}
