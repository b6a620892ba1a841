package main

import (
	"maru/app/chat"
	"maru/backend/chaos/judge"
)

// watch is what one person has been shown of one room so far. It finds what has
// changed since, as a page would have to.
type watch struct {
	rev    int64
	inside bool
	items  []chat.Item
	gaps   [][2]int64
	head   int64
	reset  bool
}

// tail is how many lines from the end are compared, if nothing above them can
// have changed.
const tail = 128

// look reads the room anew, and returns what has changed; false if nothing has.
func (w *watch) look(c *chat.Client, r chat.Room) (judge.Line, bool) {
	from := max(r.Len-tail, 0)
	items := c.Items(r.Name, from, r.Len)
	if from > 0 && (w.holes() || from >= len(w.items) || len(items) == 0 || w.items[from].Key != items[0].Key) {
		from, items = 0, c.Items(r.Name, 0, r.Len)
	}
	before := w.items[min(from, len(w.items)):]
	l := judge.Line{Op: judge.View}
	l.Shown, l.Gone = diff(before, items, w.items[:min(from, len(w.items))])
	w.items = append(w.items[:min(from, len(w.items)):min(from, len(w.items))], items...)
	w.rev = r.Rev
	gaps, head, reset := survey(w.items)
	l.Gaps, l.Head, l.Reset = gaps, head, reset && !w.reset
	changed := len(l.Shown) > 0 || len(l.Gone) > 0 || head != w.head || !same(gaps, w.gaps) || l.Reset
	w.gaps, w.head, w.reset = gaps, head, reset
	return l, changed
}

// holes tells that something is missing below the first line: it may be filled
// in above the tail.
func (w *watch) holes() bool {
	return len(w.gaps) > 1 || len(w.gaps) == 1 && w.items[0].Kind != chat.Gap
}

// diff finds which messages came and which went. above is what stands over
// both.
func diff(before, now, above []chat.Item) (shown []judge.Shown, gone []string) {
	had := make(map[string]chat.Item, len(before))
	for _, it := range before {
		if it.Kind == chat.Post {
			had[it.Key] = it
		}
	}
	for i, it := range now {
		if it.Kind != chat.Post {
			continue
		}
		old, was := had[it.Key]
		delete(had, it.Key)
		if was && old.Seq == it.Seq && old.State == it.State && old.Text == it.Text {
			continue
		}
		if was {
			gone = append(gone, it.Key)
		}
		shown = append(shown, judge.Shown{Key: it.Key, Text: it.Text, Seq: it.Seq, State: state(it),
			Before: last(above, now[:i]), After: next(now[i+1:])})
	}
	for key := range had {
		gone = append(gone, key)
	}
	return shown, gone
}

func state(it chat.Item) string {
	switch it.State {
	case chat.Pending:
		return judge.Pending
	case chat.Failed:
		return judge.Failed
	}
	return ""
}

// last is the place of the lowest line that has one.
func last(parts ...[]chat.Item) int64 {
	for i := len(parts) - 1; i >= 0; i-- {
		for j := len(parts[i]) - 1; j >= 0; j-- {
			if it := parts[i][j]; it.Kind == chat.Gap {
				return it.To
			} else if it.Seq > 0 {
				return it.Seq
			}
		}
	}
	return 0
}

// next is the place of the highest line that has one.
func next(items []chat.Item) int64 {
	for _, it := range items {
		if it.Kind == chat.Gap {
			return it.From
		} else if it.Seq > 0 {
			return it.Seq
		}
	}
	return 0
}

// survey lists the gaps, and finds the highest place that is known of without
// one's own messages: those may stand at the end before their line has come.
func survey(items []chat.Item) (gaps [][2]int64, head int64, reset bool) {
	for i := range items {
		switch it := &items[i]; {
		case it.Kind == chat.Gap:
			gaps = append(gaps, [2]int64{it.From, it.To})
			head = max(head, it.To)
		case it.Kind == chat.Reset:
			reset = true
		case it.Kind != chat.Post || !it.Own:
			head = max(head, it.Seq)
		}
	}
	return gaps, head, reset
}

func same(a, b [][2]int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
