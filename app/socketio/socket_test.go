package socketio_test

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/socketio"
)

func TestEventsComeInOrder(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		peer.Send(`42["message",{"text":"안녕"},1]`)
		peer.Send(`451-["file",{"_placeholder":true,"num":0}]`)
		peer.SendBinary([]byte{1, 2, 3})
		peer.Send(`42["last"]`)
		if e := next(t, c.main); e.Kind != socketio.Message || e.Name != "message" || join(e.Args) != `{"text":"안녕"}|1` || e.WantsAck() {
			t.Errorf("first = %+v", e)
		}
		if e := next(t, c.main); e.Name != "file" || len(e.Attachments) != 1 || string(e.Attachments[0]) != "\x01\x02\x03" {
			t.Errorf("second = %+v", e)
		}
		if e := next(t, c.main); e.Name != "last" || len(e.Args) != 0 {
			t.Errorf("third = %+v", e)
		}
		if err := c.main.Emit("message", []byte(`"hi"`), []byte(`{}`)); err != nil {
			t.Error(err)
		}
		wantFrames(t, peer, `42["message","hi",{}]`)
		c.stop()
		wantDisconnected(t, c.main, socketio.ReasonStopped)
		wantFrames(t, peer, "1", "closed")
	})
}

func TestNamespacesShareTheConnection(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		asked := 0
		echo := c.Socket("echo", func() []byte { asked++; return []byte(`{"token":"` + strconv.Itoa(asked) + `"}`) })
		if echo != c.Socket("/echo", nil) {
			t.Error("one namespace, two sockets")
		}
		wantFrames(t, peer, `40/echo,{"token":"1"}`)
		if err := echo.Emit("early"); err != socketio.ErrNotConnected {
			t.Errorf("before the reply: %v", err)
		}
		peer.Send(`40/echo,{"sid":"e"}`)
		peer.Send(`42/echo,["a"]`)
		peer.Send(`42["b"]`)
		peer.Send(`42/unknown,["c"]`)
		if e := next(t, echo); e.Kind != socketio.Connected || string(e.Data) != `{"sid":"e"}` {
			t.Errorf("event = %+v", e)
		}
		if e := next(t, echo); e.Name != "a" {
			t.Errorf("event = %+v", e)
		}
		if e := next(t, c.main); e.Name != "b" {
			t.Errorf("event = %+v", e)
		}
		if err := echo.Emit("x"); err != nil {
			t.Error(err)
		}
		wantFrames(t, peer, `42/echo,["x"]`)
		peer.Drop()
		wantDisconnected(t, echo, engineio.ReasonTransport)
		wantDisconnected(t, c.main, engineio.ReasonTransport)
		peer = c.server.Accept()
		got := map[string]bool{peer.Receive(): true, peer.Receive(): true}
		if !got["40"] || !got[`40/echo,{"token":"2"}`] {
			t.Errorf("CONNECTs = %v", got)
		}
	})
}

func TestServerDisconnectComesBack(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		peer.Send("41")
		wantDisconnected(t, c.main, socketio.ReasonServerDisconnect)
		wantState(t, c, socketio.StateConnecting)
		if err := c.main.Emit("a"); err != socketio.ErrNotConnected {
			t.Errorf("Emit: %v", err)
		}
		begin := time.Now()
		wantFrames(t, peer, "40")
		if d := time.Since(begin); d != 500*time.Millisecond {
			t.Errorf("came back after %v", d)
		}
		peer.Send("40")
		next(t, c.main)
		wantState(t, c, socketio.StateConnected)
		if n := c.server.Dials(); n != 1 {
			t.Errorf("%d connections", n)
		}
	})
}

// patient is a handshake without pings for an hour.
const patient = `0{"sid":"s","upgrades":[],"pingInterval":3600000,"pingTimeout":3600000,"maxPayload":0}`

