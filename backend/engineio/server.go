// Package engineio is the server side of Engine.IO v4: it takes HTTP requests,
// and hands over sessions that receive messages and send frames.
//
// It promises that Send never blocks and never reorders, that frames which are
// due together leave in one write, that a peer which is silent, slow or broken
// ends its own session and no other, and that every input is bounded. It must
// not know Socket.IO. It follows the Engine.IO protocol, revision 4, and where
// that is silent the reference implementation.
package engineio

import (
	"context"
	"encoding/json"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"maru/app/wire/eio"
)

// Server is the handler of the path that Engine.IO is served at.
type Server struct {
	cfg   Config
	serve func(ctx context.Context, s *Session)

	mu       sync.Mutex
	sessions map[string]*Session
	active   int           // requests that hold or open a session
	stopping bool          // no new ones are let in
	idle     chan struct{} // closed once stopping and none is active
}

// New returns a Server. serve runs for each session, on its request's
// goroutine; ctx ends with the session. When serve returns, the session is
// closed. A panic in it is logged and closes that session with ServerError.
func New(cfg Config, serve func(ctx context.Context, s *Session)) *Server {
	return &Server{
		cfg:      cfg.withDefaults(),
		serve:    serve,
		sessions: make(map[string]*Session),
		idle:     make(chan struct{}),
	}
}

// ServeHTTP opens a session, or answers with the error that the reference
// implementation gives: status 400, for a foreign origin 403, and as JSON a
// code and a message. A server that is shutting down answers 503.
func (srv *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if refusal := srv.check(r); refusal != nil {
		refuse(w, refusal)
		return
	}
	if !srv.enter() {
		w.Header().Set("Connection", "close")
		http.Error(w, "server shutting down", http.StatusServiceUnavailable)
		return
	}
	defer srv.leave()
	t, err := acceptWebSocket(w, r, &srv.cfg)
	if err != nil {
		return // the peer has its answer
	}
	srv.run(newSession(srv, r, t))
}

// check decides on a request, in the reference's order but for the origin,
// which comes first so that a foreign page learns nothing.
func (srv *Server) check(r *http.Request) *eio.Error {
	if !srv.cfg.CheckOrigin(r) {
		return eio.ErrForbidden
	}
	query := r.URL.Query()
	if query.Get("transport") != eio.WebSocket {
		return eio.ErrUnknownTransport
	}
	if query.Has("sid") {
		if !srv.knows(query.Get("sid")) {
			return eio.ErrUnknownSID
		}
		return eio.ErrBadRequest // it has its WebSocket already
	}
	if r.Method != http.MethodGet {
		return eio.ErrBadHandshakeMethod
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), eio.WebSocket) {
		return eio.ErrBadRequest
	}
	if query.Get("EIO") != eio.Protocol {
		return eio.ErrUnsupported
	}
	return nil
}

func refuse(w http.ResponseWriter, e *eio.Error) {
	status := http.StatusBadRequest
	if e == eio.ErrForbidden {
		status = http.StatusForbidden
	}
	body, err := json.Marshal(e)
	if err != nil {
		panic(err) // a number and a string always marshal
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a peer that is gone needs no answer
}

// run serves s to its end.
func (srv *Server) run(s *Session) {
	srv.add(s)
	defer srv.remove(s)
	s.open()
	srv.call(s)
	s.Close(ForcedClose)
	<-s.done
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

// Shutdown refuses new sessions, closes all others with ServerShutdown, and
// waits until they have ended. When ctx is done first, what is left loses its
// connection at once, and ctx's error is returned.
func (srv *Server) Shutdown(ctx context.Context) error {
	for _, s := range srv.stop() {
		s.Close(ServerShutdown)
	}
	select {
	case <-srv.idle:
		return nil
	case <-ctx.Done():
	}
	for _, s := range srv.stop() {
		s.transport.expire(time.Now())
	}
	return ctx.Err()
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

func (srv *Server) enter() bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.stopping {
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
	if srv.stopping { // since it was let in
		s.Close(ServerShutdown)
	}
}

func (srv *Server) remove(s *Session) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	delete(srv.sessions, s.id)
}

func (srv *Server) knows(id string) bool {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	_, ok := srv.sessions[id]
	return ok
}
