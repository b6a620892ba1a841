package engineio

import (
	"net/http"
	"strconv"
	"time"
)

// Pass is what a session was let in with. Its methods may be called by any
// goroutine.
type Pass interface {
	// Packet is asked once for each packet of the peer, before anything is
	// read of it. False closes the session with RateLimited.
	Packet() bool
	// Leave is called once, when the session has ended, or was not opened
	// after all.
	Leave()
}

// freePass is that of a server which counts nothing.
type freePass struct{}

func (freePass) Packet() bool { return true }
func (freePass) Leave()       {}

// readmit gives a session its pass that was not opened here.
func (s *Session) readmit() {
	switch {
	case s.pass != nil:
	case s.server.cfg.Readmit == nil:
		s.pass = freePass{}
	default:
		s.pass = s.server.cfg.Readmit(s.request, s.id)
	}
}

// admit asks Config.Admit. Whom that does not let in is answered here: 429, and
// when it is worth coming back.
func (srv *Server) admit(w http.ResponseWriter, r *http.Request) (Pass, bool) {
	if srv.cfg.Admit == nil {
		return freePass{}, true
	}
	pass, wait := srv.cfg.Admit(r)
	if pass != nil {
		return pass, true
	}
	h := w.Header()
	h.Set("Connection", "close")
	h.Set("Cache-Control", "no-store")
	h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	http.Error(w, "too many sessions", http.StatusTooManyRequests)
	return nil, false
}
