package memsessions

import (
	"context"
	"iter"
	"slices"

	"maru/backend/store"
	"maru/backend/store/moves"
)

// tellLocked hands a Move to whoever listens for holder.
func (s *Sessions) tellLocked(holder string, m store.Move) {
	for _, q := range s.ears[holder] {
		q.Add(m)
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
// more than moves.Max behind.
func (s *Sessions) Moves(ctx context.Context, holder string) iter.Seq2[store.Move, error] {
	return func(yield func(store.Move, error) bool) {
		if err := store.CheckHolder(holder); err != nil {
			yield(store.Move{}, err)
			return
		}
		q := s.listen(holder)
		defer s.unlisten(holder, q)
		q.All(ctx, s.quit, errClosed)(yield)
	}
}

// listen has a queue told what holder must hear, from now on.
func (s *Sessions) listen(holder string) *moves.Queue {
	q := moves.New()
	q.Miss()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ears[holder] = append(s.ears[holder], q)
	return q
}

func (s *Sessions) unlisten(holder string, q *moves.Queue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := slices.DeleteFunc(s.ears[holder], func(other *moves.Queue) bool { return other == q })
	if len(left) == 0 {
		delete(s.ears, holder)
		return
	}
	s.ears[holder] = left
}
