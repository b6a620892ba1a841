package engineio

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"maru/backend/engineio/enginetest"
)

// counter is a pass that lets so many packets through.
type counter struct {
	packets, left, most int64
}

func (c *counter) Packet() bool { return atomic.AddInt64(&c.packets, 1) <= c.most }
func (c *counter) Leave()       { atomic.AddInt64(&c.left, 1) }

// admitting is a configuration that gives each session a counter.
func admitting(most int64, passes *[]*counter) Config {
	return Config{Admit: func(*http.Request) (Pass, time.Duration) {
		c := &counter{most: most}
		*passes = append(*passes, c)
		return c, 0
	}}
}

// Every packet counts, also those that mean nothing and those that can't be
// read; what comes in one POST counts as many.
func TestPacketsAreCounted(t *testing.T) {
	var passes []*counter
	inWorld(t, admitting(10, &passes), nil, func(t *testing.T, w *world) {
		p, polls, bystander := w.dial(), w.listener.Poll(t), w.dial()
		for range 5 {
			p.Write("6")
			p.Write("3")
		}
		p.Write("garbage")
		_, _, err := p.Conn.Read(t.Context())
		if websocket.CloseStatus(err) != websocket.StatusTryAgainLater || !strings.Contains(err.Error(), string(RateLimited)) {
			t.Errorf("closed by %v", err)
		}
		w.wantEnds(RateLimited)
		if a := polls.Post("4a" + strings.Repeat("\x1e4a", 10)); a.Status != http.StatusTooManyRequests {
			t.Errorf("post: %d %q", a.Status, a.Body)
		}
		if a := polls.Get(); a.Status != http.StatusOK || !strings.HasSuffix(a.Body, "\x1e1") {
			t.Errorf("it is not told of the end: %d %q", a.Status, a.Body)
		}
		polls.WantGone()
		w.wantEnds(RateLimited, RateLimited)
		if n := atomic.LoadInt64(&passes[1].packets); n != 11 {
			t.Errorf("%d packets of the POST were counted", n)
		}
		wantAlive(bystander)
	})
}

// Whoever was let in leaves, once, whatever became of it.
func TestPassesAreGivenBack(t *testing.T) {
	var passes []*counter
	cfg := admitting(100, &passes)
	cfg.MaxSessions = 2
	serve := func(ctx context.Context, s *Session) {
		if c, ok := s.Pass().(*counter); !ok || c.most != 100 || s.Request().URL.Query().Get("transport") == "polling" {
			panic("as it should")
		}
		echo(ctx, s)
	}
	inWorld(t, cfg, serve, func(t *testing.T, w *world) {
		p := w.dial()
		panicking := w.listener.Poll(t)
		panicking.Want("1")
		w.raw("GET /?EIO=4&transport=websocket HTTP/1.1\r\nHost: chat.test\r\nUpgrade: websocket\r\n\r\n") // lacks the rest
		advance(time.Second)
		bystander := w.listener.DialRaw(t)
		if a := w.open(); a.Status != http.StatusServiceUnavailable {
			t.Errorf("a full server: %d", a.Status)
		}
		for n, want := range []int64{0, 1, 1} {
			if got := atomic.LoadInt64(&passes[n].left); got != want {
				t.Errorf("session %d has left %d times, want %d", n, got, want)
			}
		}
		_ = bystander.Conn.CloseNow()
		p.Write("1")
		advance(closeGrace)
		for n, pass := range passes {
			if got := atomic.LoadInt64(&pass.left); got != 1 {
				t.Errorf("session %d of %d has left %d times at the end", n, len(passes), got)
			}
		}
	})
}

// A session that was not opened here has its pass by its id, once.
func TestReadmit(t *testing.T) {
	var asked []string
	srv := New(Config{Readmit: func(_ *http.Request, sid string) Pass {
		asked = append(asked, sid)
		return &counter{}
	}}, echo)
	s := newSession(srv, &http.Request{}, newPolling(&srv.cfg))
	s.readmit()
	first := s.Pass()
	s.readmit()
	if len(asked) != 1 || asked[0] != s.ID() || s.Pass() != first {
		t.Errorf("asked for %d passes", len(asked))
	}
	srv = New(Config{}, echo)
	if s = newSession(srv, &http.Request{}, newPolling(&srv.cfg)); s.Pass() != nil {
		t.Error("a pass before it is served")
	}
	if s.readmit(); !s.Pass().Packet() {
		t.Error("no pass where nothing is counted")
	}
	s.Pass().Leave()
}

// open asks for a session on long-polling, and takes what comes.
func (w *world) open() enginetest.Answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "http://chat.test/socket.io/?EIO=4&transport=polling", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := w.listener.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	return enginetest.Answer{Status: resp.StatusCode, Header: resp.Header}
}

// Who is not let in is told when to come back, and costs the others nothing.
func TestNotAdmitted(t *testing.T) {
	cfg := Config{AcceptRate: 1, AcceptBurst: 1, Admit: func(r *http.Request) (Pass, time.Duration) {
		if r.URL.Query().Get("transport") == "polling" {
			return nil, 1500 * time.Millisecond
		}
		return freePass{}, 0
	}}
	inWorld(t, cfg, nil, func(t *testing.T, w *world) {
		for range 100 {
			if a := w.open(); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "2" || a.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%d %v", a.Status, a.Header)
			}
		}
		wantAlive(w.dial()) // the pace is not used up
	})
}

// A message over the limit costs no more memory than the limit, and its sender
// reads why it was closed, in our words, however much it had to say.
func TestTooBigIsToldWhy(t *testing.T) {
	for _, size := range []int{DefaultMaxPayload + 1, 2 * DefaultMaxPayload, 2 << 20} {
		inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
			p, bystander := w.dial(), w.dial()
			p.Write(strings.Repeat("4", size))
			_, _, err := p.Conn.Read(t.Context())
			if websocket.CloseStatus(err) != websocket.StatusMessageTooBig || !strings.Contains(err.Error(), `reason = "message too big"`) {
				t.Errorf("%d bytes: closed by %v", size, err)
			}
			w.wantEnds(MessageTooBig)
			wantAlive(bystander)
		})
	}
}

// repeated is a reader without an end.
type repeated byte

func (r repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

func TestReadMessageKeepsNoMoreThanTheLimit(t *testing.T) {
	for _, limit := range []int{1, 511, 512, 513, DefaultMaxPayload} {
		buf, err := readMessage(repeated('x'), nil, limit)
		if err != errTooBig || len(buf) != limit+1 || cap(buf) > max(limit+1, 512) {
			t.Errorf("limit %d: %d bytes of %d, %v", limit, len(buf), cap(buf), err)
		}
	}
}
