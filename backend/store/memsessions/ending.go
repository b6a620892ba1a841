package memsessions

import (
	"container/heap"
	"time"
)

// findLocked returns the session of sid, nil if it is gone.
func (s *Sessions) findLocked(sid string, now time.Time) *session {
	ss := s.kept[sid]
	if ss != nil && !ss.ends.After(now) {
		s.dropLocked(ss)
		return nil
	}
	return ss
}

// dropOverLocked drops the sessions whose time is over. A session that lives on
// comes here once in its ttl, so that calls need not move it each time.
func (s *Sessions) dropOverLocked(now time.Time) {
	for len(s.ending) > 0 && !s.ending[0].due.After(now) {
		ss := s.ending[0]
		if !ss.ends.After(now) {
			s.dropLocked(ss)
			continue
		}
		ss.due = ss.ends
		heap.Fix(&s.ending, 0)
	}
}

func (s *Sessions) dropLocked(ss *session) {
	delete(s.kept, ss.sid)
	s.bytes -= ss.size()
	heap.Remove(&s.ending, ss.at)
}

// endings is a heap of sessions by the time at which to see whether they are
// over, the earliest first. See container/heap.
type endings []*session

// Len implements heap.Interface.
func (e endings) Len() int { return len(e) }

// Less implements heap.Interface.
func (e endings) Less(i, j int) bool { return e[i].due.Before(e[j].due) }

// Swap implements heap.Interface.
func (e endings) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].at, e[j].at = i, j
}

// Push implements heap.Interface.
func (e *endings) Push(x any) {
	ss := x.(*session)
	ss.at = len(*e)
	*e = append(*e, ss)
}

// Pop implements heap.Interface.
func (e *endings) Pop() any {
	last := len(*e) - 1
	ss := (*e)[last]
	(*e)[last] = nil
	*e = (*e)[:last]
	return ss
}
