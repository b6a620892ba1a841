//go:build !js

package engineio_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The same over a real WebSocket, with the library's own dialling and closing.
func TestRealWebSocket(t *testing.T) {
	closed := make(chan websocket.StatusCode, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Test") != "yes" || r.URL.RawQuery != "EIO=4&transport=websocket" {
			t.Errorf("handshake %s with %v", r.URL, r.Header)
		}
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		c.SetReadLimit(1 << 20)
		ctx := context.Background()
		if err := c.Write(ctx, websocket.MessageText, []byte(enginetest.Open)); err != nil {
			t.Error(err)
		}
		for {
			typ, data, err := c.Read(ctx)
			if err != nil {
				closed <- websocket.CloseStatus(err)
				return
			}
			if err := c.Write(ctx, typ, data); err != nil && string(data) != "1" {
				t.Error(err)
			}
		}
	}))
	defer server.Close()
	url := "ws" + strings.TrimPrefix(server.URL, "http") + "/socket.io/"
	s, err := engineio.Dial(t.Context(), url, engineio.Options{Header: http.Header{"X-Test": {"yes"}}})
	if err != nil {
		t.Fatal(err)
	}
	big := engineio.Message{Data: []byte(strings.Repeat("가", 100_000))}
	if err := s.Send(big, engineio.Message{Binary: true, Data: []byte{0, 255}}); err != nil {
		t.Fatal(err)
	}
	if m, err := s.Receive(t.Context()); err != nil || m.Binary || string(m.Data) != string(big.Data) {
		t.Errorf("text of %d bytes, %v", len(m.Data), err)
	}
	if m, err := s.Receive(t.Context()); err != nil || !m.Binary || string(m.Data) != "\x00\xff" {
		t.Errorf("binary %v, %v", m, err)
	}
	s.Close("done")
	_, err = s.Receive(t.Context())
	wantReason(t, err, "done")
	if code := <-closed; code != websocket.StatusNormalClosure {
		t.Errorf("close code %d", code)
	}
}

func TestDialFails(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	s, err := engineio.Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), engineio.Options{})
	if err == nil {
		s.Close("")
		t.Error("dialled what is no WebSocket")
	}
}
