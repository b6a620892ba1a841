package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/backend/socketio"
)

func TestBrokenPeers(t *testing.T) {
	tests := []struct {
		name, frame, reason string
		code                int
	}{
		{"type", `49`, "parse error", 1007},
		{"empty", `4`, "parse error", 1007},
		{"no name", `42[]`, "parse error", 1007},
		{"number as name", `42[1]`, "parse error", 1007},
		{"object as name", `42[{"toString":1}]`, "parse error", 1007},
		{"no array", `42{"a":1}`, "parse error", 1007},
		{"cut JSON", `42["a",`, "parse error", 1007},
		{"too many arguments", `42["a"` + strings.Repeat(",1", 20) + `]`, "parse error", 1007},
		{"too deep", `42["a",` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `]`, "parse error", 1007},
		{"reserved", `42["disconnect"]`, "parse error", 1007},
		{"reserved, escaped", `42["\u0063onnect"]`, "parse error", 1007},
		{"reserved emitter", `42["newListener"]`, "parse error", 1007},
		{"ack without id", `43[]`, "parse error", 1007},
		{"too many attachments", `45999-["a"]`, "parse error", 1007},
		{"text for an attachment", `451-["a",{"_placeholder":true,"num":0}]` + "\n" + `42["a"]`, "parse error", 1007},
		{"connect twice", `40`, "bad request", 1008},
		{"connect error", `44{}`, "bad request", 1008},
		{"not connected", `42/echo,["a"]`, "bad request", 1008},
		{"unknown namespace", `42/__proto__,["a"]`, "bad request", 1008},
		{"disconnect of nothing", `41/echo,`, "bad request", 1008},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
				bystander, p := w.join(), w.join()
				for frame := range strings.SplitSeq(test.frame, "\n") {
					p.Write(frame)
				}
				_, _, err := p.Conn.Read(t.Context())
				if want := fmt.Sprintf("%d", test.code); err == nil || !strings.Contains(err.Error(), test.reason) ||
					!strings.Contains(closeCode(err), want) {
					t.Errorf("closed by %v, want %s %s", err, want, test.reason)
				}
				w.wantEnds("/ " + test.reason)
				wantAlive(bystander)
			})
		})
	}
}

func TestEvents(t *testing.T) {
	prepare := func(w *world) {
		w.main.On("quiet", func(_ context.Context, _ *socketio.Socket, e socketio.Event) socketio.Reply {
			if e.WantsAck || len(e.Args) != 0 {
				t.Errorf("%+v", e)
			}
			return socketio.Reply{Args: []byte(`["not wanted"]`)}
		})
		w.main.On("after", func(_ context.Context, s *socketio.Socket, _ socketio.Event) socketio.Reply {
			return socketio.Reply{Args: []byte(`[null]`), After: func() {
				if err := s.Send(socketio.EncodeEvent("/", "then", number(1))); err != nil {
					t.Error(err)
				}
			}}
		})
		w.main.On("no ack", func(context.Context, *socketio.Socket, socketio.Event) socketio.Reply {
			return socketio.Reply{}
		})
	}
	inWorld(t, socketio.Options{}, prepare, func(t *testing.T, w *world) {
		p := w.join()
		p.Write(`42["quiet"]`)
		p.Write(`420["no ack"]`)
		p.Write(`429007199254740991["after"]`)
		p.Want(`439007199254740991[null]`)
		p.Want(`42["then",1]`)
		for _, name := range []string{"__proto__", "constructor", "toString", "error"} {
			p.Write(`421["` + name + `",{"__proto__":1}]`)
			p.Want(`431[{"__proto__":1}]`)
		}
	})
}

func TestBinary(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		p := w.join()
		p.Write(`452-3["x",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]`)
		p.WriteBinary("\x00\xff")
		p.WriteBinary("")
		p.Want(`462-3[{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]`)
		p.Want("\x00\xff")
		p.Want("")
		placeholder := []byte(`{"_placeholder":true,"num":0}`)
		packet := socketio.EncodeBinaryEvent("/", "file", [][]byte{{1, 2}}, placeholder)
		if err := w.socket(0).Send(packet); err != nil {
			t.Fatal(err)
		}
		p.Want(`451-["file",{"_placeholder":true,"num":0}]`)
		p.Want("\x01\x02")
	})
}

