package probe

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
	"maru/app/socketio"
)

const ms = time.Millisecond

// network is a server over memory, seen through a network that a test sets up.
type network struct {
	server *enginetest.Server
	delay  time.Duration // of each HTTP request
	api    func() (status int, answer string, err error)
	gets   int
}

func newNetwork() *network {
	return &network{server: enginetest.New(), delay: 5 * ms, api: func() (int, string, error) { return 200, `{"messages":[]}`, nil }}
}

func (n *network) http(ctx context.Context, method, url string, body []byte) (int, []byte, error) {
	time.Sleep(n.delay)
	if strings.Contains(url, "/api/") {
		n.gets++
		status, answer, err := n.api()
		return status, []byte(answer), err
	}
	return n.server.HTTP(ctx, method, url, body)
}

func (n *network) probe() *Probe {
	return New(socketio.Options{URL: "ws://host/socket.io/", Engine: engineio.Options{Dial: n.server.Dial, HTTP: n.http}})
}

// bubble runs f in virtual time, and lets what f began come to its end.
func bubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(t)
		time.Sleep(2 * time.Hour)
	})
}

// serve has the next WebSocket served by f, servePolling the next session of
// long-polling.
func (n *network) serve(f func(*enginetest.Peer)) { go func() { f(n.server.Accept()) }() }

func (n *network) servePolling(f func(*enginetest.Peer)) {
	go func() { f(n.server.AcceptPoll("s1")) }()
}

// mirrorOf makes the server's mirror on one connection, which answers after a
// while and says what it was told after another, until the connection ends.
func mirrorOf(answer, echo time.Duration) func(*enginetest.Peer) {
	return func(peer *enginetest.Peer) {
		for frame := peer.Receive(); frame != "closed"; frame = peer.Receive() {
			rest, told := strings.CutPrefix(frame, "42/echo,")
			switch {
			case frame == "40/echo,":
				peer.Send(`40/echo,{"sid":"m"}`)
				peer.Send(`42/echo,["message","connected"]`)
			case told:
				id, args, _ := strings.Cut(rest, "[")
				time.AfterFunc(answer, func() { peer.Send("43/echo," + id + "[null]") })
				time.AfterFunc(echo, func() { peer.Send("42/echo,[" + strings.Replace(args, `,"`, `,"reply: `, 1)) })
			}
		}
	}
}

func TestWebSocketIsMeasured(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork()
		n.serve(mirrorOf(11*ms, 14*ms))
		got := n.probe().try(t.Context(), WebSocket)
		want := Trial{Way: WebSocket, State: Works, RTT: 11 * ms, Delay: 14 * ms}
		if got != want || n.server.Requests() != 0 {
			t.Errorf("%+v with %d requests, want %+v", got, n.server.Requests(), want)
		}
	})
}

func TestLongPollingIsMeasured(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork()
		n.servePolling(mirrorOf(ms, 0)) // what comes a moment later waits for the next request
		got := n.probe().try(t.Context(), LongPolling)
		want := Trial{Way: LongPolling, State: Works, RTT: 10 * ms, Delay: 5 * ms, PerMinute: 4.8}
		if got != want || n.server.Dials() != 0 {
			t.Errorf("%+v with %d WebSockets, want %+v", got, n.server.Dials(), want)
		}
	})
}

func TestShortPollingIsMeasured(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork()
		got := n.probe().try(t.Context(), ShortPolling)
		want := Trial{Way: ShortPolling, State: Works, RTT: 5 * ms, Delay: 1005 * ms, Computed: true, PerMinute: 30}
		if got != want || n.gets != repeats {
			t.Errorf("%+v with %d requests, want %+v", got, n.gets, want)
		}
	})
}

