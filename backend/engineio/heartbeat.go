package engineio

import (
	"time"

	"maru/app/wire/eio"
)

var pingFrame = Frame{Data: eio.Append(nil, eio.Packet{Type: eio.Ping})}

// beat runs when the heartbeat's timer fires (Engine.IO protocol, section
// "Heartbeat"): it sends the ping that is due, or finds that the pong is
// missing.
func (s *Session) beat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil || s.timedOutLocked() {
		return
	}
	if now := time.Now(); now.Before(s.due) { // a pong came between
		s.timer.Reset(s.due.Sub(now))
		return
	}
	s.awaitsPong = true
	s.pinged = s.due
	s.dueLocked(s.server.cfg.PingTimeout)
	_ = s.sendLocked(pingFrame) // a full queue has closed the session
}

// dueLocked arms the timer of the heartbeat that is due d after the ping. Both
// are counted from when that was due, so that delays don't add up; but after a
// long one, such as of a machine that slept, the peer has some of the time.
func (s *Session) dueLocked(d time.Duration) {
	now := time.Now()
	s.due = s.pinged.Add(d)
	if least := now.Add(d / 2); s.due.Before(least) {
		s.due = least
	}
	s.timer.Reset(s.due.Sub(now))
}

// timedOutLocked closes a session whose pong is missing. Its timer may be late.
func (s *Session) timedOutLocked() bool {
	if !s.awaitsPong || time.Now().Before(s.due) {
		return false
	}
	if s.closed == nil {
		s.closeLocked(PingTimeout)
	}
	return true
}

// pong notes the answer to a ping. One that nobody asked for changes nothing.
func (s *Session) pong() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil || !s.awaitsPong {
		return
	}
	s.awaitsPong = false
	s.dueLocked(s.server.cfg.PingInterval)
}

// resumeHeartbeat arms the timer of what is due next in a session that was
// served elsewhere. What was due meanwhile is due now.
func (s *Session) resumeHeartbeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == nil {
		s.timer = time.AfterFunc(max(time.Until(s.due), 0), s.beat)
	}
}

// startHeartbeat arms the timer of the first ping.
func (s *Session) startHeartbeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil {
		return
	}
	interval := s.server.cfg.PingInterval
	s.due = time.Now().Add(interval)
	s.timer = time.AfterFunc(interval, s.beat)
}
