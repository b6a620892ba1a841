package engineio

import (
	"context"
	"errors"
	"hash/maphash"
	"net/http"
	"sync"
	"time"

	"maru/app/wire/eio"
)

const (
	// busyRetry is how often a request looks again whether another instance
	// is done with the session, should it not hear of it.
	busyRetry = 250 * time.Millisecond
	// stripes is how many sessions can be claimed at once.
	stripes = 64
	// turnsStep is how many sessions the keeper is asked about at once.
	turnsStep = 256
)

var errFull = errors.New("engineio: no room for another session")

// home is what an instance needs to take part in serving kept sessions.
type home struct {
	holder string
	began  chan struct{} // closed once no Move is missed
	stop   context.CancelFunc
	ended  chan struct{} // closed when nobody listens to Moves any more
	seed   maphash.Seed
	locks  [stripes]sync.Mutex // for one session at a time is claimed

	mu     sync.Mutex
	claims map[string][]*claim // the requests that are under way to a session
}

// claim is a request that needs to hear of what becomes of a session while it
// asks for it.
type claim struct {
	moved chan struct{}
	turn  int64 // the latest that was heard of; guarded by home.mu
}

func (srv *Server) startMoves() {
	ctx, stop := context.WithCancel(context.Background())
	srv.home = &home{holder: newID(), began: make(chan struct{}), stop: stop, ended: make(chan struct{}),
		seed: maphash.MakeSeed(), claims: make(map[string][]*claim)}
	go srv.listen(ctx)
}

// listen follows what becomes of the sessions that are, or were, served here.
func (srv *Server) listen(ctx context.Context) {
	h := srv.home
	defer close(h.ended)
	began := false
	for m, err := range srv.cfg.Keeper.Moves(ctx, h.holder) {
		switch {
		case err != nil:
			if ctx.Err() == nil {
				srv.cfg.Logger.Error("engineio: moves of sessions are not told any more", "error", err)
			}
			return
		case m == Move{}:
			srv.checkTurns(ctx)
			if !began {
				began = true
				close(h.began)
			}
		default:
			h.tell(m)
			if s := srv.session(m.SID); s != nil {
				s.lose(m.Turn)
			}
		}
	}
}

// tell wakes the requests that wait for the session.
func (h *home) tell(m Move) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.claims[m.SID] {
		c.turn = max(c.turn, m.Turn)
		select {
		case c.moved <- struct{}{}:
		default:
		}
	}
}

// expect lets a request hear of what becomes of the session; done ends that.
func (h *home) expect(sid string) (c *claim, done func()) {
	c = &claim{moved: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.claims[sid] = append(h.claims[sid], c)
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		left := h.claims[sid][:0]
		for _, o := range h.claims[sid] {
			if o != c {
				left = append(left, o)
			}
		}
		if h.claims[sid] = left; len(left) == 0 {
			delete(h.claims, sid)
		}
	}
}

func (h *home) heard(c *claim) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return c.turn
}

// checkTurns lets go of the sessions that another instance has, when that may
// not have been heard of.
func (srv *Server) checkTurns(ctx context.Context) {
	srv.mu.Lock()
	var sids []string
	for sid, s := range srv.sessions {
		if s.polling != nil {
			sids = append(sids, sid)
		}
	}
	srv.mu.Unlock()
	for len(sids) > 0 {
		step := sids[:min(turnsStep, len(sids))]
		sids = sids[len(step):]
		turns, err := srv.cfg.Keeper.Turns(ctx, step...)
		if err != nil {
			srv.cfg.Logger.Warn("engineio: check turns", "error", err)
			return // what is lost is found out when it is saved
		}
		for _, sid := range step {
			turn, ok := turns[sid]
			if !ok {
				turn = 1<<63 - 1
			}
			if s := srv.session(sid); s != nil {
				s.lose(turn)
			}
		}
	}
}

// lose ends the session here if another instance has a later turn of it. It
// goes on there: neither the peer nor a room is to see an end.
func (s *Session) lose(turn int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keptLocked() && s.turn < turn {
		s.closeLocked(Moved)
	}
}

