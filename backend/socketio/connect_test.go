package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/backend/socketio"
)

func TestNamespacesOnOneSession(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Dial(t)
		first, second := connect(t, p, "/"), connect(t, p, "/echo")
		if first == second || first != w.socket(0).ID() {
			t.Errorf("ids %q and %q", first, second)
		}
		p.Write(`42/echo,7["x","안녕"]`)
		p.Want(`43/echo,7["안녕"]`)
		p.Write(`427["x",[]]`)
		p.Want(`437[[]]`)
		p.Write("41/echo,")
		wantAlive(p)
		w.wantEnds("/echo client namespace disconnect")
		connect(t, p, "/echo") // and again
		if err := p.Conn.CloseNow(); err != nil {
			t.Error(err)
		}
		w.wantEnds("/echo client namespace disconnect", "/ transport error", "/echo transport error")
	})
}

func TestUnknownNamespace(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Dial(t)
		for _, name := range []string{"/nowhere", "/__proto__", "/constructor", "/ECHO"} {
			p.Write("40" + name + ",")
			p.Want(`44` + name + `,{"message":"Invalid namespace"}`)
		}
		connect(t, p, "/")
		wantAlive(p)
	})
}

func TestTooManyNamespaces(t *testing.T) {
	inWorld(t, socketio.Options{MaxNamespaces: 1}, nil, func(t *testing.T, w *world) {
		p := w.join()
		p.Write("40/echo,")
		p.Want(`44/echo,{"message":"Too many namespaces"}`)
		wantAlive(p)
	})
}

func TestConnectReply(t *testing.T) {
	auths := make(chan string, 2)
	prepare := func(w *world) {
		w.main.OnConnect(func(_ context.Context, s *socketio.Socket, auth json.RawMessage) ([]byte, error) {
			if auth == nil {
				auths <- "none"
			} else {
				auths <- string(auth)
			}
			if s.Query().Get("EIO") != "4" || s.Header().Get("Upgrade") == "" || s.RemoteAddr() == "" {
				t.Error("the request is not known")
			}
			// sent before the answer, seen after it
			return []byte(`"pid":"x"`), s.Send(socketio.EncodeEvent("/", "early"))
		})
	}
	inWorld(t, socketio.Options{}, prepare, func(t *testing.T, w *world) {
		p := w.listener.Dial(t)
		p.Write(`40{"token":"1"}`)
		if got := p.Read(); !strings.HasPrefix(got, `40{"sid":"`) || !strings.HasSuffix(got, `","pid":"x"}`) {
			t.Errorf("answer %s", got)
		}
		p.Want(`42["early"]`)
		q := w.listener.Dial(t)
		q.Write("40")
		q.Read()
		if first, second := <-auths, <-auths; first != `{"token":"1"}` || second != "none" {
			t.Errorf("auth %q, %q", first, second)
		}
	})
}

func TestRefusal(t *testing.T) {
	answers := []error{
		&socketio.Refusal{Message: "no \"entry\"", Data: json.RawMessage(`{"code":7}`)},
		&socketio.Refusal{Message: "닫힘"},
		errors.New("the store is on fire"),
		nil,
	}
	prepare := func(w *world) {
		w.main.OnConnect(func(context.Context, *socketio.Socket, json.RawMessage) ([]byte, error) {
			err := answers[0]
			answers = answers[1:]
			return nil, err
		})
	}
	inWorld(t, socketio.Options{}, prepare, func(t *testing.T, w *world) {
		p := w.listener.Dial(t)
		p.Write("40")
		p.Want(`44{"message":"no \"entry\"","data":{"code":7}}`)
		p.Write("40")
		p.Want(`44{"message":"닫힘"}`)
		p.Write("40")
		p.Want(`44{"message":"internal"}`)
		if !strings.Contains(w.log.String(), "on fire") {
			t.Errorf("log: %s", w.log)
		}
		connect(t, p, "/")
		w.wantEnds() // who was refused was never connected
	})
}

func TestConnectTimeout(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		silent, refused, connected := w.listener.Dial(t), w.listener.Dial(t), w.join()
		refused.Write("40/nowhere,")
		refused.Read()
		start := time.Now()
		silent.WantClose(1000)
		refused.WantClose(1000)
		if took := time.Since(start); took != socketio.DefaultConnectTimeout {
			t.Errorf("after %v", took)
		}
		wantAlive(connected)
	})
}

func TestDisconnectReasons(t *testing.T) {
	tests := []struct {
		name, want string
		end        func(*testing.T, *world, *socketio.Socket)
	}{
		{"server", "/ server namespace disconnect", func(_ *testing.T, _ *world, s *socketio.Socket) {
			s.Disconnect(false)
			s.Disconnect(true)
			s.Disconnect(false)
		}},
		{"close", "/ slow consumer", func(_ *testing.T, _ *world, s *socketio.Socket) { s.Close("slow consumer") }},
		{"silence", "/ ping timeout", func(*testing.T, *world, *socketio.Socket) { advance(45 * time.Second) }},
		{"shutdown", "/ server shutting down", func(t *testing.T, w *world, _ *socketio.Socket) {
			if err := w.server.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
				w.join()
				s := w.socket(0)
				test.end(t, w, s)
				advance(5 * time.Second)
				w.wantEnds(test.want)
				if err := s.Send(socketio.EncodeEvent("/", "late")); !errors.Is(err, socketio.ErrDisconnected) {
					t.Errorf("Send: %v", err)
				}
				if _, err := s.Call(t.Context(), "late"); !errors.Is(err, socketio.ErrDisconnected) {
					t.Errorf("Call: %v", err)
				}
			})
		})
	}
}

func TestServerDisconnects(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		p := w.join()
		connect(t, p, "/echo")
		w.socket(0).Disconnect(false)
		p.Want("41")
		p.Write(`421["under way"]`) // no answer, and no end of the session
		p.Write(`42/echo,1["x"]`)
		p.Want(`43/echo,1[]`)
		connect(t, p, "/")
		w.socket(1).Disconnect(true)
		got := []string{p.Read(), p.Read()}
		if !(got[0] == "41" && got[1] == "41/echo,") && !(got[1] == "41" && got[0] == "41/echo,") {
			t.Errorf("got %q", got)
		}
		p.WantClose(1000)
		w.wantEnds("/ server namespace disconnect", "/ server namespace disconnect", "/echo server namespace disconnect")
	})
}

// A socket that is disconnected while OnConnect still runs ends after it.
func TestDisconnectWhileConnecting(t *testing.T) {
	prepare := func(w *world) {
		w.main.OnConnect(func(_ context.Context, s *socketio.Socket, _ json.RawMessage) ([]byte, error) {
			s.Disconnect(false)
			w.wantNoEnds()
			return nil, nil
		})
	}
	inWorld(t, socketio.Options{}, prepare, func(t *testing.T, w *world) {
		p := w.listener.Dial(t)
		connect(t, p, "/")
		p.Want("41")
		synctest.Wait()
		w.wantEnds("/ server namespace disconnect")
	})
}

func (w *world) wantNoEnds() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.ends) > 0 {
		w.t.Errorf("ended: %q", w.ends)
	}
}
