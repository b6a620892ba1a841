// Package engineio is the server side of Engine.IO v4: it takes HTTP requests,
// and hands over sessions that receive messages and send frames.
//
// It promises that Send never blocks and never reorders, over HTTP
// long-polling, over WebSocket and on the way from one to the other, that
// frames which are due together leave in one write, that a peer which is
// silent, slow or broken ends its own session and no other, and that every
// input is bounded. It must not know Socket.IO. It follows the Engine.IO protocol, revision 4, and where
// that is silent the reference implementation.
package engineio

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"maru/app/wire/eio"
)

// Server is the handler of the path that Engine.IO is served at.
type Server struct {
	cfg   Config
	serve func(ctx context.Context, s *Session)
	pace  *rate.Limiter // of new sessions

	home    *home       // nil without a keeper
	leaving atomic.Bool // it shuts down: sessions are to move

	mu       sync.Mutex
	sessions map[string]*Session
	active   int           // sessions, and WebSockets that are not yet a session's
	stopping bool          // no new ones are let in
	idle     chan struct{} // closed once stopping and none is active
}

// New returns a Server. serve runs for each session, on a goroutine of its
// own; ctx ends with the session. When serve returns, the session is closed. A
// panic in it is logged and closes that session with ServerError.
func New(cfg Config, serve func(ctx context.Context, s *Session)) *Server {
	cfg = cfg.withDefaults()
	srv := &Server{
		cfg:      cfg,
		serve:    serve,
		pace:     rate.NewLimiter(rate.Limit(cfg.AcceptRate), cfg.AcceptBurst),
		sessions: make(map[string]*Session),
		idle:     make(chan struct{}),
	}
	if cfg.Keeper != nil {
		srv.startMoves()
	}
	return srv
}

// ServeHTTP opens a session, serves one on long-polling or moves it to
// WebSocket. Otherwise it answers with the error that the reference
// implementation gives: status 400, for a foreign origin 403, for a payload
// that is too long 413, and as JSON a code and a message. A server that is
// full or shutting down answers 503; whom Admit does not let in, 429.
func (srv *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength != 0 {
		// net/http waits for what nobody has read of a body, without an end
		// and even before the answer, unless it is told not to. post reads it.
		w.Header().Set("Connection", "close")
		expireRead(w, time.Now().Add(srv.cfg.BodyTimeout))
	}
	if !srv.cfg.CheckOrigin(r) { // first, so that a foreign page learns nothing
		refuse(w, http.StatusForbidden, eio.ErrForbidden)
		return
	}
	if srv.cfg.share(w, r) {
		return
	}
	query := r.URL.Query()
	s, refusal, err := srv.check(r, query)
	if s != nil {
		defer s.leaveAfter()
	}
	switch {
	case err != nil:
		srv.cfg.Logger.Warn("engineio: find a session", "error", err)
		unavailable(w)
	case refusal == eio.ErrForbidden:
		refuse(w, http.StatusForbidden, refusal)
	case refusal != nil:
		refuse(w, http.StatusBadRequest, refusal)
	case s == nil:
		srv.open(w, r, query.Get("transport"))
	case query.Get("transport") == eio.WebSocket:
		srv.upgrade(w, r, s)
	case r.Method == http.MethodPost:
		s.post(w, r)
	default:
		s.poll(w, r)
	}
}

// expireRead sets the end of reading a body. It fails only where the server has
// no deadlines, as in some tests.
func expireRead(w http.ResponseWriter, t time.Time) {
	_ = http.NewResponseController(w).SetReadDeadline(t)
}

// check decides on a request, in the reference's order. It returns the session
// that the request belongs to, or nil if it asks for a new one. The error tells
// that the session can't be had now.
func (srv *Server) check(r *http.Request, query url.Values) (*Session, *eio.Error, error) {
	transport := query.Get("transport")
	if !srv.cfg.serves(transport) {
		return nil, eio.ErrUnknownTransport, nil
	}
	upgrades := strings.EqualFold(r.Header.Get("Upgrade"), eio.WebSocket)
	if query.Has("sid") {
		s, refusal, err := srv.find(r, query.Get("sid"))
		switch {
		case refusal != nil || err != nil:
			return s, refusal, err
		case s.polling == nil || transport == eio.WebSocket && !upgrades:
			return s, eio.ErrBadRequest, nil
		case transport == eio.Polling:
			return s, s.checkPolling(r.Method), nil
		}
		return s, nil, nil
	}
	switch {
	case r.Method != http.MethodGet:
		return nil, eio.ErrBadHandshakeMethod, nil
	case transport == eio.WebSocket && !upgrades:
		return nil, eio.ErrBadRequest, nil
	case query.Get("EIO") != eio.Protocol:
		return nil, eio.ErrUnsupported, nil
	}
	return nil, nil, nil
}

