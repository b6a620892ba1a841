// Package memsessions keeps sessions in memory, for stores that one process has
// for itself.
//
// It promises the laws of store.Sessions. What it keeps is bounded in bytes,
// and sessions whose time is over go with later calls, so that it needs no
// goroutine. It must not know what a session's state says.
package memsessions

import (
	"bytes"
	"container/heap"
	"context"
	"fmt"
	"sync"
	"time"

	"maru/backend/store"
	"maru/backend/store/moves"
)

// maxBytes bounds what is kept.
const maxBytes = 256 << 20

// overhead is what a session needs beside its state and names, about.
const overhead = 512

var (
	errClosed = fmt.Errorf("memsessions: closed: %w", store.ErrUnavailable)
	errFull   = fmt.Errorf("memsessions: no room for more: %w", store.ErrUnavailable)
)

// Sessions is a store.Sessions in memory. Use New to make one.
type Sessions struct {
	now func() time.Time

	mu     sync.Mutex
	kept   map[string]*session
	ending endings // has each session that is kept
	bytes  int     // what they need
	limit  int     // of bytes
	ears   map[string][]*moves.Queue
	quit   chan struct{} // closed by Close
	closed bool
}

var _ store.Sessions = (*Sessions)(nil)

// session is what is known of one session.
type session struct {
	sid     string
	turn    int64
	holder  string
	state   []byte
	ends    time.Time           // the session is over
	busy    time.Time           // until when it is
	waiting map[string]struct{} // holders that were refused since
	due     time.Time           // when to see whether it is over; ends or before, see endings
	at      int                 // its place in endings
}

func (ss *session) size() int { return overhead + len(ss.sid) + len(ss.holder) + len(ss.state) }

// New returns an empty Sessions that reads the time from now, which must be
// safe for concurrent use. Times are compared by their monotonic reading if
// they have one, so that a step of the wall clock ends no session.
func New(now func() time.Time) *Sessions {
	return &Sessions{
		now:   now,
		kept:  map[string]*session{},
		limit: maxBytes,
		ears:  map[string][]*moves.Queue{},
		quit:  make(chan struct{}),
	}
}

// Close forgets all sessions, and ends all running Moves and later calls with
// ErrUnavailable. A second Close does nothing.
func (s *Sessions) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	close(s.quit)
	s.kept, s.ending, s.bytes = nil, nil, 0
}

// beginLocked drops what is over, and returns the time of this call.
func (s *Sessions) beginLocked(ctx context.Context) (now time.Time, err error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	if s.closed {
		return time.Time{}, errClosed
	}
	now = s.now()
	s.dropOverLocked(now)
	return now, nil
}

// Open implements store.Sessions. The answer is ErrUnavailable when all sessions
// together need 192 MiB. The quarter above that is for those that are there to
// grow: who opens many more does not end theirs.
func (s *Sessions) Open(ctx context.Context, sid, holder string, state []byte, ttl time.Duration) error {
	if err := store.CheckOpen(sid, holder, state, ttl); err != nil {
		return err
	}
	ss := &session{sid: sid, turn: 1, holder: holder, state: bytes.Clone(state)}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := s.beginLocked(ctx)
	if err != nil {
		return err
	}
	if s.findLocked(sid, now) != nil {
		return store.ErrConflict
	}
	if s.bytes+ss.size() > s.limit/4*3 {
		return errFull
	}
	ss.ends = now.Add(ttl)
	ss.due = ss.ends
	s.kept[sid] = ss
	s.bytes += ss.size()
	heap.Push(&s.ending, ss)
	return nil
}

// End implements store.Sessions.
func (s *Sessions) End(ctx context.Context, sid string, turn int64) error {
	if err := store.CheckEnd(sid, turn); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := s.beginLocked(ctx)
	if err != nil {
		return err
	}
	ss := s.findLocked(sid, now)
	if ss == nil {
		return nil
	}
	if ss.turn != turn {
		return store.ErrLostTurn
	}
	s.dropLocked(ss)
	s.tellWaitingLocked(ss, turn+1)
	return nil
}

// Turns implements store.Sessions.
func (s *Sessions) Turns(ctx context.Context, sids ...string) (map[string]int64, error) {
	for _, sid := range sids {
		if err := store.CheckSID(sid); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := s.beginLocked(ctx)
	if err != nil {
		return nil, err
	}
	turns := make(map[string]int64, len(sids))
	for _, sid := range sids {
		if ss := s.findLocked(sid, now); ss != nil {
			turns[sid] = ss.turn
		}
	}
	return turns, nil
}
