package sqlitestore

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"maru/backend/store"
)

// A feed keeps the newest events of its room, up to these bounds: a follower
// that is no further behind needs no query.
const (
	feedEvents = 128
	feedBytes  = 256 << 10
)

// followStep is how many events a follower takes at once.
const followStep = 64

// retryDelay is how long a follower waits after a read has failed.
const retryDelay = 200 * time.Millisecond

// feeds has a feed for each room that is being followed.
type feeds struct {
	mu   sync.Mutex
	open map[string]*feed
}

// feed is the end of one room's log, as the writer announces it.
type feed struct {
	mu        sync.Mutex
	followers int // guarded by feeds.mu
	recent    []store.Event
	bytes     int
	grown     chan struct{} // closed, and replaced, when recent grows
}

// join is the feed of a room for one more follower. What is committed from now
// on will be in it.
func (f *feeds) join(room string) *feed {
	f.mu.Lock()
	defer f.mu.Unlock()
	fd := f.open[room]
	if fd == nil {
		fd = &feed{grown: make(chan struct{})}
		if f.open == nil {
			f.open = map[string]*feed{}
		}
		f.open[room] = fd
	}
	fd.followers++
	return fd
}

func (f *feeds) leave(room string, fd *feed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fd.followers--; fd.followers == 0 {
		delete(f.open, room)
	}
}

// publish hands the events of a commit to the feeds. Events of one room that
// stand together wake its followers once.
func (f *feeds) publish(out []announcement) {
	for len(out) > 0 {
		n := 1
		for n < len(out) && out[n].room == out[0].room {
			n++
		}
		f.mu.Lock()
		fd := f.open[out[0].room]
		f.mu.Unlock()
		if fd != nil {
			fd.push(out[:n])
		}
		out = out[n:]
	}
}

func (fd *feed) push(out []announcement) {
	fd.mu.Lock()
	defer fd.mu.Unlock()
	for _, a := range out {
		if a.ev.Kind == store.Delete {
			fd.eraseLocked(a.ev.Target)
		}
		fd.recent = append(fd.recent, a.ev)
		fd.bytes += len(a.ev.Body)
	}
	drop := 0
	for len(fd.recent)-drop > feedEvents || fd.bytes > feedBytes {
		fd.bytes -= len(fd.recent[drop].Body)
		drop++
	}
	fd.recent = append(fd.recent[:0], fd.recent[drop:]...)
	clear(fd.recent[len(fd.recent):cap(fd.recent)])
	close(fd.grown)
	fd.grown = make(chan struct{})
}

// eraseLocked takes the text of a message and of its edits out of the feed.
func (fd *feed) eraseLocked(target int64) {
	for i := range fd.recent {
		ev := &fd.recent[i]
		if ev.Seq == target || ev.Kind == store.Edit && ev.Target == target {
			fd.bytes -= len(ev.Body)
			ev.Body = nil
		}
	}
}

// after copies events after seq into buf. With none, either the feed no longer
// has them (behind), or there are none yet and grown tells when there are.
func (fd *feed) after(seq int64, buf []store.Event) (n int, behind bool, grown <-chan struct{}) {
	fd.mu.Lock()
	defer fd.mu.Unlock()
	if len(fd.recent) == 0 || fd.recent[len(fd.recent)-1].Seq <= seq {
		return 0, false, fd.grown
	}
	skip := seq + 1 - fd.recent[0].Seq
	if skip < 0 {
		return 0, true, nil
	}
	return copy(buf, fd.recent[skip:]), false, nil
}

// Follow implements store.Log.
func (s *Store) Follow(ctx context.Context, room string, from store.Pos) iter.Seq2[store.Event, error] {
	return func(yield func(store.Event, error) bool) {
		if err := store.CheckRoom(room); err != nil {
			yield(store.Event{}, err)
			return
		}
		// The feed is joined before the log is read: what is committed
		// between the two is in both.
		fd := s.feeds.join(room)
		defer s.feeds.leave(room, fd)
		f := follower{s: s, room: room, feed: fd, at: from, yield: yield}
		if err := f.run(ctx); err != nil && !f.stopped {
			yield(store.Event{}, err)
		}
	}
}

// follower is one running Follow.
type follower struct {
	s       *Store
	room    string
	feed    *feed
	at      store.Pos
	yield   func(store.Event, error) bool
	stopped bool // the consumer has had enough
}

// run follows until there is a reason to end, or the consumer stops it.
func (f *follower) run(ctx context.Context) error {
	buf := make([]store.Event, followStep)
	behind := true
	for {
		if behind {
			if more, err := f.catchUp(ctx); !more || err != nil {
				return err
			}
		}
		var n int
		var grown <-chan struct{}
		n, behind, grown = f.feed.after(f.at.Seq, buf)
		if n > 0 && f.at.Epoch == "" {
			// The room has begun meanwhile: read its epoch as well.
			behind = true
			continue
		}
		if !f.deliver(ctx, buf[:n]) {
			return ctx.Err()
		}
		if grown == nil {
			continue
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		case <-f.s.quit:
			return errClosed
		}
	}
}

// catchUp reads the log up to its head. It reports false, like deliver, when
// that is not to go on.
func (f *follower) catchUp(ctx context.Context) (more bool, err error) {
	for {
		evs, head, err := f.s.Events(ctx, f.room, f.at, followStep)
		if err != nil {
			if err := f.endOrWait(ctx, err); err != nil {
				return false, err
			}
			continue
		}
		f.at.Epoch = head.Epoch
		if !f.deliver(ctx, evs) {
			return false, ctx.Err()
		}
		if len(evs) < followStep {
			return true, nil
		}
	}
}

// endOrWait returns err if it ends the Follow, and otherwise nil when it is
// time to try again.
func (f *follower) endOrWait(ctx context.Context, err error) error {
	if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, errClosed) {
		return err
	}
	retry := time.NewTimer(retryDelay)
	defer retry.Stop()
	select {
	case <-retry.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-f.s.quit:
		return errClosed
	}
}

// deliver yields evs, and reports whether to go on.
func (f *follower) deliver(ctx context.Context, evs []store.Event) bool {
	for _, ev := range evs {
		if ctx.Err() != nil {
			return false
		}
		if !f.yield(ev, nil) {
			f.stopped = true
			return false
		}
		f.at = f.at.After(ev)
	}
	return true
}
