package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// An instance that goes away in good order lets its long-polling clients go on
// elsewhere, in the same session.
func TestDrainMovesSessions(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		var all []*polled
		for i := range 6 {
			p := c.polled()
			p.join(fmt.Sprintf("손님%d", i))
			all = append(all, p)
		}
		c.down.Store(1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		if err := c.servers[0].Close(ctx); err != nil {
			t.Error("close:", err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v to let polls go", took)
		}
		if status := health(c.servers[0]); status != http.StatusServiceUnavailable {
			t.Errorf("it tells %d of its health", status)
		}
		if status := health(c.servers[1]); status != http.StatusOK {
			t.Errorf("another one tells %d of its health", status)
		}
		for i, p := range all {
			p.Write(fmt.Sprintf(`426["message","말 %d."]`, i))
			p.until(`436[null,`)
		}
		for _, p := range all {
			p.bye()
		}
	})
}

// A session moves to no WebSocket at an instance that goes away, where it would be
// closed again, or left behind: it stays on long-polling, at another one.
func TestNoUpgradeWhereAnInstanceGoesAway(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a := c.polled()
		a.join("소이")
		c.fixed.Store(1)
		ws := a.Upgrade()
		ws.Write("2probe")
		ws.Want("3probe")
		c.fixed.Store(2)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		closed := make(chan error)
		go func() { closed <- c.servers[0].Close(ctx) }()
		synctest.Wait()
		ws.Write("5")
		if err := <-closed; err != nil {
			t.Error("close:", err)
		}
		a.Write(`427["message","아직 여기"]`)
		a.until(`437[null,`)
		a.bye()
	})
}

func health(s *Server) int {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, healthPath, nil))
	return w.Code
}