func TestWhatFailsTellsWhy(t *testing.T) {
	for name, tt := range map[string]struct {
		way    Way
		set    func(n *network)
		reason string
		status int
	}{
		"blocked":       {WebSocket, func(n *network) { n.server.SetDown(true) }, socketio.ReasonUnreachable, 0},
		"silent":        {WebSocket, func(*network) {}, engineio.ReasonTimeout, 0},
		"no mirror":     {WebSocket, func(n *network) { n.serve(refuse) }, engineio.ReasonForbidden, 0},
		"cut":           {WebSocket, func(n *network) { n.serve(cut) }, engineio.ReasonTransport, 0},
		"dumb":          {WebSocket, func(n *network) { n.serve(mirrorOf(time.Hour, time.Hour)) }, engineio.ReasonTimeout, 0},
		"polling down":  {LongPolling, func(n *network) { n.server.SetPollingDown() }, socketio.ReasonUnreachable, 0},
		"status":        {ShortPolling, func(n *network) { n.answer(502, "", nil) }, ReasonStatus, 502},
		"a sign-in":     {ShortPolling, func(n *network) { n.answer(200, "<html>", nil) }, ReasonAnswer, 0},
		"no network":    {ShortPolling, func(n *network) { n.answer(0, "", errors.New("failed")) }, socketio.ReasonUnreachable, 0},
		"slow requests": {ShortPolling, func(n *network) { n.delay = 15 * time.Second }, engineio.ReasonTimeout, 0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := newNetwork()
				tt.set(n)
				got := n.probe().try(t.Context(), tt.way)
				want := Trial{Way: tt.way, State: Fails, Reason: tt.reason, Status: tt.status}
				if got != want {
					t.Errorf("%+v, want %+v", got, want)
				}
			})
		})
	}
}

func (n *network) answer(status int, answer string, err error) {
	n.api = func() (int, string, error) { return status, answer, err }
}

func refuse(peer *enginetest.Peer) {
	peer.Receive()
	peer.Send(`44/echo,{"message":"Invalid namespace"}`)
	for peer.Receive() != "closed" {
	}
}

func cut(peer *enginetest.Peer) {
	peer.Receive()
	peer.Send(`40/echo,{"sid":"m"}`)
	peer.Receive()
	peer.Drop()
}

// The whole: the watched connection is pinged only while the probe is open, the
// ways are tried once for each opening and each Try.
func TestOpenAndClose(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork()
		p := n.probe()
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		p.Manager().Socket("/", nil)
		go p.Manager().Run(ctx)
		main := n.server.Accept()
		go func() {
			main.Receive()
			main.Send(`40{"sid":"c"}`)
			mirrorOf(20*ms, 20*ms)(main)
		}()
		time.Sleep(time.Second)
		p.Try() // not open: nothing
		if s, _ := p.Recent(time.Now()); len(s) != 0 || p.Trials()[0] != (Trial{}) {
			t.Fatalf("before it was opened: %v, %+v", s, p.Trials())
		}
		var changes atomic.Int32
		n.serve(mirrorOf(11*ms, 11*ms))
		n.servePolling(mirrorOf(0, 0))
		p.Open(func() { changes.Add(1) })
		p.Open(func() { t.Error("opened twice") })
		p.Try() // it is at it
		if state := p.Trials()[ShortPolling].State; state != Trying {
			t.Errorf("state %v, want Trying", state)
		}
		time.Sleep(12 * time.Second)
		samples, _ := p.Recent(time.Now())
		if len(samples) != 3 || samples[1].RTT != 20*ms || changes.Load() != 6 {
			t.Errorf("samples %v, %d changes; want 3 and 6", samples, changes.Load())
		}
		for _, trial := range p.Trials() {
			if trial.State != Works {
				t.Errorf("%+v", trial)
			}
		}
		p.Close()
		p.Close()
		time.Sleep(time.Minute)
		if later, _ := p.Recent(time.Now()); len(later) != 3 || changes.Load() != 6 {
			t.Errorf("%d samples, %d changes after Close", len(later), changes.Load())
		}
	})
}

// Who closes in the midst of it and opens again gets a new round.
func TestOpenAgainAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		n := newNetwork()
		n.server.SetDown(true)
		n.server.SetPollingDown()
		p := n.probe()
		p.Open(func() {})
		time.Sleep(2 * ms)
		p.Close()
		if state := p.Trials()[0].State; state != Untried && state != Fails {
			t.Errorf("state %v after Close", state)
		}
		p.Open(func() {})
		time.Sleep(3 * time.Second)
		for _, trial := range p.Trials() {
			if want := map[bool]State{true: Works, false: Fails}[trial.Way == ShortPolling]; trial.State != want {
				t.Errorf("%+v, want state %v", trial, want)
			}
		}
		p.Close()
	})
}