// leave lets go of a session that another instance is to go on with, but for
// one that is busy with a POST.
func (s *Session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	opening := s.resumed == nil && !s.greeted // nobody else can tell the peer of it
	if s.keptLocked() && !opening && !s.polling.isPosting() {
		s.closeLocked(Moved)
	}
}

// claim brings the session to this instance, if it is not here. With busy no
// other instance gets it until save says that it is free. The error is
// ErrNoSession or tells that it can't be had now.
func (srv *Server) claim(r *http.Request, sid string, busy time.Duration) (*Session, error) {
	h := srv.home
	if h == nil || len(sid) > maxKeptID || sid == "" {
		if s := srv.session(sid); s != nil {
			return s, nil
		}
		return nil, ErrNoSession
	}
	ctx, cancel := context.WithTimeout(r.Context(), srv.cfg.BodyTimeout)
	defer cancel()
	select {
	case <-h.began:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, done := h.expect(sid)
	defer done()
	for {
		s, err := srv.tryClaim(ctx, r, sid, busy)
		if s != nil {
			s.lose(h.heard(c)) // it may have gone on before anybody could be told
		}
		if !errors.Is(err, ErrBusy) {
			return s, err
		}
		retry := time.NewTimer(busyRetry)
		select {
		case <-c.moved:
		case <-retry.C:
		case <-ctx.Done():
			retry.Stop()
			return nil, err
		}
		retry.Stop()
	}
}

func (srv *Server) tryClaim(ctx context.Context, r *http.Request, sid string, busy time.Duration) (*Session, error) {
	h := srv.home
	lock := &h.locks[maphash.String(h.seed, sid)%stripes]
	lock.Lock()
	defer lock.Unlock()
	local := srv.session(sid)
	known, asks := local.claimed()
	if !asks {
		return local, nil
	}
	ctx, cancel := context.WithTimeout(ctx, keeperTimeout)
	defer cancel()
	turn, state, err := srv.cfg.Keeper.Claim(ctx, sid, h.holder, known, busy, srv.cfg.keepFor())
	switch {
	case errors.Is(err, ErrNoSession) && local != nil:
		local.lose(known + 1)
		return nil, err
	case err != nil:
		return nil, err
	case local != nil && turn == known:
		return local, nil
	case local != nil:
		local.lose(turn)
	}
	return srv.resume(ctx, r, sid, turn, state)
}

// claimed is the turn that is known of a session here; asks tells whether the
// keeper is to be asked for it. A session on WebSocket stays where it is, and
// one that is ending here has only this to say.
func (s *Session) claimed() (known int64, asks bool) {
	if s == nil {
		return 0, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed != nil {
		return 0, s.closed.Reason == Moved
	}
	return s.turn, s.keptLocked()
}

// resume goes on with a session that was served elsewhere.
func (srv *Server) resume(ctx context.Context, r *http.Request, sid string, turn int64, state []byte) (*Session, error) {
	if !srv.enter(true) {
		// Another instance has room for it, perhaps.
		if err := srv.cfg.Keeper.Save(ctx, sid, turn, state, true, srv.cfg.keepFor()); err != nil {
			return nil, err
		}
		return nil, errFull
	}
	s := newSession(srv, r, newPolling(&srv.cfg))
	s.id = sid
	if err := s.restore(turn, state); err != nil {
		srv.leave()
		return nil, err
	}
	srv.add(s)
	s.resumeHeartbeat()
	go srv.run(s)
	return s, nil
}

// find returns the session of a request (see check), brought here if need be.
func (srv *Server) find(r *http.Request, sid string) (*Session, *eio.Error, error) {
	s := srv.session(sid)
	if _, asks := s.claimed(); s == nil || asks && r.Method != http.MethodPost {
		// A POST claims the session once its body is here.
		var err error
		if s, err = srv.claim(r, sid, 0); errors.Is(err, ErrNoSession) {
			return nil, eio.ErrUnknownSID, nil
		} else if err != nil {
			return nil, nil, err
		}
	}
	if !s.bind(r) {
		return s, eio.ErrForbidden, nil
	}
	return s, nil, nil
}

// bind ties a session to the page that opened it: whoever got hold of its id
// on another page may not use it there. Where no Origin is sent none is
// checked, as by a browser's GET to the page's own server.
func (s *Session) bind(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.origin == "" {
		s.origin = origin
	}
	return s.origin == origin
}
