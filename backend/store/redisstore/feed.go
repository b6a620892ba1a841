package redisstore

import (
	"sync"

	"maru/backend/store"
)

// A feed keeps the newest events of its room, up to these bounds: a follower
// that is no further behind asks Redis nothing.
const (
	feedEvents = 128
	feedBytes  = 256 << 10
)

// feed is the end of one room's log, as it was announced to this instance. It
// is a shortcut: what it says reaches a follower only where it joins on to what
// the follower has, by epoch, Seq and ID; for all else followers read the log.
type feed struct {
	room    string
	channel string

	followers int // guarded by link.mu

	mu      sync.Mutex
	last    store.Pos     // of the newest event
	before  store.Pos     // of the event before recent
	recent  []store.Event // up to last, or none
	bytes   int
	version int           // counts what changes last
	checks  int           // counts the reasons to read the log
	grown   chan struct{} // closed, and replaced, at every change
	trust   bool          // see tune
}

func newFeed(room, channel string, trust bool) *feed {
	return &feed{room: room, channel: channel, grown: make(chan struct{}), trust: trust}
}

// push takes what was announced. What does not follow on what is known (after a
// gap, of another epoch, from a log that was forked) starts the feed anew.
func (f *feed) push(fr frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	joined := fr.before == f.last
	if !joined {
		// A mere gap shows by itself: every follower is behind it.
		if f.last.Epoch != fr.before.Epoch || fr.before.Seq <= f.last.Seq {
			f.checks++
		}
		f.forgetLocked()
	}
	if len(f.recent) == 0 {
		f.before = fr.before
	}
	if fr.ev.Kind == store.Delete {
		f.eraseLocked(fr.ev.Target)
	}
	f.recent, f.bytes = append(f.recent, fr.ev), f.bytes+len(fr.ev.Body)
	f.last = fr.before.After(fr.ev)
	f.shrinkLocked()
	f.changedLocked()
}

func (f *feed) forgetLocked() {
	clear(f.recent)
	f.recent, f.bytes = f.recent[:0], 0
}

func (f *feed) shrinkLocked() {
	drop := 0
	for len(f.recent)-drop > feedEvents || f.bytes > feedBytes {
		f.before = f.before.After(f.recent[drop])
		f.bytes -= len(f.recent[drop].Body)
		drop++
	}
	n := copy(f.recent, f.recent[drop:])
	clear(f.recent[n:])
	f.recent = f.recent[:n]
}

// eraseLocked takes the text of a message and of its edits out of the feed.
func (f *feed) eraseLocked(target int64) {
	for i := range f.recent {
		ev := &f.recent[i]
		if ev.Seq == target || ev.Kind == store.Edit && ev.Target == target {
			f.bytes -= len(ev.Body)
			ev.Body = nil
		}
	}
}

func (f *feed) changedLocked() {
	f.version++
	close(f.grown)
	f.grown = make(chan struct{})
}

// suspect has all followers read the log, unless head is what they have heard.
func (f *feed) suspect(head store.Pos) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if head != f.last {
		f.checks++
		f.changedLocked()
	}
}

// doubt has all followers read the log.
func (f *feed) doubt() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.checks++
	f.changedLocked()
}

// state is what a follower asks before it reads the log; reached takes the
// version back with what was found.
func (f *feed) state() (version, checks int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.version, f.checks
}

// reached says that head was the head at a moment after the version was asked.
// If something was announced since then, that counts and not this.
func (f *feed) reached(head store.Pos, version int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if version == f.version && head != f.last {
		f.forgetLocked()
		f.last = head
		f.changedLocked()
	}
}

// after copies events after a place into buf. With none, either the log has to
// be read (behind), or there are none yet and grown tells when there are.
// checks is how many reasons to read the log the follower has heeded.
func (f *feed) after(at store.Pos, checks int, buf []store.Event) (n int, behind bool, grown <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.trust:
		skip := 0
		for skip < len(f.recent) && f.recent[skip].Seq <= at.Seq {
			skip++
		}
		return copy(buf, f.recent[skip:]), false, f.grown
	case checks != f.checks:
		return 0, true, nil
	case at == f.last, f.last == store.Pos{}:
		return 0, false, f.grown
	case at.Epoch != f.last.Epoch || at.Seq < f.before.Seq || at.Seq >= f.last.Seq || len(f.recent) == 0:
		return 0, at.Seq <= f.last.Seq || at.Epoch != f.last.Epoch, f.grown
	}
	skip := int(at.Seq - f.before.Seq)
	id := f.before.ID
	if skip > 0 {
		id = f.recent[skip-1].ID
	}
	if id != at.ID {
		return 0, true, nil
	}
	return copy(buf, f.recent[skip:]), false, nil
}
