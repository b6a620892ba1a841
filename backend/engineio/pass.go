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

// freePass is that of a server without Config.Admit.
type freePass struct{}

func (freePass) Packet() bool { return true }
func (freePass) Leave()       {}

// admit asks Config.Admit.
func (srv *Server) admit(r *http.Request, goesOn bool) (Pass, time.Duration) {
	if srv.cfg.Admit == nil {
		return freePass{}, 0
	}
	return srv.cfg.Admit(r, goesOn)
}

// tooMany tells whom Config.Admit does not let in when it is worth coming back.
func tooMany(w http.ResponseWriter, wait time.Duration) {
	h := w.Header()
	h.Set("Connection", "close")
	h.Set("Cache-Control", "no-store")
	h.Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	http.Error(w, "too many sessions from this address", http.StatusTooManyRequests)
}
