package socketio_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	appengineio "maru/app/engineio"
	appsocketio "maru/app/socketio"
	"maru/backend/engineio"
	"maru/backend/engineio/enginetest"
	"maru/backend/socketio"
)

// storm is many of our own clients at one server.
type storm struct {
	listener *enginetest.Listener

	mu       sync.Mutex
	conns    []*websocket.Conn
	tried    []time.Time // when somebody dialled
	accepted []time.Time // when somebody was let in
}

func (s *storm) dial(ctx context.Context, url string) (appengineio.Conn, error) {
	s.mu.Lock()
	s.tried = append(s.tried, time.Now())
	s.mu.Unlock()
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: s.listener.Client()})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, c)
	return c, nil
}

// lose breaks all connections off at once, and forgets what was before.
func (s *storm) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.CloseNow()
	}
	s.conns, s.tried, s.accepted = nil, nil, nil
}

func (s *storm) in() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.accepted)
}

// most is the largest number of times within a window.
func most(times []time.Time, window time.Duration) (n int) {
	for i, j := 0, 0; j < len(times); j++ {
		for times[j].Sub(times[i]) >= window {
			i++
		}
		n = max(n, j-i+1)
	}
	return n
}

// A thousand clients that lose the server at once all come back, none gives up,
// and the server never lets in more than its limit says.
func TestReconnectStorm(t *testing.T) {
	const clients, perSecond, burst = 1000, 100, 100
	synctest.Test(t, func(t *testing.T) {
		s := &storm{listener: enginetest.Listen(64 << 10)}
		quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
		io := socketio.New(engineio.Config{AcceptRate: perSecond, AcceptBurst: burst, Logger: quiet}, socketio.Options{})
		io.Of("/").OnConnect(func(context.Context, *socketio.Socket, json.RawMessage) ([]byte, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.accepted = append(s.accepted, time.Now())
			return nil, nil
		})
		h := &http.Server{Handler: io, ErrorLog: slog.NewLogLogger(quiet.Handler(), slog.LevelDebug)}
		go func() { _ = h.Serve(s.listener) }()
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for range clients {
			m := appsocketio.New(appsocketio.Options{URL: "ws://chat.test/socket.io/", Engine: appengineio.Options{Dial: s.dial}})
			m.Socket("/", nil)
			running.Go(func() { _ = m.Run(ctx) })
		}
		all := func() {
			deadline := time.After(5 * time.Minute)
			for s.in() < clients {
				select {
				case <-time.After(time.Second):
				case <-deadline:
					t.Fatalf("%d of %d are in", s.in(), clients)
				}
			}
		}
		all()
		s.lose()
		began := time.Now()
		all()
		s.mu.Lock()
		t.Logf("all are back after %v; at most %d tried within 100 ms, at most %d were let in within a second",
			s.accepted[len(s.accepted)-1].Sub(began).Round(time.Second), most(s.tried, 100*time.Millisecond), most(s.accepted, time.Second))
		if n := most(s.accepted, time.Second); n > burst+perSecond {
			t.Errorf("%d were let in within a second", n)
		}
		if n := most(s.tried, 100*time.Millisecond); n > clients*3/10 {
			t.Errorf("%d tried within 100 ms", n)
		}
		s.mu.Unlock()
		stop()
		running.Wait()
		s.lose()
		if err := io.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		h.Close()
	})
}
