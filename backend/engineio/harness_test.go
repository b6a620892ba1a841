package engineio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maru/backend/engineio/enginetest"

	"github.com/coder/websocket"
)

const openURL = "ws://chat.test/socket.io/?EIO=4&transport=websocket"

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
		test(t, w)
		if err := w.server.Shutdown(t.Context()); err != nil {
			t.Error("shutdown:", err)
		}
		if err := hs.Close(); err != nil {
			t.Error("close:", err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error("serve:", err)
		}
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

// peer is a bare WebSocket client.
type peer struct {
	t  *testing.T
	ws *websocket.Conn
}

// dial opens a session and takes the handshake.
func (w *world) dial() *peer {
	w.t.Helper()
	p := w.dialRaw()
	if got := p.read(); !strings.HasPrefix(got, "0{") {
		w.t.Fatalf("first frame %q", got)
	}
	return p
}

func (w *world) dialRaw() *peer {
	w.t.Helper()
	ws, _, err := websocket.Dial(w.t.Context(), openURL, &websocket.DialOptions{HTTPClient: w.listener.Client()})
	if err != nil {
		w.t.Fatal(err)
	}
	ws.SetReadLimit(-1)
	w.t.Cleanup(func() { _ = ws.CloseNow() })
	return &peer{w.t, ws}
}

func (p *peer) read() string {
	p.t.Helper()
	_, data, err := p.ws.Read(context.Background())
	if err != nil {
		p.t.Fatal("read:", err)
	}
	return string(data)
}

func (p *peer) want(want string) {
	p.t.Helper()
	if got := p.read(); got != want {
		p.t.Fatalf("got %.100q, want %.100q", got, want)
	}
}

func (p *peer) write(s string) {
	p.t.Helper()
	if err := p.ws.Write(context.Background(), websocket.MessageText, []byte(s)); err != nil {
		p.t.Fatal("write:", err)
	}
}

// wantClose reads to the end, which must be a close frame with that code; 0
// stands for a connection that breaks off.
func (p *peer) wantClose(code websocket.StatusCode) {
	p.t.Helper()
	for {
		_, _, err := p.ws.Read(context.Background())
		if err == nil {
			continue
		}
		got := websocket.CloseStatus(err)
		if code == 0 && got == -1 && errors.Is(err, io.EOF) {
			return
		}
		if got != code {
			p.t.Fatalf("closed by %v, want %v", err, code)
		}
		return
	}
}

// wantAlive checks that the session still answers.
func (p *peer) wantAlive() {
	p.t.Helper()
	p.write("4still here")
	p.want("4still here")
}

func advance(d time.Duration) {
	time.Sleep(d) // the bubble's clock
	synctest.Wait()
}
