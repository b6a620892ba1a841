//go:build !js

package engineio_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
)

// overHTTP serves a scripted polling server over real HTTP, where no WebSocket
// gets through.
func overHTTP(t *testing.T, scripted *enginetest.Server) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("X-Test") != "yes" {
			t.Errorf("%s %s with %v, %v", r.Method, r.URL, r.Header, err)
		}
		if r.URL.Query().Get("transport") == "websocket" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		if typ := r.Header.Get("Content-Type"); (typ == "text/plain;charset=UTF-8") != (r.Method == "POST") {
			t.Errorf("%s with Content-Type %q", r.Method, typ)
		}
		status, answer, err := scripted.HTTP(r.Context(), r.Method, r.URL.String(), body)
		if err != nil {
			return // the client has gone
		}
		w.WriteHeader(status)
		if _, err := w.Write(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestRealPolling(t *testing.T) {
	scripted := enginetest.New()
	server := overHTTP(t, scripted)
	accepted := make(chan *enginetest.Peer, 1)
	go func() { accepted <- scripted.AcceptPollWith("s", enginetest.Open) }()
	url := "ws" + strings.TrimPrefix(server.URL, "http") + "/socket.io/"
	s, err := engineio.Dial(t.Context(), url, engineio.Options{ReadLimit: 1000, Header: http.Header{"X-Test": {"yes"}}})
	if err != nil {
		t.Fatal(err)
	}
	peer := <-accepted
	if s.Transport() != "polling" {
		t.Error(s.Transport())
	}
	send(t, s, "안녕")
	wantFrames(t, peer, "4안녕")
	peer.Send("4하이")
	peer.SendBinary([]byte{0, 255})
	wantMessages(t, s, "하이", "binary:\x00\xff")
	peer.Send("4" + strings.Repeat("a", 1000))
	_, err = s.Receive(t.Context())
	wantReason(t, err, engineio.ReasonBroken)
	wantFrames(t, peer, "1", "closed")
}

// What is no answer of Engine.IO opens no session.
func TestPollingRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"redirect":    {redirect, engineio.ReasonTransport},
		"forbidden":   {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"code":4}`, http.StatusForbidden) }, engineio.ReasonForbidden},
		"old server":  {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, `{"code":5}`, 400) }, engineio.ReasonForbidden},
		"a page":      {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, engineio.ReasonBroken},
		"without end": {endless, engineio.ReasonBroken},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			_, err := engineio.Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), engineio.Options{})
			wantReason(t, err, tt.want)
		})
	}
}

// redirect leads to what would open a session.
func redirect(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Upgrade") != "":
		http.Error(w, "no", http.StatusBadRequest)
	case r.URL.Path == "/elsewhere":
		_, _ = w.Write([]byte(enginetest.Open))
	default:
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}
}

func endless(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "" {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	for {
		if _, err := w.Write(make([]byte, 1<<16)); err != nil {
			return
		}
	}
}

// Natively the close code tells why the server has ended the session.
func TestCloseCodes(t *testing.T) {
	for code, want := range map[websocket.StatusCode]string{
		websocket.StatusNormalClosure:           engineio.ReasonTransport,
		websocket.StatusGoingAway:               engineio.ReasonShutdown,
		websocket.StatusServiceRestart:          engineio.ReasonShutdown,
		websocket.StatusTryAgainLater:           engineio.ReasonSlow,
		websocket.StatusInternalError:           engineio.ReasonFault,
		websocket.StatusProtocolError:           engineio.ReasonBadRequest,
		websocket.StatusInvalidFramePayloadData: engineio.ReasonBadRequest,
		websocket.StatusPolicyViolation:         engineio.ReasonBadRequest,
		websocket.StatusMessageTooBig:           engineio.ReasonTooBig,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if err := c.Write(context.Background(), websocket.MessageText, []byte(enginetest.Open)); err != nil {
				t.Error(err)
			}
			_ = c.Close(code, "") // the client's end may be gone first
		}))
		s, err := engineio.Dial(t.Context(), "ws"+strings.TrimPrefix(server.URL, "http"), engineio.Options{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Receive(t.Context())
		wantReason(t, err, want)
		server.Close()
	}
}
