package engineio

import (
	"context"
	"errors"
	"net/http"
	"time"

	"maru/app/wire/eio"
)

const probeData = "probe"

var probeAnswer = []Frame{{Data: eio.Append(nil, eio.Packet{Type: eio.Pong, Data: []byte(probeData)})}}

// upgrading is a WebSocket that a session on long-polling wants to move to.
// Meanwhile the session's polls may take it to other instances, so that it is
// claimed for each step.
type upgrading struct {
	server *Server
	r      *http.Request
	s      *Session
	ws     *webSocket
}

// upgrade serves a WebSocket that a session on long-polling wants to move to
// (section "Upgrade"). A probe that fails or takes too long ends the WebSocket
// and leaves the session where it is.
func (srv *Server) upgrade(w http.ResponseWriter, r *http.Request, s *Session) {
	if !srv.enter(false) {
		unavailable(w)
		return
	}
	defer srv.leave()
	ws, err := acceptWebSocket(w, r, &srv.cfg)
	if err != nil {
		return // the peer has its answer
	}
	u := &upgrading{server: srv, r: r.WithContext(context.WithoutCancel(r.Context())), s: s, ws: ws}
	reason := BadRequest
	if s.startProbe(ws) {
		if reason = u.probe(); reason == "" {
			return
		}
		u.endProbe()
	}
	ws.expire(time.Now().Add(closeGrace))
	ws.close(reason)
}

// startProbe tells whether the session may try ws: it is open, on
// long-polling, and tries no other one.
func (s *Session) startProbe(ws *webSocket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.triesLocked(ws) {
		return false
	}
	ws.expire(time.Now().Add(s.server.cfg.UpgradeTimeout))
	return true
}

func (s *Session) triesLocked(ws *webSocket) bool {
	if s.closed != nil || s.candidate != nil && s.candidate != ws || s.transport != transport(s.polling) {
		return false
	}
	s.candidate = ws
	return true
}

// probe lets the peer find out that the WebSocket works, waits until it is
// done with long-polling, and moves the session. From the answer to the probe
// on each GET is answered at once, so that none is open by then.
func (u *upgrading) probe() Reason {
	reason := u.ws.await(eio.Ping, probeData)
	if reason == "" {
		reason = u.answerProbe()
	}
	if reason == "" {
		reason = u.ws.await(eio.Upgrade, "")
	}
	if reason == "" {
		reason = u.move()
	}
	return reason
}

// claim brings the session here again.
func (u *upgrading) claim() Reason {
	if _, asks := u.s.claimed(); !asks {
		return ""
	}
	s, err := u.server.claim(u.r, u.s.id, 0)
	switch {
	case errors.Is(err, ErrNoSession):
		return BadRequest
	case err != nil:
		u.server.cfg.Logger.Warn("engineio: find a session", "error", err)
		return ServerError
	}
	u.s = s
	return ""
}

// answerProbe tells the peer that the WebSocket works, once every instance
// knows that GETs are to be answered at once.
func (u *upgrading) answerProbe() Reason {
	err := error(ErrLostTurn)
	for range probeTries {
		if reason := u.claim(); reason != "" {
			return reason
		}
		if !u.s.expectMove(u.ws) {
			return BadRequest
		}
		// The GETs may take it away just then.
		if err = u.s.save(false); !errors.Is(err, ErrLostTurn) {
			break
		}
	}
	switch {
	case err != nil:
		return ServerError
	case u.ws.write(probeAnswer) != nil:
		return TransportError
	}
	u.s.wake()
	return ""
}

const probeTries = 5

func (s *Session) expectMove(ws *webSocket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.triesLocked(ws) {
		return false
	}
	s.probed = time.Now().Add(s.server.cfg.UpgradeTimeout)
	return true
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
func (u *upgrading) endProbe() {
	if u.s.stopProbe(u.ws) {
		return
	}
	// It has gone on elsewhere, where it expects to move.
	if u.claim() == "" && u.s.stopProbe(u.ws) {
		_ = u.s.save(false) // what is not saved ends by itself
	}
}

// stopProbe tells whether the session is here, and so knows that it stays.
func (s *Session) stopProbe(ws *webSocket) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil && s.closed.Reason == Moved {
		return false
	}
	if s.candidate == nil || s.candidate == ws {
		s.candidate, s.probed = nil, time.Time{}
	}
	return true
}

// move makes the WebSocket the session's transport, and the session stay here.
// One that has been closed meanwhile doesn't move.
func (u *upgrading) move() Reason {
	if reason := u.claim(); reason != "" {
		return reason
	}
	s := u.s
	s.mu.Lock()
	turn, tries := s.turn, s.triesLocked(u.ws)
	s.mu.Unlock()
	if !tries {
		return BadRequest
	}
	if turn > 0 && u.server.release(s, turn) != nil {
		return ServerError
	}
	s.mu.Lock()
	if s.closed != nil {
		s.mu.Unlock()
		return BadRequest
	}
	s.candidate, s.probed, s.turn = nil, time.Time{}, 0
	s.transport = u.ws
	u.ws.expire(time.Time{})
	s.wakeLocked()
	s.mu.Unlock()
	s.polling.leave()
	return ""
}

// release takes a session from the keeper, for as long as it lives.
func (srv *Server) release(s *Session, turn int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), keeperTimeout)
	defer cancel()
	return srv.cfg.Keeper.End(ctx, s.id, turn)
}
