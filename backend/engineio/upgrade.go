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
	ws.expire(time.Now().Add(srv.cfg.UpgradeTimeout))
	reason := u.step((*Session).tries)
	if reason == "" {
		if reason = u.probe(); reason == "" {
			return
		}
		u.endProbe()
	}
	ws.expire(time.Now().Add(closeGrace))
	ws.close(reason)
}

// step brings the session here and takes a step of the upgrade there. Its
// requests may take it away again just then. A session that refuses the step is
// closed, has moved, or tries another WebSocket.
func (u *upgrading) step(take func(s *Session, ws *webSocket) error) Reason {
	for range stepTries {
		if reason := u.claim(); reason != "" {
			return reason
		}
		switch err := take(u.s, u.ws); {
		case err == nil:
			return ""
		case errors.Is(err, errLeaving):
			return ServerShutdown
		case errors.Is(err, errNoCandidate) && u.s.Reason() != Moved:
			return BadRequest
		case !errors.Is(err, errNoCandidate) && !errors.Is(err, ErrLostTurn):
			u.server.cfg.Logger.Warn("engineio: upgrade", "error", err)
			return ServerError
		}
	}
	return ServerError
}

const stepTries = 5

var errNoCandidate = errors.New("engineio: the session doesn't try this WebSocket")

// errLeaving tells that a session is not to stay here, since the instance goes away.
// One that moved to a WebSocket now would be on an instance that nobody ends it on.
var errLeaving = errors.New("engineio: the server shuts down")

// tries lets the session try ws, and no other one.
func (s *Session) tries(ws *webSocket) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.triesLocked(ws)
}

func (s *Session) triesLocked(ws *webSocket) error {
	if s.server.leaving.Load() {
		return errLeaving
	}
	return s.fitsLocked(ws)
}

// fitsLocked lets the session try ws even where it is not to stay.
func (s *Session) fitsLocked(ws *webSocket) error {
	if s.closed != nil || s.candidate != nil && s.candidate != ws || s.transport != transport(s.polling) {
		return errNoCandidate
	}
	s.candidate = ws
	return nil
}

// probe lets the peer find out that the WebSocket works, waits until it is
// done with long-polling, and moves the session. From the answer to the probe
// on each GET is answered at once, so that none is open by then.
func (u *upgrading) probe() Reason {
	reason := u.ws.await(eio.Ping, probeData)
	if reason == "" {
		reason = u.step((*Session).expectMove)
	}
	if reason == "" && u.ws.write(probeAnswer) != nil {
		reason = TransportError
	}
	if reason == "" {
		u.s.wake()
		reason = u.ws.await(eio.Upgrade, "")
	}
	if reason == "" {
		reason = u.step((*Session).move)
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

// expectMove has every instance know that GETs are to be answered at once.
func (s *Session) expectMove(ws *webSocket) error {
	s.mu.Lock()
	err := s.triesLocked(ws)
	if err == nil {
		s.probed = time.Now().Add(s.server.cfg.UpgradeTimeout)
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.save(false)
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
	if u.server.leaving.Load() {
		return // the others soon expect no move any more
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

// move makes ws the session's transport, and the session stay here. One that
// has been closed meanwhile doesn't move.
func (s *Session) move(ws *webSocket) error {
	s.mu.Lock()
	turn, err := s.turn, s.triesLocked(ws)
	if err == nil {
		s.turn = 0 // it stays here, if the keeper agrees
	}
	s.mu.Unlock()
	if err == nil && turn > 0 {
		err = s.server.release(s, turn)
	}
	s.mu.Lock()
	if err == nil {
		err = s.fitsLocked(ws) // the keeper has it no more: whoever shuts down ends it here
	}
	if err != nil {
		s.turn = turn
		s.mu.Unlock()
		return err
	}
	s.candidate, s.probed = nil, time.Time{}
	s.transport = ws
	ws.expire(time.Time{})
	s.wakeLocked()
	s.mu.Unlock()
	s.polling.leave()
	return nil
}

// release takes a session from the keeper, for as long as it lives.
func (srv *Server) release(s *Session, turn int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), keeperTimeout)
	defer cancel()
	return srv.cfg.Keeper.End(ctx, s.id, turn)
}
