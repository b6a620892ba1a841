package storetest

import (
	"cmp"
	"slices"
	"time"

	"maru/backend/store"
)

// model is what a room must be, kept in the simplest way there is: the list of
// all events, from which everything else is worked out anew each time.
type model struct {
	events []store.Event // also those that were trimmed
	erased map[int64]bool
	low    int64
	pos    store.Pos // of the last event that the store has shown
	leases map[string]modelLease
}

type modelLease struct {
	store.Member
	ends time.Time
}

func newModel() *model {
	return &model{erased: map[int64]bool{}, leases: map[string]modelLease{}}
}

func (m *model) head() int64 { return int64(len(m.events)) }

// kept are the events that were not trimmed.
func (m *model) kept() []store.Event { return m.events[m.low:] }

// append is store.Log.Append.
func (m *model) append(d store.Draft, now time.Time) (ev store.Event, dup bool, err error) {
	for _, ev := range m.kept() {
		if ev.Author != d.Author || ev.ID != d.ID {
			continue
		}
		if !d.Same(ev.Draft, m.erased[ev.Seq]) {
			return store.Event{}, false, store.ErrConflict
		}
		return ev, true, nil
	}
	if (d.Kind != store.Message || d.Target != 0) && !m.isPost(d.Target) {
		return store.Event{}, false, store.ErrNoTarget
	}
	ev = m.add(d, now)
	if d.Kind == store.Delete {
		for i := range m.events {
			old := &m.events[i]
			if old.Seq == d.Target || old.Kind == store.Edit && old.Target == d.Target {
				old.Body, m.erased[old.Seq] = nil, true
			}
		}
	}
	return ev, false, nil
}

func (m *model) add(d store.Draft, now time.Time) store.Event {
	ev := store.Event{Draft: d, Seq: m.head() + 1, At: now.Truncate(time.Millisecond)}
	if m.head() > 0 && m.events[m.head()-1].At.After(ev.At) {
		ev.At = m.events[m.head()-1].At
	}
	m.events = append(m.events, ev)
	return ev
}

func (m *model) isPost(seq int64) bool {
	return seq > m.low && seq <= m.head() && m.events[seq-1].Kind == store.Message && !m.erased[seq]
}

// posts folds the events into posts, newest first.
func (m *model) posts() []store.Post {
	var posts []store.Post
	at := map[int64]int{}
	for _, ev := range m.kept() {
		if ev.Kind == store.Message {
			at[ev.Seq] = len(posts)
			posts = append(posts, store.Post{Event: ev, Deleted: m.erased[ev.Seq]})
			continue
		}
		if i, ok := at[ev.Target]; ok && !posts[i].Deleted {
			fold(&posts[i], ev)
		}
	}
	slices.Reverse(posts)
	return posts
}

// fold applies a change to a post that is there.
func fold(p *store.Post, ev store.Event) {
	emoji := string(ev.Body)
	switch ev.Kind {
	case store.Edit:
		p.Body, p.EditedAt = ev.Body, ev.At
	case store.React:
		if p.Reacts == nil {
			p.Reacts = map[string][]string{}
		}
		if !slices.Contains(p.Reacts[emoji], ev.Author) {
			p.Reacts[emoji] = append(p.Reacts[emoji], ev.Author)
		}
	case store.Unreact:
		if p.Reacts == nil {
			return
		}
		left := slices.DeleteFunc(p.Reacts[emoji], func(a string) bool { return a == ev.Author })
		if p.Reacts[emoji] = left; len(left) == 0 {
			delete(p.Reacts, emoji)
		}
		if len(p.Reacts) == 0 {
			p.Reacts = nil
		}
	}
}

// trim is store.Log.Trim.
func (m *model) trim(keep store.Retention, now time.Time) {
	for m.low < m.head() {
		tooMany := keep.Count > 0 && m.head()-m.low > keep.Count
		tooOld := keep.Age > 0 && m.events[m.low].At.Before(now.Add(-keep.Age))
		if !tooMany && !tooOld {
			return
		}
		m.low++
	}
}

// enter is store.Presence.Enter.
func (m *model) enter(mb store.Member, ttl time.Duration, now time.Time) error {
	m.sweep(now)
	if old, ok := m.leases[mb.Conn]; ok && old.User != mb.User {
		return store.ErrConflict
	}
	here := false
	for _, l := range m.leases {
		if mb.Key != "" && l.Key == mb.Key && l.User != mb.User {
			return store.ErrNameTaken
		}
		here = here || l.User == mb.User
	}
	if !here {
		m.add(store.Draft{Author: mb.User, Kind: store.Joined, Body: mb.Info}, now)
	}
	m.leases[mb.Conn] = modelLease{mb, now.Add(ttl)}
	return nil
}

// leave is store.Presence.Leave.
func (m *model) leave(conn string, now time.Time) {
	old, ok := m.leases[conn]
	if !ok {
		return
	}
	delete(m.leases, conn)
	for _, l := range m.leases {
		if l.User == old.User {
			return
		}
	}
	m.add(store.Draft{Author: old.User, Kind: store.Left, Body: old.Info}, now)
}

// renew is store.Presence.Renew for one connection; it returns false if it was
// gone.
func (m *model) renew(conn string, ttl time.Duration, now time.Time) bool {
	l, ok := m.leases[conn]
	if !ok || !l.ends.After(now) {
		return false
	}
	l.ends = now.Add(ttl)
	m.leases[conn] = l
	return true
}

// sweep ends the leases whose time is over and returns how many they were.
func (m *model) sweep(now time.Time) int {
	var over []modelLease
	for _, l := range m.leases {
		if !l.ends.After(now) {
			over = append(over, l)
		}
	}
	slices.SortFunc(over, func(a, b modelLease) int {
		return cmp.Or(a.ends.Compare(b.ends), cmp.Compare(a.Conn, b.Conn))
	})
	for _, l := range over {
		m.leave(l.Conn, now)
	}
	return len(over)
}
