package engineio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

func TestHeartbeat(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.dial()
		start := time.Now()
		for range 5 {
			before := time.Now()
			p.Want("2")
			if waited := time.Since(before); waited != DefaultPingInterval {
				t.Errorf("ping after %v", waited)
			}
			p.Write("3")
			synctest.Wait()
		}
		p.WantClose(0) // the sixth ping goes unanswered
		if lived := time.Since(start); lived != 6*DefaultPingInterval+DefaultPingTimeout {
			t.Errorf("closed after %v", lived)
		}
		w.wantEnds(PingTimeout)
	})
}

func TestLatePongAndUnaskedPong(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.dial()
		p.Write("3") // nobody asked: the ping still comes in time
		advance(DefaultPingInterval)
		p.Want("2")
		advance(DefaultPingTimeout - time.Millisecond)
		p.Write("3")
		advance(2 * time.Millisecond)
		wantAlive(p)
	})
}

func TestMessages(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.dial()
		for _, s := range []string{"", "a", "안녕하세요 👋", strings.Repeat("가", 20000)} {
			p.Write("4" + s)
			p.Want("4" + s)
		}
		p.Write("6") // as the reference, without effect
		p.Write("5")
		binary := []byte{0, 0xff, 0x80, '4'}
		if err := p.Conn.Write(t.Context(), websocket.MessageBinary, binary); err != nil {
			t.Fatal(err)
		}
		p.Want(string(binary))
		p.Write("bAP8=") // a binary message in its text form
		p.Want("\x00\xff")
	})
}

func TestBrokenPeers(t *testing.T) {
	tests := []struct {
		name, frame string
		reason      Reason
		code        websocket.StatusCode
	}{
		{"empty", "", ParseError, 1007},
		{"type", "9", ParseError, 1007},
		{"not UTF-8", "4\xff\xfe", ParseError, 1007},
		{"surrogate", "4\xed\xa0\x80", ParseError, 1007},
		{"base64", "b!!!", ParseError, 1007},
		{"ping from the client", "2", TransportError, 1002},
		{"close packet", "1", TransportClose, 1000},
		{"too big", "4" + strings.Repeat("x", DefaultMaxPayload), MessageTooBig, 1009},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
				bystander, p := w.dial(), w.dial()
				// the close may come while this is still written
				_ = p.Conn.Write(t.Context(), websocket.MessageText, []byte(test.frame))
				p.WantClose(test.code)
				w.wantEnds(test.reason)
				wantAlive(bystander)
			})
		})
	}
}

func TestLongestMessage(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.dial()
		longest := "4" + strings.Repeat("x", DefaultMaxPayload-1)
		p.Write(longest)
		p.Want(longest)
	})
}

func TestPeerCloses(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		if err := w.dial().Conn.Close(websocket.StatusGoingAway, "bye"); err != nil {
			t.Error(err)
		}
		w.wantEnds(TransportClose)
		if err := w.dial().Conn.CloseNow(); err != nil {
			t.Error(err)
		}
		w.wantEnds(TransportClose, TransportError)
	})
}

// Floods of what the WebSocket library handles by itself end, too.
func TestFloods(t *testing.T) {
	masked := func(first, length byte) string { return string([]byte{first, 0x80 | length, 0, 0, 0, 0}) }
	tests := []struct{ name, first, again string }{
		{"pings", masked(0x89, 0), masked(0x89, 0)},
		{"pongs", masked(0x8a, 0), masked(0x8a, 0)},
		{"empty fragments", masked(0x01, 0), masked(0x00, 0)},
		{"tiny fragments", masked(0x01, 1) + "4", masked(0x00, 1) + "x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
				bystander := w.dial()
				conn, _, err := w.listener.Connect(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				fmt.Fprintf(conn, "GET /?EIO=4&transport=websocket HTTP/1.1\r\nHost: chat.test\r\n"+
					"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
					"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
				go func() { // a peer that reads, so that only its flood counts
					var p [4096]byte
					for {
						if _, err := conn.Read(p[:]); err != nil {
							return
						}
					}
				}()
				_, err = conn.Write([]byte(test.first + strings.Repeat(test.again, 30000)))
				if err == nil {
					t.Error("all of the flood was taken")
				}
				w.wantEnds(BadRequest)
				wantAlive(bystander)
			})
		})
	}
}

// flooding sends to a session until it is closed.
func flooding(ctx context.Context, s *Session) {
	m, err := s.Receive(ctx)
	if err != nil {
		return
	}
	if string(m.Data) == "flood me" {
		frame := text(strings.Repeat("x", 1000))
		for s.Send(frame) == nil {
		}
	}
	echo(ctx, s)
}

func TestSlowConsumer(t *testing.T) {
	inWorld(t, Config{MaxQueue: 100_000}, flooding, func(t *testing.T, w *world) {
		slow, bystander := w.dial(), w.dial()
		bystander.Write("4hello")
		slow.Write("4flood me")
		synctest.Wait()
		wantAlive(bystander)
		slow.WantClose(1013) // it reads on at last
		w.wantEnds(SlowConsumer)
		wantAlive(bystander)
	})
}

