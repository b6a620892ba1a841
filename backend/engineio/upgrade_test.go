package engineio

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/backend/engineio/enginetest"

	"github.com/coder/websocket"
)

func TestUpgrade(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		held := p.Hold(t.Context())
		synctest.Wait()
		ws := p.Upgrade()
		ws.Write("2probe")
		ws.Want("3probe")
		if a := <-held; a.Status != 200 || a.Body != "6" {
			t.Errorf("held poll: %d %q", a.Status, a.Body)
		}
		p.Want("6") // and so does each one until the move
		p.Write("4on polling")
		p.Want("4on polling")
		ws.Write("5")
		ws.Write("4on WebSocket")
		ws.Want("4on WebSocket")
		for _, method := range []string{"GET", "POST"} {
			if a := p.Do(t.Context(), method, strings.NewReader("4x")); a.Status != 400 || a.Body != `{"code":3,"message":"Bad request"}` {
				t.Errorf("%s after the move: %d %q", method, a.Status, a.Body)
			}
		}
		second := p.Upgrade()
		second.WantClose(1008)
		for range 3 {
			ws.Want("2")
			ws.Write("3")
		}
		wantAlive(ws)
		ws.Write("1")
		ws.WantClose(1000)
		w.wantEnds(TransportClose)
		p.WantGone()
	})
}

// What waits when the transport changes goes out on the new one.
func TestUpgradeCarriesTheQueue(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		p.Write("4a\x1e4b")
		ws := p.Upgrade()
		ws.Write("2probe")
		ws.Want("3probe")
		p.Write("4c")
		ws.Write("5")
		for _, want := range []string{"4a", "4b", "4c"} {
			ws.Want(want)
		}
		wantAlive(ws)
	})
}

// A client that moves while its poll is open gets an answer to it.
func TestMoveWithOpenPoll(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		ws := p.Upgrade()
		ws.Write("2probe")
		ws.Want("3probe")
		w.server.mu.Lock()
		s := w.server.sessions[p.SID]
		w.server.mu.Unlock()
		s.stopProbe(s.candidate) // so that the poll stays open
		held := p.Hold(t.Context())
		synctest.Wait()
		ws.Write("5")
		if a := <-held; a.Status != 200 || a.Body != "6" {
			t.Errorf("%d %q", a.Status, a.Body)
		}
		wantAlive(ws)
	})
}

func TestFailedProbes(t *testing.T) {
	ping := "2probe\n"
	tests := []struct {
		name, frames string
		code         websocket.StatusCode
	}{
		{"upgrade without a probe", "5", 1008},
		{"ping without a probe", "2", 1008},
		{"another probe", "2probe ", 1008},
		{"pong", "3probe", 1008},
		{"message", "4hello", 1008},
		{"rubbish", "rubbish", 1008},
		{"not UTF-8", "\xff", 1008},
		{"empty", "", 1008},
		{"handshake", "0{}", 1008},
		{"probe twice", ping + "2probe", 1008},
		{"message after the probe", ping + "4hello", 1008},
		{"upgrade with data", ping + "5x", 1008},
		{"close after the probe", ping + "1", 1008},
		{"too big", ping + "4" + strings.Repeat("x", DefaultMaxPayload), 1009},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
				p := w.listener.Poll(t)
				ws := p.Upgrade()
				for frame := range strings.SplitSeq(test.frames, "\n") {
					// the close may come while this is still written
					_ = ws.Conn.Write(t.Context(), websocket.MessageText, []byte(frame))
				}
				ws.WantClose(test.code)
				synctest.Wait()
				stays(t, w, p)
			})
		})
	}
}

// stays checks that a session is still on long-polling, and may yet move.
func stays(t *testing.T, w *world, p *enginetest.Poller) {
	t.Helper()
	w.wantEnds()
	held := p.Hold(t.Context())
	synctest.Wait()
	p.Write("4still here")
	if a := <-held; a.Body != "4still here" {
		t.Errorf("poll: %d %q", a.Status, a.Body)
	}
	ws := p.Upgrade()
	ws.Write("2probe")
	ws.Want("3probe")
	ws.Write("5")
	wantAlive(ws)
}

func TestSlowProbe(t *testing.T) {
	for _, frame := range []string{"", "2probe"} {
		t.Run(frame, func(t *testing.T) {
			inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
				p := w.listener.Poll(t)
				ws := p.Upgrade()
				if frame != "" {
					ws.Write(frame)
					ws.Want("3probe")
				}
				start := time.Now()
				if _, _, err := ws.Conn.Read(t.Context()); err == nil {
					t.Error("something came")
				}
				if took := time.Since(start); took != DefaultUpgradeTimeout {
					t.Errorf("after %v", took)
				}
				synctest.Wait()
				stays(t, w, p)
			})
		})
	}
}

func TestProbeBreaksOff(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		ws := p.Upgrade()
		ws.Write("2probe")
		ws.Want("3probe")
		if err := ws.Conn.CloseNow(); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		stays(t, w, p)
	})
}

func TestOverlappingProbes(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		first := p.Upgrade()
		first.Write("2probe")
		first.Want("3probe")
		p.Upgrade().WantClose(1008)
		first.Write("5")
		wantAlive(first)
	})
}

// The end of a session ends the WebSocket that it might have moved to.
func TestCloseWhileProbing(t *testing.T) {
	inWorld(t, Config{UpgradeTimeout: time.Hour}, closing, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		ws := p.Upgrade()
		ws.Write("2probe")
		ws.Want("3probe")
		p.Write("4" + string(ForcedClose))
		if _, _, err := ws.Conn.Read(t.Context()); err == nil {
			t.Error("something came")
		}
		p.Want("4bye\x1e1")
		w.wantEnds(ForcedClose)
	})
}

// Whenever a client moves, it gets everything once and in order.
func TestOrderOverUpgrade(t *testing.T) {
	const messages = 1000
	serve := func(ctx context.Context, s *Session) {
		go func() {
			for n := range messages {
				_ = s.Send(text(fmt.Sprint(n)))
				time.Sleep(time.Millisecond)
			}
		}()
		echo(ctx, s)
	}
	for _, after := range []time.Duration{0, 100 * time.Millisecond, 333 * time.Millisecond} {
		inWorld(t, Config{}, serve, func(t *testing.T, w *world) {
			p := w.listener.Poll(t)
			next := 0
			take := func(frame string) {
				if frame == "6" {
					return
				}
				if frame != fmt.Sprintf("4%d", next) {
					t.Fatalf("got %q instead of %d", frame, next)
				}
				next++
			}
			start := time.Now()
			for time.Since(start) < after {
				for frame := range strings.SplitSeq(p.Get().Body, "\x1e") {
					take(frame)
				}
			}
			held := p.Hold(t.Context())
			ws := p.Upgrade()
			ws.Write("2probe")
			ws.Want("3probe")
			for frame := range strings.SplitSeq((<-held).Body, "\x1e") {
				take(frame)
			}
			ws.Write("5")
			for next < messages {
				take(ws.Read())
			}
			wantAlive(ws)
		})
	}
}
