package engineio_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
)

const patience = 45 * time.Second // of enginetest.Open

// dial opens a session with a scripted server.
func dial(t *testing.T, o engineio.Options) (*engineio.Session, *enginetest.Peer) {
	t.Helper()
	server := enginetest.New()
	o.Dial = server.Dial
	accepted := make(chan *enginetest.Peer, 1)
	go func() { accepted <- server.Accept() }()
	s, err := engineio.Dial(t.Context(), "ws://host/socket.io/", o)
	if err != nil {
		t.Fatal(err)
	}
	return s, <-accepted
}

func TestHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{})
		if want := "ws://host/socket.io/?EIO=4&transport=websocket"; peer.URL != want {
			t.Errorf("URL = %s; want %s", peer.URL, want)
		}
		h := s.Handshake()
		if h.SID != "lv_VI97HAXpY6yYWAAAC" || h.PingInterval != 25*time.Second || h.PingTimeout != 20*time.Second {
			t.Errorf("handshake = %+v", h)
		}
		s.Close("done")
		wantFrames(t, peer, "1", "closed")
	})
}

func TestDialRefuses(t *testing.T) {
	if _, err := engineio.Dial(t.Context(), "http://host/", engineio.Options{}); err != engineio.ErrURL {
		t.Errorf("http: %v", err)
	}
	for name, first := range map[string]string{
		"message":          `4hello`,
		"broken handshake": `0{"sid":""}`,
		"no packet":        `9`,
		"over-long":        "0" + strings.Repeat(" ", 65),
	} {
		synctest.Test(t, func(t *testing.T) {
			server := enginetest.New()
			go func() { server.Next().Send(first) }()
			_, err := engineio.Dial(t.Context(), "wss://host/?a=b", engineio.Options{Dial: server.Dial, ReadLimit: 64})
			wantReason(t, err, engineio.ReasonBroken)
			if t.Failed() {
				t.Log(name)
			}
		})
	}
}

func TestDialTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, start := enginetest.New(), time.Now()
		_, err := engineio.Dial(t.Context(), "ws://host/?a=b", engineio.Options{Dial: server.Dial, DialTimeout: 3 * time.Second})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		peer := server.Next()
		wantFrames(t, peer, "1", "closed")
		if !strings.HasPrefix(peer.URL, "ws://host/?a=b&EIO=4") {
			t.Errorf("URL = %s", peer.URL)
		}
	})
}

func TestPingIsAnsweredAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{})
		for range 10 {
			time.Sleep(patience - 1)
			start := time.Now()
			peer.Send("2")
			wantFrames(t, peer, "3")
			if d := time.Since(start); d != 0 {
				t.Errorf("pong after %v", d)
			}
		}
		s.Close("done")
		wantFrames(t, peer, "1", "closed")
	})
}

func TestSilenceEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{})
		time.Sleep(20 * time.Second)
		peer.Send("2")
		peer.Send("4data that is no ping")
		if _, err := s.Receive(t.Context()); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		_, err := s.Receive(t.Context())
		wantReason(t, err, engineio.ReasonPingTimeout)
		if d := time.Since(start); d != patience {
			t.Errorf("after %v; want %v", d, patience)
		}
		wantFrames(t, peer, "3", "1", "closed")
	})
}

// A consumer that takes nothing holds the reader, not the memory.
func TestReceiveHoldsTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{})
		for i := range 100 {
			peer.Send("4" + strconv.Itoa(i))
		}
		peer.Send("2")
		synctest.Wait()
		for i := range 100 {
			m, err := s.Receive(t.Context())
			if err != nil || string(m.Data) != strconv.Itoa(i) || m.Binary {
				t.Fatalf("message %d = %s, %v", i, m.Data, err)
			}
		}
		wantFrames(t, peer, "3")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Receive(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nothing there: %v", err)
		}
		peer.SendBinary([]byte{1, 2})
		if m, err := s.Receive(t.Context()); err != nil || !m.Binary || string(m.Data) != "\x01\x02" {
			t.Errorf("after the wait: %v, %v", m, err)
		}
		s.Close("done")
	})
}

func TestCheckAfterSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{})
		time.Sleep(patience - 1)
		if !s.Check() {
			t.Error("closed before its time")
		}
		peer.Send("2")
		wantFrames(t, peer, "3")
		if !s.Check() {
			t.Error("closed after a ping")
		}
		s.Close("done")
		if s.Check() {
			t.Error("open after Close")
		}
		_, err := s.Receive(t.Context())
		wantReason(t, err, "done")
	})
}

func TestCheckNoticesASleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{})
		s.Oversleep(patience - 1)
		if !s.Check() {
			t.Error("closed before its time")
		}
		s.Oversleep(1)
		if s.Check() {
			t.Error("open after its time")
		}
		_, err := s.Receive(t.Context())
		wantReason(t, err, engineio.ReasonPingTimeout)
		wantFrames(t, peer, "1", "closed")
	})
}

func TestSessionEnds(t *testing.T) {
	for _, tt := range []struct {
		do   func(*enginetest.Peer)
		want string
	}{
		{func(p *enginetest.Peer) { p.Drop() }, engineio.ReasonTransport},
		{func(p *enginetest.Peer) { p.Send("1") }, engineio.ReasonServer},
		{func(p *enginetest.Peer) { p.Send("") }, engineio.ReasonBroken},
		{func(p *enginetest.Peer) { p.Send("bAQ") }, engineio.ReasonBroken},
		{func(p *enginetest.Peer) { p.SendBinary(make([]byte, 1<<20+1)) }, engineio.ReasonBroken},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, peer := dial(t, engineio.Options{})
			peer.Send("6")
			tt.do(peer)
			_, err := s.Receive(t.Context())
			wantReason(t, err, tt.want)
			wantReason(t, s.Send(engineio.Message{}), tt.want)
			s.Close("later")
			_, err = s.Receive(t.Context())
			wantReason(t, err, tt.want)
		})
	}
}

func wantReason(t *testing.T, err error, want string) {
	t.Helper()
	var closed *engineio.CloseError
	if !errors.As(err, &closed) || closed.Reason != want {
		t.Errorf("err = %v; want %q", err, want)
	}
}

func wantFrames(t *testing.T, peer *enginetest.Peer, want ...string) {
	t.Helper()
	for i, w := range want {
		if got := peer.Receive(); got != w {
			t.Fatalf("frame %d = %q; want %q", i, got, w)
		}
	}
}
