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
	if now := time.Now(); s.awaitsPong || now.Before(s.due) {
		s.timer.Reset(s.due.Sub(now)) // a pong came between
		return
	}
	s.awaitsPong = true
	// The peer counts from when the ping was due. A timer that is very late
	// must not cost the session, though.
	timeout := s.server.cfg.PingTimeout
	s.dueLocked(max(time.Until(s.due.Add(timeout)), timeout/2))
	_ = s.sendLocked(pingFrame) // a full queue has closed the session
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

// dueLocked arms the timer of the next heartbeat.
func (s *Session) dueLocked(d time.Duration) {
	s.due = time.Now().Add(d)
	s.timer.Reset(d)
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
