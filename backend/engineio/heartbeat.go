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
	if s.closed != nil {
		return
	}
	if s.awaitsPong {
		s.closeLocked(PingTimeout)
		return
	}
	s.awaitsPong = true
	s.timer.Reset(s.server.cfg.PingTimeout)
	_ = s.sendLocked(pingFrame) // a full queue has closed the session
}

// pong notes the answer to a ping. One that nobody asked for changes nothing.
func (s *Session) pong() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil || !s.awaitsPong {
		return
	}
	s.awaitsPong = false
	s.timer.Reset(s.server.cfg.PingInterval)
}

// startHeartbeat arms the timer of the first ping.
func (s *Session) startHeartbeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil {
		return
	}
	s.timer = time.AfterFunc(s.server.cfg.PingInterval, s.beat)
}
