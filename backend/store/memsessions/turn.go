package memsessions

import (
	"bytes"
	"context"
	"time"

	"maru/backend/store"
)

// Claim implements store.Sessions.
func (s *Sessions) Claim(ctx context.Context, sid, holder string, known int64, busy, ttl time.Duration) (int64, []byte, error) {
	if err := store.CheckClaim(sid, holder, known, busy, ttl); err != nil {
		return 0, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := s.beginLocked(ctx)
	if err != nil {
		return 0, nil, err
	}
	ss := s.findLocked(sid, now)
	if ss == nil {
		return 0, nil, store.ErrNoSession
	}
	if ss.holder == holder && ss.turn == known {
		ss.ends = now.Add(ttl)
		if busy > 0 {
			ss.busy = now.Add(busy)
		}
		return known, nil, nil
	}
	if ss.busy.After(now) {
		ss.wait(holder)
		return 0, nil, store.ErrBusy
	}
	s.moveLocked(ss, holder, busy == 0)
	ss.ends = now.Add(ttl)
	ss.busy = now.Add(busy)
	return ss.turn, append([]byte{}, ss.state...), nil
}

// moveLocked gives holder the next turn. Who waits hears of it if it is free.
func (s *Sessions) moveLocked(ss *session, holder string, free bool) {
	ss.turn++
	s.tellLocked(ss.holder, store.Move{SID: ss.sid, Turn: ss.turn})
	delete(ss.waiting, holder)
	if free {
		delete(ss.waiting, ss.holder) // has heard
		s.tellWaitingLocked(ss, ss.turn)
	}
	s.bytes += len(holder) - len(ss.holder)
	ss.holder = holder
}

// wait has holder told when the session is free.
func (ss *session) wait(holder string) {
	if ss.waiting == nil {
		ss.waiting = map[string]struct{}{}
	}
	ss.waiting[holder] = struct{}{}
}

// Save implements store.Sessions. The answer is ErrUnavailable if the state is
// larger than the one before and all sessions together would need more than
// 256 MiB.
func (s *Sessions) Save(ctx context.Context, sid string, turn int64, state []byte, free bool, ttl time.Duration) error {
	if err := store.CheckSave(sid, turn, state, ttl); err != nil {
		return err
	}
	state = bytes.Clone(state)
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := s.beginLocked(ctx)
	if err != nil {
		return err
	}
	ss := s.findLocked(sid, now)
	if ss == nil {
		return store.ErrNoSession
	}
	if ss.turn != turn {
		return store.ErrLostTurn
	}
	more := len(state) - len(ss.state)
	if more > 0 && s.bytes+more > s.limit {
		return errFull
	}
	s.bytes += more
	ss.state = state
	ss.ends = now.Add(ttl)
	if free {
		ss.busy = time.Time{}
		s.tellWaitingLocked(ss, turn)
	}
	return nil
}