func TestRefusalIsTriedAgain(t *testing.T) {
	for refusal, after := range map[string]time.Duration{
		`{"message":"not now"}`: 500 * time.Millisecond,
		`"text"`:                500 * time.Millisecond,
		`{"message":"","data":{"retryAfter":7000}}`:             7 * time.Second,
		`{"message":"","data":{"retryAfter":-1,"retry":"no"}}`:  500 * time.Millisecond,
		`{"message":"","data":{"retryAfter":1e99}}`:             500 * time.Millisecond,
		`{"message":"","data":{"retryAfter":9007199254740992}}`: 10 * time.Minute,
	} {
		bubble(t, socketio.Options{}, func(t *testing.T, c client) {
			peer := c.server.Next()
			peer.Send(patient)
			wantFrames(t, peer, "40")
			begin := time.Now()
			peer.Send("44" + refusal)
			if e := next(t, c.main); e.Kind != socketio.Refused || string(e.Data) != refusal {
				t.Fatalf("event = %+v", e)
			}
			wantFrames(t, peer, "40")
			if d := time.Since(begin); d != after {
				t.Errorf("%s: tried again after %v; want %v", refusal, d, after)
			}
			peer.Send("44{}")
			next(t, c.main)
			wantFrames(t, peer, "40")
			if d := time.Since(begin); d != after+time.Second {
				t.Errorf("%s: then after %v; want a second more", refusal, d)
			}
		})
	}
}

func TestFinalRefusalWaitsForWake(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.server.Next()
		peer.Send(patient)
		wantFrames(t, peer, "40")
		peer.Send(`44{"message":"banned","data":{"retry":false}}`)
		if e := next(t, c.main); e.Kind != socketio.Refused {
			t.Fatalf("event = %+v", e)
		}
		pass(time.Hour)
		begin := time.Now()
		c.Wake()
		wantFrames(t, peer, "40")
		if d := time.Since(begin); d != 0 {
			t.Errorf("asked %v after Wake", d)
		}
	})
}

func TestConnectTimeout(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.server.Accept()
		wantFrames(t, peer, "40")
		pass(10 * time.Second)
		wantFrames(t, peer, "1", "closed")
		if s := wantState(t, c, socketio.StateWaiting); s.Reason != socketio.ReasonConnectTimeout {
			t.Errorf("status = %+v", s)
		}
	})
}

// A server that says what it may not is left, and the client comes back.
func TestBrokenServer(t *testing.T) {
	for _, frame := range []string{
		`49`, `42{}`, `42[1]`, `42["connect"]`, `42["a",`, `43["no id"]`, `430{}`, `451-["a"]`, "42[\"\xff\"]",
	} {
		bubble(t, socketio.Options{}, func(t *testing.T, c client) {
			peer := c.accept(t)
			peer.Send(frame)
			peer.Send(`42["b"]`)
			wantDisconnected(t, c.main, engineio.ReasonBroken)
			c.accept(t)
		})
	}
}

// Replies that nobody asked for change nothing.
func TestUnaskedReplies(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.server.Next()
		peer.Send(patient)
		wantFrames(t, peer, "40")
		peer.Send(`42["too early"]`)
		peer.Send("41")
		peer.Send("40")
		peer.Send("40{}")
		peer.Send(`44{"message":"late"}`)
		peer.Send(`4399["nobody waits"]`)
		peer.Send(`42["in time"]`)
		if e := next(t, c.main); e.Kind != socketio.Connected {
			t.Errorf("event = %+v", e)
		}
		if e := next(t, c.main); e.Name != "in time" {
			t.Errorf("event = %+v", e)
		}
	})
}

// Who takes no events holds the reader; nothing is dropped.
func TestQueueHoldsTheReader(t *testing.T) {
	bubble(t, socketio.Options{Queue: 4}, func(t *testing.T, c client) {
		peer := c.accept(t)
		for i := range 100 {
			peer.Send(`42["e",` + strconv.Itoa(i) + `]`)
		}
		peer.Send("2")
		peer.Drop()
		wantState(t, c, socketio.StateConnected)
		for i := range 100 {
			if e := next(t, c.main); join(e.Args) != strconv.Itoa(i) {
				t.Fatalf("event %d = %+v", i, e)
			}
		}
		wantDisconnected(t, c.main, engineio.ReasonTransport)
	})
}

// The end of Run does not wait for who takes no events.
func TestStopWithFullQueue(t *testing.T) {
	bubble(t, socketio.Options{Queue: 1}, func(t *testing.T, c client) {
		peer := c.accept(t)
		for range 10 {
			peer.Send(`42["e"]`)
		}
		synctest.Wait()
		c.stop()
		wantState(t, c, socketio.StateStopped)
		wantFrames(t, peer, "1", "closed")
	})
}
