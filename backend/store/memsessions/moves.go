package memsessions

import (
	"context"
	"iter"
	"slices"

	"maru/backend/store"
)

// maxMoves is how many Moves are kept for a holder that does not read them.
// With more it gets the zero Move in their place.
const maxMoves = 1024

// ear is a running Moves. Sessions.mu guards it, but for wake.
type ear struct {
	moves  []store.Move
	missed bool          // the zero Move comes before moves
	wake   chan struct{} // holds a token if there is something to take
}

// tellLocked hands a Move to whoever listens for holder. It never blocks.
func (s *Sessions) tellLocked(holder string, m store.Move) {
	for _, e := range s.ears[holder] {
		if len(e.moves) == maxMoves {
			e.moves, e.missed = nil, true
		}
		e.moves = append(e.moves, m)
		select {
		case e.wake <- struct{}{}:
		default:
		}
	}
}

// tellWaitingLocked tells those who were refused that the session is free.
func (s *Sessions) tellWaitingLocked(ss *session, turn int64) {
	for holder := range ss.waiting {
		s.tellLocked(holder, store.Move{SID: ss.sid, Turn: turn})
	}
	ss.waiting = nil
}

// Moves implements store.Sessions. The zero Move comes again if the caller is
// more than a thousand Moves behind.
func (s *Sessions) Moves(ctx context.Context, holder string) iter.Seq2[store.Move, error] {
	return func(yield func(store.Move, error) bool) {
		if err := store.CheckHolder(holder); err != nil {
			yield(store.Move{}, err)
			return
		}
		e := s.listen(holder)
		defer s.unlisten(holder, e)
		for {
			// Asked for first: with several ready, select takes any.
			if err := s.over(ctx); err != nil {
				yield(store.Move{}, err)
				return
			}
			select {
			case <-e.wake:
				if !s.yieldMoves(ctx, e, yield) {
					return
				}
			case <-ctx.Done():
			case <-s.quit:
			}
		}
	}
}

// over returns why Moves ends, nil while it does not.
func (s *Sessions) over(ctx context.Context) error {
	select {
	case <-s.quit:
		return errClosed
	default:
		return ctx.Err()
	}
}

// yieldMoves yields what has come to e. It reports whether the caller wants
// more; what the context's end leaves is dropped.
func (s *Sessions) yieldMoves(ctx context.Context, e *ear, yield func(store.Move, error) bool) bool {
	s.mu.Lock()
	moves, missed := e.moves, e.missed
	e.moves, e.missed = nil, false
	s.mu.Unlock()
	if missed && !yield(store.Move{}, nil) {
		return false
	}
	for _, m := range moves {
		if s.over(ctx) != nil {
			return true
		}
		if !yield(m, nil) {
			return false
		}
	}
	return true
}

// listen adds an ear, whose first Move is the zero Move.
func (s *Sessions) listen(holder string) *ear {
	e := &ear{missed: true, wake: make(chan struct{}, 1)}
	e.wake <- struct{}{}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ears[holder] = append(s.ears[holder], e)
	return e
}

func (s *Sessions) unlisten(holder string, e *ear) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.DeleteFunc(s.ears[holder], func(other *ear) bool { return other == e })
	if len(left) == 0 {
		delete(s.ears, holder)
		return
	}
	s.ears[holder] = left
}
