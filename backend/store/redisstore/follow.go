package redisstore

import (
	"context"
	"errors"
	"iter"
	"time"

	"maru/backend/store"
)

// followStep is how many events a follower takes at once.
const followStep = 64

// How long a follower waits after a read has failed, twice as long each time.
const (
	retryFirst = 100 * time.Millisecond
	retryLast  = 2 * time.Second
)

// Follow implements store.Log.
func (s *Store) Follow(ctx context.Context, room string, from store.Pos) iter.Seq2[store.Event, error] {
	return func(yield func(store.Event, error) bool) {
		if err := store.CheckRoom(room); err != nil {
			yield(store.Event{}, err)
			return
		}
		if !s.begin() {
			yield(store.Event{}, errClosed)
			return
		}
		defer s.running.Done()
		fd, leave := s.hub.join(room)
		defer leave()
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
	checks  int // how many reasons to read the log were heeded
	yield   func(store.Event, error) bool
	stopped bool // the consumer has had enough
}

// run follows until there is a reason to end, or the consumer stops it.
func (f *follower) run(ctx context.Context) error {
	buf := make([]store.Event, followStep)
	for behind := true; ; {
		if behind {
			if more, err := f.catchUp(ctx); !more || err != nil {
				return err
			}
		}
		var n int
		var grown <-chan struct{}
		n, behind, grown = f.feed.after(f.at, f.checks, buf)
		if !f.deliver(ctx, buf[:n]) {
			return ctx.Err()
		}
		clear(buf[:n])
		if n > 0 || behind {
			continue
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		case <-f.s.life.Done():
			return errClosed
		}
	}
}

// catchUp reads the log up to its head. It reports false, like deliver, when
// that is not to go on.
//
// The log is asked with the place that the follower had before, and decides in
// one step whether that is a place of it; so what happens meanwhile never looks
// like a fork.
func (f *follower) catchUp(ctx context.Context) (more bool, err error) {
	retry := retryFirst
	for {
		version, checks := f.feed.state()
		evs, head, err := f.s.Events(ctx, f.room, f.at, followStep)
		if err != nil {
			if err := f.endOrWait(ctx, err, retry); err != nil {
				return false, err
			}
			retry = min(2*retry, retryLast)
			continue
		}
		retry, f.checks = retryFirst, checks
		if f.at == (store.Pos{}) && len(evs) > 0 {
			f.at.Epoch = head.Epoch
		}
		if !f.deliver(ctx, evs) {
			return false, ctx.Err()
		}
		if len(evs) < followStep {
			f.feed.reached(head, version)
			return true, nil
		}
	}
}

// endOrWait returns err if it ends the Follow, and otherwise nil when it is
// time to try again.
func (f *follower) endOrWait(ctx context.Context, err error, retry time.Duration) error {
	if !errors.Is(err, store.ErrUnavailable) || errors.Is(err, errClosed) {
		return err
	}
	timer := time.NewTimer(retry)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-f.s.life.Done():
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
