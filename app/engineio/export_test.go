package engineio

import "time"

// Oversleep makes the last ping older by d, as it is after a sleep in which no
// timer ran.
func (s *Session) Oversleep(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastPing = s.lastPing.Add(-d)
}
