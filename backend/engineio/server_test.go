package engineio

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"maru/app/wire/eio"
)

func TestHandshake(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		first := w.listener.DialRaw(t).Read()
		var got map[string]any
		if err := json.Unmarshal([]byte(strings.TrimPrefix(first, "0")), &got); err != nil {
			t.Fatal(err)
		}
		sid, _ := got["sid"].(string)
		if len(sid) != 24 {
			t.Errorf("sid of %d characters", len(sid))
		}
		want := `0{"sid":"` + sid + `","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}`
		if first != want {
			t.Errorf("got %s, want %s", first, want)
		}
		if second := w.listener.DialRaw(t).Read(); strings.Contains(second, sid) {
			t.Error("two sessions with one id")
		}
	})
}

// upgrade is a raw WebSocket request, which Go's client would not send as
// hostile as that.
func (w *world) upgrade(method, query string, header ...string) (status int, body string) {
	w.t.Helper()
	client, _, err := w.listener.Connect(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer client.Close()
	header = append(header, "Connection: Upgrade", "Upgrade: websocket",
		"Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==")
	fmt.Fprintf(client, "%s /socket.io/?%s HTTP/1.1\r\nHost: chat.test\r\n%s\r\n\r\n",
		method, query, strings.Join(header, "\r\n"))
	resp, err := http.ReadResponse(bufio.NewReader(client), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return resp.StatusCode, ""
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func TestRefusals(t *testing.T) {
	tests := []struct {
		method, query string
		want          *eio.Error
	}{
		{"GET", "EIO=3&transport=websocket", eio.ErrUnsupported},
		{"GET", "transport=websocket", eio.ErrUnsupported},
		{"GET", "EIO=4", eio.ErrUnknownTransport},
		{"GET", "EIO=4&transport=webtransport", eio.ErrUnknownTransport},
		{"GET", "EIO=3&transport=polling", eio.ErrUnsupported},
		{"GET", "EIO=%34%20&transport=polling", eio.ErrUnsupported},
		{"GET", "transport=polling", eio.ErrUnsupported},
		{"GET", "EIO=4&transport=POLLING", eio.ErrUnknownTransport},
		{"GET", "EIO=4&transport=polling&sid=nobody", eio.ErrUnknownSID},
		{"POST", "EIO=4&transport=polling&sid=", eio.ErrUnknownSID},
		{"POST", "EIO=4&transport=polling&sid=../../etc/passwd", eio.ErrUnknownSID},
		{"POST", "EIO=4&transport=polling", eio.ErrBadHandshakeMethod},
		{"PUT", "EIO=4&transport=polling", eio.ErrBadHandshakeMethod},
		{"DELETE", "EIO=4&transport=polling", eio.ErrBadHandshakeMethod},
		{"OPTIONS", "EIO=4&transport=polling", eio.ErrBadHandshakeMethod},
		{"GET", "EIO=4&transport=constructor", eio.ErrUnknownTransport},
		{"GET", "EIO=4&transport=__proto__", eio.ErrUnknownTransport},
		{"GET", "EIO=4&transport=websocket&sid=nobody", eio.ErrUnknownSID},
		{"GET", "EIO=4&transport=websocket&sid=", eio.ErrUnknownSID},
		{"POST", "EIO=4&transport=websocket", eio.ErrBadHandshakeMethod},
		{"OPTIONS", "EIO=4&transport=websocket", eio.ErrBadHandshakeMethod},
	}
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		for _, test := range tests {
			status, body := w.upgrade(test.method, test.query)
			want := fmt.Sprintf(`{"code":%d,"message":%q}`, test.want.Code, test.want.Message)
			if status != 400 || body != want {
				t.Errorf("%s %s: %d %s, want %s", test.method, test.query, status, body, want)
			}
		}
		resp, err := w.listener.Client().Get("http://chat.test/socket.io/?EIO=4&transport=websocket")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != 400 || string(body) != `{"code":3,"message":"Bad request"}` {
			t.Errorf("without an upgrade: %d %s", resp.StatusCode, body)
		}
	})
}

// A session that has its WebSocket takes no second one.
func TestSessionIsNotShared(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.DialRaw(t)
		h, err := eio.ParseHandshake([]byte(p.Read()[1:]))
		if err != nil {
			t.Fatal(err)
		}
		status, body := w.upgrade("GET", "EIO=4&transport=websocket&sid="+h.SID)
		if status != 400 || body != `{"code":3,"message":"Bad request"}` {
			t.Errorf("%d %s", status, body)
		}
		wantAlive(p)
	})
}

