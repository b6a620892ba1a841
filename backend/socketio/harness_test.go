package socketio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maru/backend/engineio"
	"maru/backend/engineio/enginetest"
	"maru/backend/socketio"

	"github.com/coder/websocket"
)

// world is one server on a network in memory, inside a synctest bubble. It has
// two namespaces, "/" and "/echo".
type world struct {
	t        *testing.T
	server   *socketio.Server
	main     *socketio.Namespace
	listener *enginetest.Listener
	log      *bytes.Buffer

	mu      sync.Mutex
	sockets []*socketio.Socket // that have asked for "/", in that order
	ends    []string           // of the sockets that have ended, in that order
}

// inWorld runs test against a server that prepare may add to.
func inWorld(t *testing.T, opts socketio.Options, prepare func(*world), test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, listener: enginetest.Listen(64 << 10), log: new(bytes.Buffer)}
		opts.Logger = slog.New(slog.NewTextHandler(w.log, nil))
		w.server = socketio.New(engineio.Config{}, opts)
		w.main = w.server.Of("/")
		w.main.OnConnect(w.connect)
		for _, n := range []*socketio.Namespace{w.main, w.server.Of("/echo")} {
			n.OnOther(mirror)
			n.OnDisconnect(w.disconnected)
		}
		if prepare != nil {
			prepare(w)
		}
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

func (w *world) connect(_ context.Context, s *socketio.Socket, _ json.RawMessage) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sockets = append(w.sockets, s)
	return nil, nil
}

func (w *world) disconnected(s *socketio.Socket, reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = append(w.ends, s.Namespace()+" "+reason)
}

// mirror answers an event with its own arguments.
func mirror(_ context.Context, _ *socketio.Socket, e socketio.Event) socketio.Reply {
	args, err := json.Marshal(e.Args)
	if err != nil {
		panic(err)
	}
	return socketio.Reply{Args: args, Attachments: e.Attachments}
}

// socket returns the n-th socket of "/".
func (w *world) socket(n int) *socketio.Socket {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if n >= len(w.sockets) {
		w.t.Fatalf("only %d sockets", len(w.sockets))
	}
	return w.sockets[n]
}

// wantEnds checks which sockets have ended, in any order.
func (w *world) wantEnds(want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	got := slices.Sorted(slices.Values(w.ends))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.t.Fatalf("ended: %q, want %q", got, want)
	}
}

// join dials and connects to "/".
func (w *world) join() *enginetest.Peer {
	w.t.Helper()
	p := w.listener.Dial(w.t)
	connect(w.t, p, "/")
	return p
}

var welcomes = regexp.MustCompile(`^40(/\w+,)?\{"sid":"([\w-]{20})"\}$`)

// connect connects to a namespace and returns the socket's id.
func connect(t *testing.T, p *enginetest.Peer, namespace string) string {
	t.Helper()
	prefix := ""
	if namespace != "/" {
		prefix = namespace + ","
	}
	p.Write("40" + prefix)
	answer := p.Read()
	m := welcomes.FindStringSubmatch(answer)
	if m == nil || m[1] != prefix {
		t.Fatalf("answer %q", answer)
	}
	return m[2]
}

// wantAlive checks that the socket in "/" still answers.
func wantAlive(p *enginetest.Peer) {
	p.Write(`421["hello",1]`)
	p.Want(`431[1]`)
}

func advance(d time.Duration) {
	time.Sleep(d) // the bubble's clock
	synctest.Wait()
}

func number(n int) []byte { return fmt.Append(nil, n) }

// closeCode is the WebSocket close code in err, as text.
func closeCode(err error) string { return fmt.Sprint(int(websocket.CloseStatus(err))) }