func TestBroadcastIsEncodedOnce(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		a, b := w.join(), w.join()
		packet := socketio.EncodeEvent("/", "message", []byte(`{"text":"안녕"}`))
		for n := range 2 {
			if err := w.socket(n).Send(packet); err != nil {
				t.Error(err)
			}
		}
		a.Want(`42["message",{"text":"안녕"}]`)
		b.Want(`42["message",{"text":"안녕"}]`)
		other := socketio.EncodeEvent("/echo", "message")
		if err := w.socket(0).Send(other); !errors.Is(err, socketio.ErrNamespace) {
			t.Errorf("Send: %v", err)
		}
	})
}

type called struct {
	args string
	err  error
}

func call(t *testing.T, s *socketio.Socket) <-chan called {
	result := make(chan called, 1)
	go func() {
		args, err := s.Call(t.Context(), "ask", number(1))
		result <- called{fmt.Sprintf("%s", args), err}
	}()
	return result
}

func TestCall(t *testing.T) {
	inWorld(t, socketio.Options{MaxCalls: 2}, nil, func(t *testing.T, w *world) {
		p := w.join()
		s := w.socket(0)
		first := call(t, s)
		p.Want(`421["ask",1]`)
		second := call(t, s)
		p.Want(`422["ask",1]`)
		if _, err := s.Call(t.Context(), "ask"); !errors.Is(err, socketio.ErrTooManyCalls) {
			t.Errorf("a third call: %v", err)
		}
		p.Write(`4399["nobody asked"]`)
		p.Write(`432["b",2]`)
		p.Write(`432["again"]`)
		p.Write(`431[]`)
		if got := <-first; got.args != "[]" || got.err != nil {
			t.Errorf("first: %+v", got)
		}
		if got := <-second; got.args != `["b" 2]` || got.err != nil {
			t.Errorf("second: %+v", got)
		}
		third := call(t, s)
		p.Want(`423["ask",1]`)
		p.Write(`461-3[{"_placeholder":true,"num":0}]`)
		p.WriteBinary("x")
		if got := <-third; !errors.Is(got.err, socketio.ErrBinaryAck) {
			t.Errorf("third: %+v", got)
		}
		wantAlive(p)
	})
}

func TestCallEnds(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		p := w.join()
		s := w.socket(0)
		start := time.Now()
		got := <-call(t, s)
		if took := time.Since(start); !errors.Is(got.err, context.DeadlineExceeded) || took != socketio.DefaultAckTimeout {
			t.Errorf("%v after %v", got.err, took)
		}
		p.Want(`421["ask",1]`)
		p.Write(`431["late"]`)
		wantAlive(p)
		pending := call(t, s)
		synctest.Wait()
		if err := p.Conn.CloseNow(); err != nil {
			t.Error(err)
		}
		if got := <-pending; !errors.Is(got.err, socketio.ErrDisconnected) {
			t.Errorf("after the end: %v", got.err)
		}
	})
}

func TestPanicClosesOneSession(t *testing.T) {
	prepare := func(w *world) {
		w.main.On("boom", func(context.Context, *socketio.Socket, socketio.Event) socketio.Reply {
			panic("a fault")
		})
		w.main.OnDisconnect(func(s *socketio.Socket, reason string) {
			w.disconnected(s, reason)
			panic("another fault")
		})
	}
	inWorld(t, socketio.Options{}, prepare, func(t *testing.T, w *world) {
		victim, bystander := w.join(), w.join()
		connect(t, victim, "/echo")
		victim.Write(`42["boom"]`)
		victim.WantClose(1011)
		w.wantEnds("/ server error", "/echo server error")
		wantAlive(bystander)
		if log := w.log.String(); !strings.Contains(log, "a fault") || !strings.Contains(log, "another fault") {
			t.Errorf("log: %s", log)
		}
	})
}

// The events of one sender are handled in order, and its ctx ends with it.
func TestOrderAndContext(t *testing.T) {
	handled := make(chan string, 1000)
	var session context.Context
	prepare := func(w *world) {
		w.main.On("n", func(ctx context.Context, _ *socketio.Socket, e socketio.Event) socketio.Reply {
			session = ctx
			handled <- string(e.Args[0])
			return socketio.Reply{}
		})
	}
	inWorld(t, socketio.Options{}, prepare, func(t *testing.T, w *world) {
		p := w.join()
		for n := range 500 {
			p.Write(fmt.Sprintf(`42["n",%d]`, n))
		}
		wantAlive(p)
		for n := range 500 {
			if got := <-handled; got != fmt.Sprint(n) {
				t.Fatalf("%s instead of %d", got, n)
			}
		}
		if err := session.Err(); err != nil {
			t.Error("before the end:", err)
		}
		p.Conn.CloseNow()
		synctest.Wait()
		if session.Err() == nil {
			t.Error("the context goes on")
		}
	})
}
