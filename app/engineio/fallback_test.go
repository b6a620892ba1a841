package engineio_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
)

// memory is a Memory for tests.
type memory struct{ note string }

func (m *memory) Get() string     { return m.note }
func (m *memory) Set(note string) { m.note = note }

// network is a scripted server behind a network that may treat WebSocket badly.
// It answers a handshake after the transport's time, or not at all.
type network struct {
	*enginetest.Server
	webSocket func(ctx context.Context) error // nil: lets it pass
	openAfter map[string]time.Duration        // by transport

	mu    sync.Mutex
	peers []*enginetest.Peer
}

func (n *network) dial(ctx context.Context, url string) (engineio.Conn, error) {
	if n.webSocket != nil {
		if err := n.webSocket(ctx); err != nil {
			return nil, err
		}
	}
	conn, err := n.Server.Dial(ctx, url)
	if err != nil {
		return nil, err
	}
	p := n.Next()
	n.keep(p)
	if d, ok := n.openAfter["websocket"]; ok {
		time.AfterFunc(d, func() { p.Send(enginetest.Open) })
	}
	return conn, nil
}

func (n *network) request(ctx context.Context, method, url string, body []byte) (int, []byte, error) {
	if d, ok := n.openAfter["polling"]; ok && !strings.Contains(url, "sid=") {
		time.AfterFunc(d, func() { n.keep(n.AcceptPoll("s1")) })
	}
	return n.HTTP(ctx, method, url, body)
}

func (n *network) keep(p *enginetest.Peer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.peers = append(n.peers, p)
}

// wantAllClosed checks that nothing stays behind but abandoned handshakes of
// polling, which the server does not know by then.
func (n *network) wantAllClosed(t *testing.T) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.peers {
		if !p.Closed() && strings.Contains(p.URL, "websocket") || p.Polled() {
			t.Errorf("%s is still open", p.URL)
		}
	}
}

// open dials and tells how long it took.
func (n *network) open(t *testing.T, o engineio.Options) (*engineio.Session, time.Duration, error) {
	t.Helper()
	o.Dial, o.HTTP = n.dial, n.request
	begin := time.Now()
	s, err := engineio.Dial(t.Context(), "ws://host/socket.io/", o)
	return s, time.Since(begin), err
}

// noted is when the memory learned that the transport works.
func noted(t *testing.T, m *memory, transport string) time.Time {
	t.Helper()
	name, at, _ := strings.Cut(m.note, " ")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if name != transport || err != nil {
		t.Fatalf("noted %q; want %s", m.note, transport)
	}
	return time.Unix(seconds, 0)
}

func refuse(context.Context) error { return errors.New("refused") }

func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// after says when the transports answer, each from its dialling on; never is for not at all.
func after(webSocket, polling time.Duration) map[string]time.Duration {
	all := map[string]time.Duration{}
	if webSocket >= 0 {
		all["websocket"] = webSocket
	}
	if polling >= 0 {
		all["polling"] = polling
	}
	return all
}

const never = -1