// A peer that stops reading altogether is given up after WriteTimeout, though
// its queue is not full.
func TestStuckConsumer(t *testing.T) {
	serve := func(ctx context.Context, s *Session) {
		_ = s.Send(text(strings.Repeat("x", 20_000))) // more than the pipe holds
		echo(ctx, s)
	}
	inWorld(t, Config{}, serve, func(t *testing.T, w *world) {
		w.dial()
		advance(DefaultWriteTimeout)
		w.wantEnds(SlowConsumer)
	})
}

func TestCloseFlushes(t *testing.T) {
	serve := func(ctx context.Context, s *Session) {
		for i := range 100 {
			_ = s.Send(text(fmt.Sprint(i)))
		}
		s.Close(ForcedClose)
		var closed *CloseError
		if err := s.Send(text("late")); !errors.As(err, &closed) || closed.Reason != ForcedClose {
			t.Errorf("Send: %v", err)
		}
		if _, err := s.Receive(ctx); !errors.As(err, &closed) || closed.Reason != ForcedClose {
			t.Errorf("Receive: %v", err)
		}
		if context.Cause(ctx) != error(closed) {
			t.Errorf("cause: %v", context.Cause(ctx))
		}
	}
	inWorld(t, Config{}, serve, func(t *testing.T, w *world) {
		p := w.dial()
		for i := range 100 {
			p.Want(fmt.Sprintf("4%d", i))
		}
		p.WantClose(1000)
	})
}

func TestReceiveContext(t *testing.T) {
	serve := func(ctx context.Context, s *Session) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, err := s.Receive(ctx)
		var closed *CloseError
		if !errors.As(err, &closed) || closed.Reason != ForcedClose {
			t.Errorf("Receive: %v", err)
		}
	}
	inWorld(t, Config{}, serve, func(t *testing.T, w *world) {
		p := w.dial()
		p.WantClose(1000)
		w.wantEnds(ForcedClose)
	})
}

// The frames of one call stay together, and each sender's calls in order.
func TestManySenders(t *testing.T) {
	const senders, each = 20, 100
	serve := func(ctx context.Context, s *Session) {
		var wg sync.WaitGroup
		for sender := range senders {
			wg.Go(func() {
				for n := range each {
					head := text(fmt.Sprintf("%d %d", sender, n))
					if err := s.Send(head, Frame{Binary: true, Data: head.Data[1:]}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		echo(ctx, s)
	}
	inWorld(t, Config{}, serve, func(t *testing.T, w *world) {
		p := w.dial()
		var next [senders]int
		for range senders * each {
			head := p.Read()
			p.Want(head[1:])
			var sender, n int
			if _, err := fmt.Sscanf(head, "4%d %d", &sender, &n); err != nil {
				t.Fatal(err)
			}
			if n != next[sender] {
				t.Fatalf("sender %d: %d before %d", sender, n, next[sender])
			}
			next[sender]++
		}
	})
}

// Many frames that are due together leave in one write.
func TestOneWrite(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		var opened *Session
		w.server.serve = func(ctx context.Context, s *Session) {
			opened = s
			echo(ctx, s)
		}
		p := w.dial()
		synctest.Wait()
		conn := opened.transport.(*webSocket).conn.Conn.(interface{ Writes() int })
		before := conn.Writes()
		frames := make([]Frame, 50)
		for i := range frames {
			frames[i] = text(strings.Repeat("y", 100))
		}
		if err := opened.Send(frames...); err != nil {
			t.Fatal(err)
		}
		for range frames {
			p.Read()
		}
		if writes := conn.Writes() - before; writes != 1 {
			t.Errorf("%d writes", writes)
		}
	})
}

// The WebSocket library answers pings by itself, in the middle of batches.
func TestControlFramesBetweenBatches(t *testing.T) {
	const frames = 2000
	serve := func(ctx context.Context, s *Session) {
		var wg sync.WaitGroup
		wg.Go(func() {
			for n := range frames {
				_ = s.Send(text(fmt.Sprint(n, strings.Repeat("z", n))))
				if n%10 == 0 {
					runtime.Gosched()
				}
			}
		})
		defer wg.Wait()
		echo(ctx, s)
	}
	inWorld(t, Config{MaxQueue: 8 << 20}, serve, func(t *testing.T, w *world) {
		p := w.dial()
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			for range 50 {
				if err := p.Conn.Ping(t.Context()); err != nil {
					t.Error("ping:", err)
				}
			}
			p.Write("4done")
		})
		for n, done := 0, false; n < frames || !done; {
			got := p.Read()
			if got == "4done" {
				done = true
				continue
			}
			if want := "4" + fmt.Sprint(n, strings.Repeat("z", n)); got != want {
				t.Fatalf("got %.100q, want %.100q", got, want)
			}
			n++
		}
	})
}

func TestBatchConn(t *testing.T) {
	inner := &recorder{}
	conn := &batchConn{Conn: inner, writeTimeout: time.Second}
	conn.cork()
	for _, s := range []string{"a", "b"} {
		if _, err := conn.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("c")); err != nil { // a pong between batches
		t.Fatal(err)
	}
	conn.cork()
	if _, err := conn.Write([]byte("d")); err != nil { // the answer to a close frame
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if got := string(bytes.Join(inner.writes, []byte("|"))); got != "ab|c|d" || !inner.closed {
		t.Errorf("writes %q, closed %v", got, inner.closed)
	}
}
