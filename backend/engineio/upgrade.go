package engineio

import (
	"net/http"
	"time"

	"maru/app/wire/eio"
)

const probeData = "probe"

var probeAnswer = []Frame{{Data: eio.Append(nil, eio.Packet{Type: eio.Pong, Data: []byte(probeData)})}}

// upgrade serves a WebSocket that a session on long-polling wants to move to
// (section "Upgrade"). A probe that fails or takes too long ends the WebSocket
// and leaves the session where it is.
func (srv *Server) upgrade(w http.ResponseWriter, r *http.Request, s *Session) {
	if !srv.enter() {
		unavailable(w)
		return
	}
	defer srv.leave()
	ws, err := acceptWebSocket(w, r, &srv.cfg)
	if err != nil {
		return // the peer has its answer
	}
	reason := BadRequest
	if s.startProbe(ws) {
		reason = s.probe(ws)
		if reason == "" && s.move(ws) {
			return
		}
		s.endProbe()
	}
	ws.expire(time.Now().Add(closeGrace))
	ws.close(reason)
}

// startProbe tells whether the session may try ws: it is open, on
// long-polling, and tries no other one.
func (s *Session) startProbe(ws *webSocket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil || s.candidate != nil || s.transport != transport(s.polling) {
		return false
	}
	s.candidate = ws
	ws.expire(time.Now().Add(s.server.cfg.UpgradeTimeout))
	return true
}

// probe lets the peer find out that ws works, and waits until it is done with
// long-polling. From the answer to the probe on each GET is answered at once,
// so that none is open by then.
func (s *Session) probe(ws *webSocket) Reason {
	if reason := ws.await(eio.Ping, probeData); reason != "" {
		return reason
	}
	if ws.write(probeAnswer) != nil {
		return TransportError
	}
	s.mu.Lock()
	s.probed = true
	s.mu.Unlock()
	s.wake()
	return ws.await(eio.Upgrade, "")
}

// await reads one frame, which must be this packet.
func (t *webSocket) await(kind eio.Type, data string) Reason {
	frame, reason := t.read()
	if reason != "" {
		return reason
	}
	p, err := eio.Parse(frame.Data)
	if frame.Binary || err != nil || p.Type != kind || string(p.Data) != data {
		return BadRequest
	}
	return ""
}

// endProbe lets the session stay on long-polling.
func (s *Session) endProbe() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.candidate, s.probed = nil, false
}

// move makes ws the session's transport. A session that has been closed
// meanwhile doesn't move.
func (s *Session) move(ws *webSocket) bool {
	s.mu.Lock()
	if s.closed != nil {
		s.mu.Unlock()
		return false
	}
	s.candidate, s.probed = nil, false
	s.transport = ws
	ws.expire(time.Time{})
	s.wakeLocked()
	s.mu.Unlock()
	s.polling.leave()
	return true
}
