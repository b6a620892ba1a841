package engineio

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maru/backend/engineio/enginetest"
)

// world is one server on a network in memory, inside a synctest bubble.
type world struct {
	t        *testing.T
	server   *Server
	listener *enginetest.Listener
	log      *bytes.Buffer

	mu   sync.Mutex
	ends []Reason // of the sessions that have ended, in that order
}

// inWorld runs test against a server whose sessions run serve; nil echoes.
func inWorld(t *testing.T, cfg Config, serve func(context.Context, *Session), test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, listener: enginetest.Listen(8 << 10), log: new(bytes.Buffer)}
		if serve == nil {
			serve = echo
		}
		cfg.Logger = slog.New(slog.NewTextHandler(w.log, nil))
		w.server = New(cfg, func(ctx context.Context, s *Session) {
			defer w.ended(s)
			serve(ctx, s)
		})
		hs := &http.Server{Handler: w.server}
		served := make(chan error)
		go func() { served <- hs.Serve(w.listener) }()
		defer func() { // a failed test must not leave the bubble with goroutines
			if err := w.server.Shutdown(t.Context()); err != nil {
				t.Error("shutdown:", err)
			}
			if err := hs.Close(); err != nil {
				t.Error("close:", err)
			}
			if err := <-served; !errors.Is(err, http.ErrServerClosed) {
				t.Error("serve:", err)
			}
		}()
		test(t, w)
	})
}

func echo(ctx context.Context, s *Session) {
	for {
		m, err := s.Receive(ctx)
		if err != nil {
			return
		}
		if m.Binary {
			_ = s.Send(Frame{Binary: true, Data: bytes.Clone(m.Data)})
		} else {
			_ = s.Send(text(string(m.Data)))
		}
	}
}

func text(s string) Frame { return Frame{Data: []byte("4" + s)} }

func (w *world) ended(s *Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = append(w.ends, s.Reason())
}

// wantEnds checks which sessions have ended, and why.
func (w *world) wantEnds(want ...Reason) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.ends) != len(want) {
		w.t.Fatalf("ended: %q, want %q", w.ends, want)
	}
	for i := range want {
		if w.ends[i] != want[i] {
			w.t.Fatalf("ended: %q, want %q", w.ends, want)
		}
	}
}

// dial opens a session and takes the handshake.
func (w *world) dial() *enginetest.Peer {
	w.t.Helper()
	return w.listener.Dial(w.t)
}

// wantAlive checks that the session still answers.
func wantAlive(p *enginetest.Peer) {
	p.Write("4still here")
	p.Want("4still here")
}

func advance(d time.Duration) {
	time.Sleep(d) // the bubble's clock
	synctest.Wait()
}