func TestOrigins(t *testing.T) {
	tests := []struct {
		origin string
		want   int
	}{
		{"", 101},
		{"http://chat.test", 101},
		{"http://CHAT.test", 101},
		{"http://chat.test:80", 101},
		{"null", 403},
		{"https://chat.test", 403},
		{"http://chat.test:8080", 403},
		{"http://chat.test:", 403},
		{"http://evil.test", 403},
		{"http://chat.test.evil.test", 403},
		{"http://evilchat.test", 403},
		{"http://sub.chat.test", 403},
		{"http://user@chat.test", 403},
		{"http://chat.test@evil.test", 403},
		{"http://chat.test/", 403},
		{"http://chat.test#", 403},
		{"http://chat.test?", 403},
		{"file://", 403},
		{"//chat.test", 403},
		{"chat.test", 403},
		{"http://chat.test\r\nOrigin: http://chat.test", 403},
	}
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		for _, test := range tests {
			var header []string
			if test.origin != "" {
				header = []string{"Origin: " + test.origin}
			}
			status, body := w.upgrade("GET", "EIO=4&transport=websocket", header...)
			if status != test.want {
				t.Errorf("%q: %d, want %d", test.origin, status, test.want)
			}
			if status == 403 && body != `{"code":4,"message":"Forbidden"}` {
				t.Errorf("%q: %s", test.origin, body)
			}
		}
	})
}

func TestCheckOrigin(t *testing.T) {
	allowed := func(r *http.Request) bool { return r.Header.Get("Origin") == "https://[::1]:8443" }
	inWorld(t, Config{CheckOrigin: allowed}, nil, func(t *testing.T, w *world) {
		for origin, want := range map[string]int{"https://[::1]:8443": 101, "http://chat.test": 403} {
			status, _ := w.upgrade("GET", "EIO=4&transport=websocket", "Origin: "+origin)
			if status != want {
				t.Errorf("%q: %d, want %d", origin, status, want)
			}
		}
	})
}

func TestPanicClosesOneSession(t *testing.T) {
	serve := func(ctx context.Context, s *Session) {
		for {
			m, err := s.Receive(ctx)
			if err != nil {
				return
			}
			if string(m.Data) == "boom" {
				panic("a fault")
			}
			_ = s.Send(text(string(m.Data)))
		}
	}
	inWorld(t, Config{}, serve, func(t *testing.T, w *world) {
		victim, bystander := w.dial(), w.dial()
		victim.Write("4boom")
		victim.WantClose(1011)
		wantAlive(bystander)
		w.wantEnds("") // the panic passes through the test's own serve, still open
		if !strings.Contains(w.log.String(), "a fault") {
			t.Errorf("log: %s", w.log)
		}
	})
}

func TestShutdown(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p, q := w.dial(), w.dial()
		stopped := make(chan error)
		go func() { stopped <- w.server.Shutdown(t.Context()) }()
		p.WantClose(1012)
		q.WantClose(1012)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		w.wantEnds(ServerShutdown, ServerShutdown)
		if status, _ := w.upgrade("GET", "EIO=4&transport=websocket"); status != 503 {
			t.Errorf("after the shutdown: %d", status)
		}
	})
}

// A peer that doesn't answer holds up a shutdown no longer than ctx allows.
func TestShutdownIsBounded(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		w.dial()
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
