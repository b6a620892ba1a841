package engineio

import (
	"context"
	"time"
)

const (
	// maxSpread is how long the closing of all sessions may be spread, so that
	// they don't all knock at the next door at once; closeStep is how often
	// some are closed, and minClosed how many at least.
	maxSpread = 4 * time.Second
	closeStep = 50 * time.Millisecond
	minClosed = 20
)

// Shutdown refuses new sessions and waits until none is left here. Those that
// a Keeper has go on elsewhere: their GETs are answered, their POSTs finished.
// All others are closed with ServerShutdown, spread over half of the time that
// ctx gives. When ctx is done first, what is left loses its connection at
// once, and ctx's error is returned.
func (srv *Server) Shutdown(ctx context.Context) error {
	srv.leaving.Store(true)
	srv.letGo(ctx, srv.stop())
	if srv.home != nil {
		defer func() {
			srv.home.stop()
			<-srv.home.ended
		}()
	}
	select {
	case <-srv.idle:
		return nil
	case <-ctx.Done():
	}
	for _, s := range srv.stop() {
		s.expire(time.Now())
	}
	return ctx.Err()
}

func (srv *Server) letGo(ctx context.Context, sessions []*Session) {
	stay := sessions[:0]
	for _, s := range sessions {
		if s.Kept() {
			s.leave()
		} else {
			stay = append(stay, s)
		}
	}
	spread := maxSpread
	if end, ok := ctx.Deadline(); ok {
		spread = min(spread, time.Until(end)/2)
	}
	step := max(minClosed, int(int64(len(stay))*int64(closeStep)/int64(max(spread, closeStep))))
	for i, s := range stay {
		if i > 0 && i%step == 0 && !pause(ctx) {
			step = len(stay) // no time is left
		}
		s.Close(ServerShutdown)
	}
}

func pause(ctx context.Context) bool {
	t := time.NewTimer(closeStep)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// leaveAfter lets another instance go on with a session whose request has been
// served, when this one goes away.
func (s *Session) leaveAfter() {
	if s.server.leaving.Load() {
		s.leave()
	}
}
