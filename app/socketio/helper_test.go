package socketio_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio/enginetest"
	"maru/app/socketio"
)

// client is a running manager with its scripted server and one namespace.
type client struct {
	*socketio.Manager
	server *enginetest.Server
	main   *socketio.Socket
	stop   context.CancelFunc
}

// start starts a client whose delays are the middle ones of the back-off:
// 500 ms, 1 s, 2 s and so on. A bubble must be around it.
func start(t *testing.T, o socketio.Options) client {
	t.Helper()
	return startAt(t, enginetest.New(), o)
}

// startAt starts a client of that server.
func startAt(t *testing.T, server *enginetest.Server, o socketio.Options) client {
	t.Helper()
	o.URL, o.Engine.Dial = "ws://host/socket.io/", server.Dial
	if o.Rand == nil {
		o.Rand = func() float64 { return 0.5 }
	}
	ctx, stop := context.WithCancel(t.Context())
	c := client{Manager: socketio.New(o), server: server, stop: stop}
	c.main = c.Socket("/", nil)
	go c.Run(ctx)
	return c
}

// bubble runs f with a client in a bubble of virtual time.
func bubble(t *testing.T, o socketio.Options, f func(t *testing.T, c client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := start(t, o)
		defer c.stop()
		f(t, c)
	})
}

// accept takes the client's connection and its main namespace.
func (c client) accept(t *testing.T) *enginetest.Peer {
	t.Helper()
	return c.welcome(t, c.server.Accept())
}

// welcome takes the main namespace on a connection.
func (c client) welcome(t *testing.T, peer *enginetest.Peer) *enginetest.Peer {
	t.Helper()
	wantFrames(t, peer, "40")
	peer.Send(`40{"sid":"main"}`)
	if e := next(t, c.main); e.Kind != socketio.Connected || string(e.Data) != `{"sid":"main"}` {
		t.Fatalf("event = %+v; want Connected", e)
	}
	return peer
}

func next(t *testing.T, s *socketio.Socket) socketio.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	e, err := s.Next(ctx)
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	return e
}

func wantDisconnected(t *testing.T, s *socketio.Socket, reason string) {
	t.Helper()
	if e := next(t, s); e.Kind != socketio.Disconnected || e.Reason != reason {
		t.Fatalf("event = %+v; want Disconnected, %q", e, reason)
	}
}

func wantFrames(t *testing.T, peer *enginetest.Peer, want ...string) {
	t.Helper()
	for i, w := range want {
		if got := peer.Receive(); got != w {
			t.Fatalf("frame %d = %q; want %q", i, got, w)
		}
	}
}

func wantState(t *testing.T, c client, want socketio.State) socketio.Status {
	t.Helper()
	synctest.Wait()
	got := c.Status()
	if got.State != want {
		t.Fatalf("status = %+v; want state %d", got, want)
	}
	return got
}

// pass lets virtual time pass.
func pass(d time.Duration) { <-time.After(d) }

func join(args []json.RawMessage) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = string(a)
	}
	return strings.Join(parts, "|")
}
