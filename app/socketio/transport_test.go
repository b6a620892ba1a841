package socketio_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
	"maru/app/socketio"
)

type memory struct {
	mu   sync.Mutex
	note string
}

func (m *memory) Get() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.note
}

func (m *memory) Set(note string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.note = note
}

// anywhere runs f with a client that may poll, of a server that WebSocket does
// not reach at first.
func anywhere(t *testing.T, kept *memory, f func(t *testing.T, c client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server := enginetest.New()
		server.SetDown(true)
		c := startAt(t, server, socketio.Options{Engine: engineio.Options{HTTP: server.HTTP, Memory: kept}})
		defer c.stop()
		f(t, c)
	})
}

// acceptPoll is accept by long-polling.
func (c client) acceptPoll(t *testing.T, sid string) *enginetest.Peer {
	t.Helper()
	return c.welcome(t, c.server.AcceptPoll(sid))
}

func TestPollingAndUpgrade(t *testing.T) {
	kept := &memory{}
	anywhere(t, kept, func(t *testing.T, c client) {
		peer := c.acceptPoll(t, "s1")
		if s := wantState(t, c, socketio.StateConnected); s.Transport != "polling" || !strings.HasPrefix(kept.Get(), "polling ") {
			t.Errorf("status = %+v, noted %q", s, kept.Get())
		}
		got := call(t, c, "message", []byte(`"hi"`))
		wantFrames(t, peer, `420["message","hi"]`)
		pass(70 * time.Millisecond)
		peer.Send(`430["ok"]`)
		if a := <-got; join(a.args) != `"ok"` || c.RTT() != 70*time.Millisecond {
			t.Errorf("answer %s, %v after %v", join(a.args), a.err, c.RTT())
		}
		c.server.SetDown(false)
		<-c.Changed()
		begin := time.Now()
		c.NetworkChanged()
		if kept.Get() != "" {
			t.Errorf("noted %q of the old network", kept.Get())
		}
		ws := c.server.Next()
		if d := time.Since(begin); d != 0 {
			t.Errorf("tried after %v", d)
		}
		wantFrames(t, ws, "2probe")
		synctest.Wait()
		ws.Send("3probe")
		synctest.Wait()
		peer.Send("6")
		wantFrames(t, ws, "5")
		<-c.Changed()
		if s := wantState(t, c, socketio.StateConnected); s.Transport != "websocket" || s.Reconnects != 0 {
			t.Errorf("status = %+v", s)
		}
		ws.Drop()
		wantDisconnected(t, c.main, engineio.ReasonTransport)
		if s := wantState(t, c, socketio.StateWaiting); s.Transport != "" {
			t.Errorf("status = %+v", s)
		}
		c.accept(t)
		if s := wantState(t, c, socketio.StateConnected); s.Transport != "websocket" || s.Reconnects != 1 {
			t.Errorf("status = %+v", s)
		}
	})
}

// A session that the server has forgotten is replaced by a new one.
func TestForgottenSession(t *testing.T) {
	anywhere(t, &memory{}, func(t *testing.T, c client) {
		peer := c.acceptPoll(t, "s1")
		c.server.Forget("s1")
		peer.Send("6")
		wantDisconnected(t, c.main, engineio.ReasonUnknown)
		c.acceptPoll(t, "s2")
		if s := wantState(t, c, socketio.StateConnected); s.Reconnects != 1 {
			t.Errorf("status = %+v", s)
		}
	})
}

// What would only end in the same way again is tried seldom, until Wake.
func TestNoHurryBack(t *testing.T) {
	anywhere(t, &memory{}, func(t *testing.T, c client) {
		peer := c.acceptPoll(t, "s1")
		synctest.Wait()
		peer.AnswerNext("GET", enginetest.Answer{Status: 403, Body: `{"code":4,"message":"Forbidden"}`})
		peer.Send("6")
		wantDisconnected(t, c.main, engineio.ReasonForbidden)
		s := wantState(t, c, socketio.StateWaiting)
		if d := time.Until(s.RetryAt); d != 20*time.Second || s.Attempt != 1 || s.Reason != engineio.ReasonForbidden {
			t.Errorf("waits %v: %+v", d, s)
		}
		c.Wake()
		c.acceptPoll(t, "s2")
	})
}

func TestUnreachable(t *testing.T) {
	anywhere(t, &memory{}, func(t *testing.T, c client) {
		c.acceptPoll(t, "s1").Drop()
		wantDisconnected(t, c.main, engineio.ReasonUnknown)
		c.server.SetPollingDown()
		pass(time.Second)
		if s := wantState(t, c, socketio.StateWaiting); s.Reason != socketio.ReasonUnreachable {
			t.Errorf("status = %+v", s)
		}
	})
}
