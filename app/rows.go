package app

import (
	"time"

	"maru/app/chat"
	"maru/app/wire/text"
)

// rowKind says what one row of the log is.
type rowKind byte

const (
	rowPost rowKind = iota
	rowDay
	rowNotice // somebody came or went
	rowFold   // a run of notices in one line
	rowWelcome
	rowGap   // lines that can be loaded by a button
	rowOlder // the older lines, loaded by scrolling up
	rowReset
	rowUnread // up to here one has read
)

// row is one row of the log: the items first to last, by their index in the
// room. A day line, or the unread line, stands for the item below it.
type row struct {
	kind        rowKind
	first, last int
	item        chat.Item // the first one
	head        bool      // of a rowPost: the group's first, with face, name and time
	came, went  int       // of a rowFold: how many people
}

// rowID tells rows of one log apart.
type rowID struct {
	kind rowKind
	key  string
}

func (r *row) id() rowID { return rowID{r.kind, r.item.Key} }

// same tells whether two rows look the same, wherever they stand.
func (r *row) same(other row) bool {
	other.first, other.last = r.first, r.last
	return *r == other
}

// above tells whether a row only says something of the item below it.
func (r *row) above() bool { return r.kind == rowDay || r.kind == rowUnread }

const (
	groupGap = 5 * time.Minute  // one author's posts closer than this are one group
	foldOver = 3                // a longer run of notices is one line
	backSoon = 30 * time.Second // who is back within this has reloaded, not left
)

// entry is an item that is shown, and its index in the room.
type entry struct {
	chat.Item
	index int
}

// visible returns the items that are shown, the first item having the index
// base. Of who reloads, neither the going nor the coming is. A welcome is shown
// where there is nothing above to read, and the one that greeting names always.
func visible(items []chat.Item, base int, greeting string) []entry {
	out := make([]entry, 0, len(items))
	hidden := reloads(items)
	quiet := base == 0
	for i, it := range items {
		if !hidden[i] && (it.Kind != chat.Welcome || quiet || it.Key == greeting) {
			out = append(out, entry{it, base + i})
		}
		quiet = quiet && isNotice(it)
	}
	return out
}

// reloads marks the notices of people who went and were back at once.
func reloads(items []chat.Item) map[int]bool {
	hidden, gone := map[int]bool{}, map[string]int{}
	for i, it := range items {
		if !isNotice(it) || it.User == "" {
			continue
		}
		at, ok := gone[it.User]
		delete(gone, it.User)
		switch {
		case it.Kind == chat.Went:
			gone[it.User] = i
		case ok && items[at].Name == it.Name && it.At.Sub(items[at].At) <= backSoon:
			hidden[at], hidden[i] = true, true
		}
	}
	return hidden
}

// buildRows makes rows of the entries from index lo to hi. Those before lo only
// tell what a row follows, and get none themselves. Above the item whose key is
// unread stands the unread line.
func buildRows(entries []entry, lo, hi int, unread string, local clock) []row {
	rows := make([]row, 0, min(len(entries), hi-lo)+4)
	for i := 0; i < len(entries) && entries[i].index < hi; {
		it := entries[i]
		if it.index < lo {
			i++
			continue
		}
		var prev *chat.Item
		if i > 0 {
			prev = &entries[i-1].Item
		}
		if dated(it.Item) && newDay(prev, it.Item, local) {
			rows = append(rows, row{kind: rowDay, first: it.index, last: it.index, item: it.Item})
			prev = nil
		}
		if unread != "" && it.Key == unread {
			rows = append(rows, row{kind: rowUnread, first: it.index, last: it.index, item: it.Item})
			prev = nil
		}
		end := i + 1
		if isNotice(it.Item) {
			end = runEnd(entries, i, local)
		}
		if end-i > foldOver {
			rows = append(rows, fold(entries[i:end]))
			i = end
			continue
		}
		for ; i < end; i++ {
			rows = append(rows, single(entries[i].Item, prev, entries[i].index))
		}
	}
	return rows
}

func single(it chat.Item, prev *chat.Item, index int) row {
	r := row{first: index, last: index, item: it}
	switch it.Kind {
	case chat.Came, chat.Went:
		r.kind = rowNotice
	case chat.Welcome:
		r.kind = rowWelcome
	case chat.Reset:
		r.kind = rowReset
	case chat.Gap:
		r.kind = rowGap
		if index == 0 {
			r.kind = rowOlder
		}
	default:
		r.kind, r.head = rowPost, !sameGroup(prev, it)
	}
	return r
}

func isNotice(it chat.Item) bool { return it.Kind == chat.Came || it.Kind == chat.Went }

// dated tells whether a day line may stand above an item. A greeting has none:
// it is said again at each entry.
func dated(it chat.Item) bool { return it.Kind == chat.Post || isNotice(it) }

// newDay tells whether it begins a day. What stands above and has no date, a
// gap or a greeting, leaves that unknown, so the day is said.
func newDay(prev *chat.Item, it chat.Item, local clock) bool {
	return prev == nil || !dated(*prev) || !sameDay(prev.At, it.At, local)
}

func sameDay(a, b time.Time, local clock) bool {
	return text.SameDay(local(a), local(b))
}

func sameGroup(prev *chat.Item, it chat.Item) bool {
	if prev == nil || it.ReplyTo > 0 || prev.Kind != chat.Post || prev.Own != it.Own || prev.Name != it.Name {
		return false
	}
	if !it.Own && prev.User != it.User {
		return false
	}
	return it.At.Sub(prev.At) < groupGap
}

// runEnd returns where the run of notices ends that begins at i.
func runEnd(items []entry, i int, local clock) int {
	end := i + 1
	for end < len(items) && isNotice(items[end].Item) && sameDay(items[i].At, items[end].At, local) {
		end++
	}
	return end
}

func fold(run []entry) row {
	r := row{kind: rowFold, first: run[0].index, last: run[len(run)-1].index, item: run[0].Item}
	came, went := map[string]bool{}, map[string]bool{}
	for _, it := range run {
		if it.Kind == chat.Came {
			came[it.Name] = true
		} else {
			went[it.Name] = true
		}
	}
	r.came, r.went = len(came), len(went)
	return r
}

// rowOf finds the row that shows the item with an index; -1 if none does. Lines
// that only stand above one are passed over.
func rowOf(rows []*row, index int) int {
	for i, r := range rows {
		if !r.above() && r.first <= index && index <= r.last {
			return i
		}
	}
	return -1
}

// crossed tells whether a run of notices goes on beyond an edge of lo to hi.
func crossed(items []chat.Item, lo, hi int) bool {
	at := func(i int) bool { return i > 0 && i < len(items) && isNotice(items[i-1]) && isNotice(items[i]) }
	return at(lo) || at(hi)
}

// wholeRuns widens lo to hi until it cuts no run of notices.
func wholeRuns(items []chat.Item, lo, hi int) (int, int) {
	for crossed(items, lo, -1) {
		lo--
	}
	for crossed(items, -1, hi) {
		hi++
	}
	return lo, max(lo, hi)
}
