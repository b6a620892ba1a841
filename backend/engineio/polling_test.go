package engineio

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/wire/eio"
)

const unknown = `{"code":1,"message":"Session ID unknown"}`

func TestPollingHandshake(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		if len(p.SID) != 24 {
			t.Errorf("sid of %d characters", len(p.SID))
		}
		first := w.listener.Poll(t)
		first.URL, _, _ = strings.Cut(first.URL, "&sid=")
		a := first.Get()
		h, err := eio.ParseHandshake([]byte(a.Body[1:]))
		if err != nil {
			t.Fatal(err)
		}
		want := `0{"sid":"` + h.SID + `","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}`
		if a.Body != want {
			t.Errorf("got %s, want %s", a.Body, want)
		}
		for name, value := range map[string]string{
			"Content-Type": "text/plain; charset=UTF-8", "Cache-Control": "no-store",
			"X-Content-Type-Options": "nosniff", "Access-Control-Allow-Origin": "", "Set-Cookie": "",
		} {
			if got := a.Header.Get(name); got != value {
				t.Errorf("%s: %q", name, got)
			}
		}
	})
}

func TestTransports(t *testing.T) {
	inWorld(t, Config{Transports: []string{eio.Polling}}, nil, func(t *testing.T, w *world) {
		if a := w.listener.Poll(t); a.SID == "" {
			t.Error("no session")
		}
		if status, body := w.upgrade("GET", "EIO=4&transport=websocket"); status != 400 || !strings.Contains(body, `"code":0`) {
			t.Errorf("WebSocket: %d %s", status, body)
		}
	})
	inWorld(t, Config{Transports: []string{eio.WebSocket}}, nil, func(t *testing.T, w *world) {
		wantAlive(w.dial())
		if status, body := w.upgrade("GET", "EIO=4&transport=polling"); status != 400 || !strings.Contains(body, `"code":0`) {
			t.Errorf("polling: %d %s", status, body)
		}
	})
}

func TestPollingMessages(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		for _, payload := range []string{
			"4hello", "4", "4안녕하세요 👋", "4a\x1e4b\x1e4c", "4hello\x1ebAQIDBA==\x1e4", "b",
			strings.TrimSuffix(strings.Repeat("4\x1e", maxPackets), "\x1e"), "4" + strings.Repeat("가", 20000),
		} {
			p.Write(payload)
			p.Want(payload)
		}
		p.Write("6\x1e5\x1e3\x1e4x") // as the reference, without effect but for the message
		p.Want("4x")
		for _, method := range []string{"PUT", "DELETE", "OPTIONS", "PATCH"} {
			if a := p.Do(t.Context(), method, nil); a.Status != 400 || a.Body != `{"code":3,"message":"Bad request"}` {
				t.Errorf("%s: %d %s", method, a.Status, a.Body)
			}
		}
		p.Write("4still here")
		p.Want("4still here")
	})
}

func TestPollingHeartbeat(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		for range 3 {
			start := time.Now()
			p.Want("2")
			if waited := time.Since(start); waited != DefaultPingInterval {
				t.Errorf("ping after %v", waited)
			}
			p.Write("3")
		}
		p.Want("2")
		start := time.Now()
		p.Want("1") // the ping goes unanswered, though somebody listens
		if waited := time.Since(start); waited != DefaultPingTimeout {
			t.Errorf("closed after %v", waited)
		}
		p.WantGone()
		w.wantEnds(PingTimeout)
	})
}

func TestPollingSilence(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p, late := w.listener.Poll(t), w.listener.Poll(t)
		advance(DefaultPingInterval + DefaultPingTimeout - time.Millisecond)
		late.Want("2") // it waited for it
		late.Write("3")
		advance(time.Millisecond)
		p.WantGone()
		w.wantEnds(PingTimeout)
		late.Write("4hello")
		late.Want("4hello")
	})
}

// What is due goes out in payloads that are no longer than the peer's own may
// be, and in order.
func TestPayloadsAreCut(t *testing.T) {
	const messages = 100
	serve := func(ctx context.Context, s *Session) {
		for n := range messages {
			_ = s.Send(text(fmt.Sprint(n, strings.Repeat("x", 90))), Frame{Binary: true, Data: make([]byte, n)})
		}
		_ = s.Send(text(strings.Repeat("y", 5000)))
		if err := s.Drained(ctx); err != nil {
			t.Error(err)
		}
		_ = s.Send(text("drained"))
		echo(ctx, s)
	}
	inWorld(t, Config{MaxPayload: 1000}, serve, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		var got []string
		for len(got) < 2*messages+2 {
			a := p.Get()
			if a.Status != 200 || len(a.Body) > 1000 && len(a.Body) != 5001 {
				t.Fatalf("%d, %d bytes", a.Status, len(a.Body))
			}
			got = append(got, strings.Split(a.Body, "\x1e")...)
			synctest.Wait()
		}
		for n := range messages {
			if want := "4" + fmt.Sprint(n, strings.Repeat("x", 90)); got[2*n] != want || got[2*n+1][0] != 'b' {
				t.Fatalf("message %d: %q %q", n, got[2*n], got[2*n+1])
			}
		}
		if got[2*messages+1] != "4drained" {
			t.Errorf("last: %q", got[2*messages+1])
		}
	})
}