// checkPolling decides on a request of long-polling.
func (s *Session) checkPolling(method string) *eio.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.timedOutLocked():
		return eio.ErrUnknownSID
	case s.transport != transport(s.polling), method != http.MethodGet && method != http.MethodPost:
		return eio.ErrBadRequest
	}
	return nil
}

func refuse(w http.ResponseWriter, status int, e *eio.Error) {
	body, err := json.Marshal(e)
	if err != nil {
		panic(err) // a number and a string always marshal
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a peer that is gone needs no answer
}

func unavailable(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Retry-After", "1")
	http.Error(w, "the server takes no new session", http.StatusServiceUnavailable)
}

// open opens a session on one of the transports.
func (srv *Server) open(w http.ResponseWriter, r *http.Request, transport string) {
	pass, ok := srv.admit(w, r)
	if !ok {
		return // the peer has its answer
	}
	if !srv.pace.Allow() || !srv.enter(false) {
		pass.Leave()
		unavailable(w)
		return
	}
	if transport == eio.Polling {
		srv.openPolling(w, r, pass)
		return
	}
	ws, err := acceptWebSocket(w, r, &srv.cfg)
	if err != nil {
		pass.Leave()
		srv.leave()
		return // the peer has its answer
	}
	s := newSession(srv, r, ws)
	s.pass = pass
	srv.add(s)
	s.open()
	srv.run(s)
}

func (srv *Server) openPolling(w http.ResponseWriter, r *http.Request, pass Pass) {
	s := newSession(srv, r, newPolling(&srv.cfg))
	s.pass = pass
	s.bind(r)
	if err := srv.keep(r.Context(), s); err != nil {
		pass.Leave()
		srv.leave()
		srv.cfg.Logger.Warn("engineio: open a session", "error", err)
		unavailable(w)
		return
	}
	srv.add(s)
	s.open()
	s.poll(w, r) // the handshake waits for it
	go srv.run(s)
}

// keep gives a new session to the keeper, before anybody knows its id.
func (srv *Server) keep(ctx context.Context, s *Session) error {
	h := srv.home
	if h == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, keeperTimeout)
	defer cancel()
	select {
	case <-h.began:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.mu.Lock()
	s.turn = 1
	state := s.stateLocked(nil)
	s.mu.Unlock()
	return srv.cfg.Keeper.Open(ctx, s.id, h.holder, state, srv.cfg.keepFor())
}

// run serves s to its end.
func (srv *Server) run(s *Session) {
	defer srv.leave()
	s.readmit()
	defer s.pass.Leave()
	defer srv.remove(s)
	srv.call(s)
	s.Close(ForcedClose)
	s.forget()
	<-s.done
}

// forget lets no instance go on with a session that has ended, before anybody
// is told of the end. If another one goes on with it already, it has not ended:
// it has moved.
func (s *Session) forget() {
	s.mu.Lock()
	turn, moved := s.turn, s.closed.Reason == Moved
	s.turn = 0
	s.mu.Unlock()
	if turn == 0 || moved {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), keeperTimeout)
	defer cancel()
	switch err := s.server.cfg.Keeper.End(ctx, s.id, turn); {
	case errors.Is(err, ErrLostTurn):
		s.mu.Lock()
		s.closed = &CloseError{Reason: Moved}
		s.mu.Unlock()
	case err != nil:
		s.server.cfg.Logger.Warn("engineio: forget a session", "error", err) // it expires
	}
}

// call keeps a panic of serve within its session.
func (srv *Server) call(s *Session) {
	defer func() {
		if v := recover(); v != nil {
			s.Close(ServerError)
			srv.cfg.Logger.Error("engineio: panic in a session", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	srv.serve(s.ctx, s)
}

// stop lets nobody in any more, and returns the sessions that are left.
func (srv *Server) stop() []*Session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if !srv.stopping {
		srv.stopping = true
		if srv.active == 0 {
			close(srv.idle)
		}
	}
	left := make([]*Session, 0, len(srv.sessions))
	for _, s := range srv.sessions {
		left = append(left, s)
	}
	return left
}

// enter lets in a session, or a WebSocket that one may move to. One that goes
// on here is let in even while the server shuts down: its request is here now.
func (srv *Server) enter(goesOn bool) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.stopping && (!goesOn || srv.active == 0) || srv.active >= srv.cfg.MaxSessions {
		return false
	}
	srv.active++
	return true
}

func (srv *Server) leave() {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.active--
	if srv.stopping && srv.active == 0 {
		close(srv.idle)
	}
}

func (srv *Server) add(s *Session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	srv.sessions[s.id] = s
	if srv.stopping && s.resumed == nil { // since it was let in
		s.Close(ServerShutdown)
	}
}

func (srv *Server) remove(s *Session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.sessions[s.id] == s { // it may be here again
		delete(srv.sessions, s.id)
	}
}

func (srv *Server) session(id string) *Session {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	return srv.sessions[id]
}
