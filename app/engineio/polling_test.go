package engineio_test

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
)

// dialPolling opens a session by long-polling that is not upgraded.
func dialPolling(t *testing.T, o engineio.Options) (*engineio.Session, *enginetest.Peer) {
	t.Helper()
	return dialPollingWith(t, enginetest.New(), o, enginetest.Open)
}

// dialPollingWith answers the handshake with open.
func dialPollingWith(t *testing.T, server *enginetest.Server, o engineio.Options, open string) (*engineio.Session, *enginetest.Peer) {
	t.Helper()
	o.Dial, o.HTTP, o.Prefer = server.Dial, server.HTTP, engineio.PollingFirst
	accepted := make(chan *enginetest.Peer, 1)
	go func() { accepted <- server.AcceptPollWith("s+1", open) }()
	s, err := engineio.Dial(t.Context(), "ws://host/socket.io/", o)
	if err != nil {
		t.Fatal(err)
	}
	return s, <-accepted
}

func wantMessages(t *testing.T, s *engineio.Session, want ...string) {
	t.Helper()
	for _, w := range want {
		m, err := s.Receive(t.Context())
		got := string(m.Data)
		if m.Binary {
			got = "binary:" + got
		}
		if err != nil || got != w {
			t.Fatalf("message %q, %v; want %q", got, err, w)
		}
	}
}

func TestPollingSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dialPolling(t, engineio.Options{})
		u, err := url.Parse(peer.URL)
		if err != nil || u.Scheme != "http" || u.Query().Get("EIO") != "4" || u.Query().Get("transport") != "polling" || u.Query().Get("t") == "" {
			t.Errorf("URL = %s, %v", peer.URL, err)
		}
		if s.Transport() != "polling" || s.Handshake().SID != "s+1" {
			t.Errorf("%s, %+v", s.Transport(), s.Handshake())
		}
		peer.Send("4one")
		peer.Send("42\u2028둘")
		peer.SendBinary([]byte{0, 255})
		wantMessages(t, s, "one", "2\u2028둘", "binary:\x00\xff")
		if err := s.Send(text("a"), engineio.Message{Binary: true, Data: []byte{1, 30}}, text("나")); err != nil {
			t.Error(err)
		}
		wantFrames(t, peer, "4a", "binary:\x01\x1e", "4나")
		if posts := peer.Posts(); len(posts) != 1 || posts[0] != "4a\x1ebAR4=\x1e4나" {
			t.Errorf("POSTs = %q; what is due together leaves together", posts)
		}
		s.Close("done")
		wantFrames(t, peer, "1", "closed")
		synctest.Wait()
		if peer.Polled() || peer.Overlapped() {
			t.Errorf("a GET is open: %t; overlapped: %t", peer.Polled(), peer.Overlapped())
		}
	})
}

func TestPollingHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dialPolling(t, engineio.Options{})
		for range 3 {
			time.Sleep(patience - 1)
			peer.Send("2")
			wantFrames(t, peer, "3")
		}
		begin := time.Now()
		_, err := s.Receive(t.Context())
		wantReason(t, err, engineio.ReasonPingTimeout)
		if d := time.Since(begin); d != patience {
			t.Errorf("silence noticed after %v", d)
		}
		wantFrames(t, peer, "1", "closed")
	})
}

// One POST is under way at a time; what is sent meanwhile leaves after it, in
// payloads that the server takes.
func TestPostsKeepTheOrderAndTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dialPollingWith(t, enginetest.New(), engineio.Options{},
			strings.Replace(enginetest.Open, "1000000", "30", 1))
		release := peer.Hold()
		if err := s.Send(text("first")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for i := range 100 {
			if err := s.Send(text("message " + strconv.Itoa(i))); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if n := len(peer.Posts()); n != 1 {
			t.Errorf("%d POSTs while one is open", n)
		}
		release()
		wantFrames(t, peer, "4first")
		for i := range 100 {
			wantFrames(t, peer, "4message "+strconv.Itoa(i))
		}
		posts := peer.Posts()
		for _, p := range posts {
			if len(p) > 30 {
				t.Errorf("a POST of %d bytes", len(p))
			}
		}
		if len(posts) != 51 || peer.Overlapped() {
			t.Errorf("%d POSTs; two messages fit into one", len(posts))
		}
		for _, m := range []engineio.Message{{Data: make([]byte, 30)}, {Binary: true, Data: make([]byte, 22)}} {
			if err := s.Send(m); err != engineio.ErrTooBig {
				t.Errorf("%d bytes, binary %t: %v", len(m.Data), m.Binary, err)
			}
		}
		if err := s.Send(engineio.Message{Data: make([]byte, 29)}, engineio.Message{Binary: true, Data: make([]byte, 21)}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		s.Close("done")
	})
}