// A POST is answered when its last packet has been dealt with, so that nobody
// can pile up work.
func TestPostWaits(t *testing.T) {
	serve := func(ctx context.Context, s *Session) {
		for {
			if _, err := s.Receive(ctx); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	}
	inWorld(t, Config{}, serve, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		start := time.Now()
		p.Write("4a\x1e4b\x1e4c")
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestPollingSlowConsumer(t *testing.T) {
	inWorld(t, Config{MaxQueue: 100_000}, flooding, func(t *testing.T, w *world) {
		slow, bystander := w.listener.Poll(t), w.dial()
		bystander.Write("4hello")
		if a := slow.Post("4flood me"); a.Status != http.StatusBadRequest {
			t.Errorf("post: %d", a.Status)
		}
		w.wantEnds(SlowConsumer)
		slow.Want("1") // and nothing of the flood
		slow.WantGone()
		wantAlive(bystander)
	})
}

// closing closes its session with the reason that it receives.
func closing(ctx context.Context, s *Session) {
	m, err := s.Receive(ctx)
	if err != nil {
		return
	}
	_ = s.Send(text("bye"))
	s.Close(Reason(m.Data))
}

func TestServerClosesPolling(t *testing.T) {
	tests := []struct {
		reason Reason
		status int
		want   string
	}{
		{ForcedClose, 200, "4bye\x1e1"},
		{ServerShutdown, 400, "4bye\x1e1"},
		{ServerError, 400, "4bye\x1e1"},
		{TransportClose, 200, "4bye\x1e6"},
	}
	inWorld(t, Config{}, closing, func(t *testing.T, w *world) {
		var ends []Reason
		for _, test := range tests {
			p := w.listener.Poll(t) // polls only after the end
			if a := p.Post("4" + string(test.reason)); a.Status != test.status {
				t.Errorf("%s: post %d", test.reason, a.Status)
			}
			p.Want(test.want)
			p.WantGone()
			vanished := w.listener.Poll(t)
			vanished.Post("4" + string(test.reason))
			advance(closeGrace)
			vanished.WantGone()
			ends = append(ends, test.reason, test.reason)
		}
		w.wantEnds(ends...)
	})
}

func TestPeerClosesPolling(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		held := p.Hold(t.Context())
		synctest.Wait()
		p.Write("1")
		if a := <-held; a.Status != 200 || a.Body != "6" {
			t.Errorf("poll: %d %q", a.Status, a.Body)
		}
		p.WantGone()
		p = w.listener.Poll(t) // the other way round
		p.Write("4last\x1e1\x1e4too late")
		p.Want("4last\x1e6")
		p.WantGone()
		if a := p.Post("4x"); a.Status != 400 || a.Body != unknown {
			t.Errorf("post: %d %q", a.Status, a.Body)
		}
		w.wantEnds(TransportClose, TransportClose)
	})
}

func TestShutdownOfPolling(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		held := p.Hold(t.Context())
		w.listener.Poll(t) // never comes back
		synctest.Wait()
		start := time.Now()
		if err := w.server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != closeGrace {
			t.Errorf("took %v", took)
		}
		if a := <-held; a.Body != "1" {
			t.Errorf("poll: %d %q", a.Status, a.Body)
		}
		w.wantEnds(ServerShutdown, ServerShutdown)
	})
}

func TestShutdownOfPollingIsBounded(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		w.listener.Poll(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := w.server.Shutdown(ctx); err == nil {
			t.Error("no error")
		}
		w.wantEnds(ServerShutdown)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func TestMaxSessions(t *testing.T) {
	inWorld(t, Config{MaxSessions: 2}, nil, func(t *testing.T, w *world) {
		p, q := w.listener.Poll(t), w.dial()
		for _, transport := range []string{eio.Polling, eio.WebSocket} {
			if status, _ := w.upgrade("GET", "EIO=4&transport="+transport); status != 503 {
				t.Errorf("%s: %d", transport, status)
			}
		}
		wantAlive(q)
		p.Write("1")
		p.Want("6")
		w.wantEnds(TransportClose)
		w.listener.Poll(t)
	})
}

func TestVolatile(t *testing.T) {
	opened := make(chan *Session, 1)
	serve := func(ctx context.Context, s *Session) {
		opened <- s
		echo(ctx, s)
	}
	inWorld(t, Config{}, serve, func(t *testing.T, w *world) {
		send := func(s *Session, what string, want bool) {
			t.Helper()
			if sent, err := s.SendVolatile(text(what)); sent != want || err != nil {
				t.Errorf("%s: sent %v, %v", what, sent, err)
			}
		}
		p := w.listener.Poll(t)
		s := <-opened
		send(s, "nobody polls", false)
		held := p.Hold(t.Context())
		synctest.Wait()
		send(s, "somebody polls", true)
		if a := <-held; a.Body != "4somebody polls" {
			t.Errorf("poll: %q", a.Body)
		}
		ws := w.dial()
		s = <-opened
		synctest.Wait()
		send(s, "idle", true)
		ws.Want("4idle")
		for n := range 200 { // more than the pipe holds
			_ = s.Send(text(fmt.Sprint(n, strings.Repeat("x", 100))))
		}
		synctest.Wait()
		send(s, "busy", false)
		s.Close(ForcedClose)
		if _, err := s.SendVolatile(text("late")); err == nil {
			t.Error("no error after the end")
		}
	})
}

// A GET that comes again after its answer was lost on the way: what was in it
// can't be had again, so the peer must come back and say where it was.
func TestRepeatedGet(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		url := p.URL
		p.URL = url + "&t=a.1"
		p.Write("4one")
		p.Want("4one")
		p.URL = url + "&t=a.2"
		p.Write("4two")
		p.Want("4two")
		p.WantGone()
		w.wantEnds(TransportError)
	})
}
