package socketio_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"maru/backend/engineio/enginetest"
	"maru/backend/socketio"
)

// joinPolling opens a session on long-polling and connects to "/".
func (w *world) joinPolling() *enginetest.Poller {
	w.t.Helper()
	p := w.listener.Poll(w.t)
	p.Write("40")
	if a := p.Get(); welcomes.FindStringSubmatch(a.Body) == nil {
		w.t.Fatalf("answer %d %q", a.Status, a.Body)
	}
	return p
}

func wantPollAlive(p *enginetest.Poller) {
	p.Write(`421["hello",1]`)
	p.Want(`431[1]`)
}

func TestPolling(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		p := w.joinPolling()
		p.Write(`451-3["x",{"_placeholder":true,"num":0}]` + "\x1ebAP8=\x1e424[\"y\",\"안녕\"]")
		p.Want(`461-3[{"_placeholder":true,"num":0}]` + "\x1ebAP8=\x1e434[\"안녕\"]")
		ws := p.Upgrade()
		ws.Write("2probe")
		ws.Want("3probe")
		ws.Write("5")
		wantAlive(ws)
		ws.Write("41")
		w.wantEnds("/ client namespace disconnect")
	})
}

func TestPollingReasons(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		p := w.joinPolling()
		p.Write("1")
		p.Want("6")
		w.wantEnds("/ transport close")
		p = w.joinPolling()
		w.socket(1).Disconnect(true)
		p.Want("41\x1e1")
		p.WantGone()
		w.wantEnds("/ transport close", "/ server namespace disconnect")
		w.joinPolling()
		advance(45 * time.Second)
		w.wantEnds("/ transport close", "/ server namespace disconnect", "/ ping timeout")
	})
}

func TestPollingConnectTimeout(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		silent, connected := w.listener.Poll(t), w.joinPolling()
		start := time.Now()
		silent.Want("1")
		if took := time.Since(start); took != socketio.DefaultConnectTimeout {
			t.Errorf("after %v", took)
		}
		silent.WantGone()
		wantPollAlive(connected)
	})
}

// What a hostile payload costs it is the same on long-polling.
func TestBrokenPayloads(t *testing.T) {
	tests := []struct{ name, payload, reason string }{
		{"deep JSON", `42["a",` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `]`, "parse error"},
		{"many arguments", `42["a"` + strings.Repeat(",1", 30_000) + `]`, "parse error"},
		{"many attachments", `459999999-["a"]`, "parse error"},
		{"text for an attachment", `451-["a",{"_placeholder":true,"num":0}]` + "\x1e42[\"a\"]", "parse error"},
		{"attachment of nothing", "bAP8=", "parse error"},
		{"long namespace", "40/" + strings.Repeat("x", 1000) + ",", "parse error"},
		{"connect twice", "40", "bad request"},
		{"good ones, then a bad one", strings.Repeat("421[\"a\"]\x1e", 100) + "49", "parse error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
				bystander, p := w.joinPolling(), w.joinPolling()
				if a := p.Post(test.payload); a.Status != 400 {
					t.Errorf("post: %d %q", a.Status, a.Body)
				}
				w.wantEnds("/ " + test.reason)
				p.WantGone()
				wantPollAlive(bystander)
			})
		})
	}
}

// Attachments that never come hold up nobody but their sender, whom the
// heartbeat still knows to be there.
func TestAttachmentsThatNeverCome(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		bystander, p := w.join(), w.joinPolling()
		p.Write(`4510-["a"]` + strings.Repeat("\x1ebAP8=", 9))
		p.Want("2")
		p.Write("3")
		bystander.Want("2")
		bystander.Write("3")
		wantAlive(bystander)
		p.Write("bAP8=\x1e421[\"a\"]") // the last one, late
		p.Want("431[]")
		p.Write(`4510-["a"]` + "\x1eb" + strings.Repeat("AAAA", 1000))
		for range 8 {
			p.Write("b" + strings.Repeat("AAAA", 2000))
		}
		if a := p.Post("b" + strings.Repeat("AAAA", 5000)); a.Status != 400 {
			t.Errorf("attachments beyond the limit: %d", a.Status)
		}
		w.wantEnds("/ parse error")
	})
}