func TestPollingEnds(t *testing.T) {
	refused := errors.New("refused")
	for name, tt := range map[string]struct {
		method string
		answer enginetest.Answer
		want   string
	}{
		"GET fails":           {"GET", enginetest.Answer{Err: refused}, engineio.ReasonTransport},
		"POST fails":          {"POST", enginetest.Answer{Err: refused}, engineio.ReasonTransport},
		"session unknown":     {"GET", enginetest.Answer{Status: 400, Body: `{"code":1,"message":"Session ID unknown"}`}, engineio.ReasonUnknown},
		"POST to unknown":     {"POST", enginetest.Answer{Status: 400, Body: `{"code":1,"message":"Session ID unknown"}`}, engineio.ReasonUnknown},
		"bad request":         {"GET", enginetest.Answer{Status: 400, Body: `{"code":3,"message":"Bad request"}`}, engineio.ReasonTransport},
		"another key":         {"GET", enginetest.Answer{Status: 400, Body: `{"Code":1}`}, engineio.ReasonTransport},
		"forbidden":           {"GET", enginetest.Answer{Status: 403, Body: `{"code":4,"message":"Forbidden"}`}, engineio.ReasonForbidden},
		"forbidden by proxy":  {"GET", enginetest.Answer{Status: 403, Body: `<html>`}, engineio.ReasonTransport},
		"too big":             {"POST", enginetest.Answer{Status: 413}, engineio.ReasonTooBig},
		"gateway":             {"GET", enginetest.Answer{Status: 502, Body: `<html>`}, engineio.ReasonTransport},
		"a page":              {"GET", enginetest.Answer{Status: 200, Body: `<html>`}, engineio.ReasonBroken},
		"empty":               {"GET", enginetest.Answer{Status: 200}, engineio.ReasonBroken},
		"empty packet":        {"GET", enginetest.Answer{Status: 200, Body: "6\x1e"}, engineio.ReasonBroken},
		"broken base64":       {"GET", enginetest.Answer{Status: 200, Body: "b!"}, engineio.ReasonBroken},
		"over-long":           {"GET", enginetest.Answer{Status: 200, Body: "4" + strings.Repeat("a", 200)}, engineio.ReasonBroken},
		"over-long refusal":   {"GET", enginetest.Answer{Status: 500, Body: strings.Repeat("a", 201)}, engineio.ReasonBroken},
		"Close packet":        {"GET", enginetest.Answer{Status: 200, Body: "1"}, engineio.ReasonServer},
		"as long as is taken": {"GET", enginetest.Answer{Status: 200, Body: strings.Repeat("6\x1e", 99) + "1"}, engineio.ReasonServer},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, peer := dialPolling(t, engineio.Options{ReadLimit: 200})
			synctest.Wait()
			peer.AnswerNext(tt.method, tt.answer)
			peer.Send("2") // ends the GET that waits, and asks for a POST
			_, err := s.Receive(t.Context())
			wantReason(t, err, tt.want)
			synctest.Wait()
			if peer.Polled() {
				t.Error("a GET is still open")
			}
			if t.Failed() {
				t.Fatal(name)
			}
		})
	}
}

// Once the farewell is under way the server is asked nothing more.
func TestNoGetAfterTheFarewell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := enginetest.New()
		s, peer := dialPollingWith(t, server, engineio.Options{}, enginetest.Open)
		synctest.Wait()
		requests := server.Requests()
		release := peer.Hold()
		s.Close("done")
		synctest.Wait()
		peer.Send("6") // ends the GET that waits
		synctest.Wait()
		release()
		wantFrames(t, peer, "1", "closed")
		if n := server.Requests() - requests; n != 1 {
			t.Errorf("%d requests; the Close packet is one", n)
		}
	})
}

// A POST that the server swallows does not hold the session up for ever.
func TestSwallowedPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dialPolling(t, engineio.Options{})
		peer.Hold()
		if err := s.Send(text("a")); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		_, err := s.Receive(t.Context())
		wantReason(t, err, engineio.ReasonTransport)
		if d := time.Since(begin); d != 20*time.Second {
			t.Errorf("gave up after %v", d)
		}
	})
}