func TestFallback(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	note := func(transport string, age time.Duration) string {
		at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // when a bubble begins
		return transport + " " + strconv.FormatInt(at.Add(-age).Unix(), 10)
	}
	for name, tt := range map[string]struct {
		webSocket func(context.Context) error
		openAfter map[string]time.Duration
		prefer    engineio.Preference
		note      string
		transport string
		took      time.Duration
	}{
		"all is well":                  {nil, after(0, 0), 0, "", "websocket", 0},
		"a slow WebSocket":             {nil, after(1900*ms, never), 0, "", "websocket", 1900 * ms},
		"refused at once":              {refuse, after(never, 0), 0, "", "polling", 0},
		"hangs while connecting":       {hang, after(never, 0), 0, "", "polling", 2 * s},
		"opens and swallows":           {nil, after(never, 0), 0, "", "polling", 2 * s},
		"late, but before polling":     {nil, after(2500*ms, 600*ms), 0, "", "websocket", 2500 * ms},
		"late, and after polling":      {nil, after(2600*ms, 500*ms), 0, "", "polling", 2500 * ms},
		"polling first":                {nil, after(0, 0), engineio.PollingFirst, "", "polling", 0},
		"polling first, in vain":       {nil, after(0, never), engineio.PollingFirst, "", "websocket", 2 * s},
		"polling known to work":        {nil, after(0, 0), 0, note("polling", 59*time.Minute), "polling", 0},
		"polling known an hour ago":    {nil, after(0, 0), 0, note("polling", time.Hour), "websocket", 0},
		"polling of the future":        {nil, after(0, 0), 0, note("polling", -time.Minute), "websocket", 0},
		"WebSocket known to work":      {nil, after(0, 0), engineio.PollingFirst, note("websocket", 1000*time.Hour), "websocket", 0},
		"a note of another program":    {nil, after(0, 0), 0, "polling", "websocket", 0},
		"a note that nobody can read":  {nil, after(0, 0), 0, "pigeon 1", "websocket", 0},
		"polling known, and worse now": {nil, after(0, never), 0, note("polling", 0), "websocket", 2 * s},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{Server: enginetest.New(), webSocket: tt.webSocket, openAfter: tt.openAfter}
				kept := &memory{tt.note}
				session, took, err := n.open(t, engineio.Options{Prefer: tt.prefer, Memory: kept})
				if err != nil || session.Transport() != tt.transport || took != tt.took {
					t.Fatalf("%v after %v, %v; want %s after %v", session, took, err, tt.transport, tt.took)
				}
				if age := time.Since(noted(t, kept, tt.transport)); age < 0 || age > 1000*time.Hour {
					t.Errorf("noted %q", kept.note)
				}
				session.Close("done")
				synctest.Wait()
				n.wantAllClosed(t)
			})
		})
	}
}

func TestFallbackFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{Server: enginetest.New(), webSocket: refuse}
		n.SetPollingDown()
		_, took, err := n.open(t, engineio.Options{})
		wantReason(t, err, engineio.ReasonTransport)
		if took != 0 {
			t.Errorf("after %v", took)
		}
		n = &network{Server: enginetest.New(), webSocket: hang}
		_, took, err = n.open(t, engineio.Options{DialTimeout: 7 * time.Second})
		if !errors.Is(err, context.DeadlineExceeded) || took != 7*time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// What the server answered is told, not what just did not work beside it.
func TestDialTellsWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, webSocket := range []func(context.Context) error{refuse, hang} {
			server := enginetest.New()
			n := &network{Server: server, webSocket: webSocket}
			go func() { server.NextPoll().Send("1") }()
			_, _, err := n.open(t, engineio.Options{})
			wantReason(t, err, engineio.ReasonBroken)
		}
	})
}

// The polling note keeps its time, so that WebSocket is first again one day.
func TestMemoryKeepsItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kept := &memory{}
		begin := time.Now().Truncate(time.Second)
		for range 3 {
			n := &network{Server: enginetest.New(), webSocket: refuse, openAfter: after(never, 0)}
			s, _, err := n.open(t, engineio.Options{Memory: kept})
			if err != nil {
				t.Fatal(err)
			}
			if at := noted(t, kept, "polling"); !at.Equal(begin) {
				t.Errorf("noted at %v; want %v", at, begin)
			}
			s.Close("done")
			time.Sleep(20 * time.Minute)
		}
	})
}

// When both open at the same moment, the one that is not taken is closed too.
func TestFallbackTie(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			n := &network{Server: enginetest.New(), openAfter: after(2500*time.Millisecond, 500*time.Millisecond)}
			s, _, err := n.open(t, engineio.Options{})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			open := 0
			for _, p := range n.peers {
				if p.Polled() || !p.Closed() && strings.Contains(p.URL, "websocket") {
					open++
				}
			}
			if open != 1 {
				t.Errorf("%d sessions are open", open)
			}
			s.Close("done")
			synctest.Wait()
			n.wantAllClosed(t)
		})
	}
}