// A half packet doesn't stay: what was announced comes in its time, however
// slowly it is begun, or the session ends.
func TestAttachmentsAreDue(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		bystander, p := w.join(), w.join()
		pong := func(peers ...*enginetest.Peer) {
			for _, peer := range peers {
				peer.Want("2")
				peer.Write("3")
			}
		}
		// In time, twice: each packet has its own.
		for range 2 {
			p.Write(`452-1["a"]`)
			advance(10 * time.Second)
			p.WriteBinary("x")
			p.WriteBinary("x")
			p.Want("462-1[]")
			p.Want("x")
			p.Want("x")
		}
		p.Write(`4510-["a"]`)
		start := time.Now()
		advance(5 * time.Second)
		pong(p, bystander)
		for range 9 {
			p.WriteBinary("x")
			advance(2 * time.Second)
		}
		advance(socketio.DefaultAttachmentTimeout - time.Since(start) - time.Second)
		w.wantEnds()
		advance(time.Second)
		p.WantClose(websocket.StatusInvalidFramePayloadData)
		if took := time.Since(start); took != socketio.DefaultAttachmentTimeout {
			t.Errorf("closed after %v", took)
		}
		w.wantEnds("/ parse error")
		pong(bystander)
		wantAlive(bystander)
	})
}

// Where nobody takes attachments, announcing them is the end, and nothing of
// them is kept. Another namespace of the same session may have them.
func TestTextOnly(t *testing.T) {
	for name, packet := range map[string]string{
		"event": `451-["a",{"_placeholder":true,"num":0}]`, "event with an id": `4510-7["a"]`, "ack": `461-7[{"_placeholder":true,"num":0}]`,
		"event of none": `450-["a"]`, "ack of none": `460-7[]`, "nowhere": `451-/nowhere,["a"]`,
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, socketio.Options{}, func(w *world) { w.main.TextOnly() }, func(t *testing.T, w *world) {
				bystander, p := w.join(), w.join()
				connect(t, p, "/echo")
				p.Write(`451-/echo,7["a",{"_placeholder":true,"num":0}]`)
				p.WriteBinary("x")
				p.Want(`461-/echo,7[{"_placeholder":true,"num":0}]`)
				p.Want("x")
				p.Write(packet)
				p.WantClose(websocket.StatusPolicyViolation)
				w.wantEnds("/ bad request", "/echo bad request")
				wantAlive(bystander)
			})
		})
	}
}

func TestThousandsOfNamespaces(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		bystander, p := w.join(), w.joinPolling()
		for batch := range 10 {
			var asked, refused []string
			for n := range 500 {
				asked = append(asked, fmt.Sprintf("40/%d-%d,", batch, n))
				refused = append(refused, fmt.Sprintf(`44/%d-%d,{"message":"Invalid namespace"}`, batch, n))
			}
			p.Write(strings.Join(asked, "\x1e"))
			p.Want(strings.Join(refused, "\x1e"))
		}
		wantPollAlive(p)
		wantAlive(bystander)
	})
}

func TestThousandsOfAcks(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		bystander, p := w.join(), w.joinPolling()
		for batch := range 10 {
			var acks []string
			for n := range 2000 {
				acks = append(acks, fmt.Sprintf(`43%d["nobody asked"]`, 2000*batch+n))
			}
			p.Write(strings.Join(acks, "\x1e"))
		}
		if a := p.Post(`439007199254740993[]`); a.Status != 400 { // no JavaScript number
			t.Errorf("ack id: %d", a.Status)
		}
		w.wantEnds("/ parse error")
		wantAlive(bystander)
	})
}

func TestVolatile(t *testing.T) {
	inWorld(t, socketio.Options{}, nil, func(t *testing.T, w *world) {
		packet := socketio.EncodeEvent("/", "typing")
		send := func(s *socketio.Socket, want bool) {
			t.Helper()
			if sent, err := s.SendVolatile(packet); sent != want || err != nil {
				t.Errorf("sent %v, %v, want %v", sent, err, want)
			}
		}
		p := w.join()
		synctest.Wait()
		send(w.socket(0), true)
		p.Want(`42["typing"]`)
		polling := w.joinPolling()
		send(w.socket(1), false) // no poll is open
		held := polling.Hold(t.Context())
		synctest.Wait()
		send(w.socket(1), true)
		if a := <-held; a.Body != `42["typing"]` {
			t.Errorf("poll: %q", a.Body)
		}
		if _, err := w.socket(0).SendVolatile(socketio.EncodeEvent("/echo", "typing")); err != socketio.ErrNamespace {
			t.Errorf("another namespace: %v", err)
		}
		w.socket(0).Disconnect(false)
		if _, err := w.socket(0).SendVolatile(packet); err != socketio.ErrDisconnected {
			t.Errorf("after the end: %v", err)
		}
	})
}
