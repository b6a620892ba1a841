package server

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/limit"
)

// A mirror has no answer but to close.
func TestMirrorLimits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), limited(func(l *Limits) { l.Session = limit.Rate{PerSecond: 1, Burst: 3} }))
		defer i.stop()
		end := func(words string) error {
			c, _, err := websocket.Dial(t.Context(), "ws://chat.test/ws", &websocket.DialOptions{HTTPClient: i.listener.Client()})
			if err != nil {
				t.Fatal(err)
			}
			for range 4 {
				if err := c.Write(t.Context(), websocket.MessageText, []byte(words)); err != nil {
					t.Fatal(err)
				}
				if _, _, err := c.Read(t.Context()); err != nil {
					return err
				}
			}
			return nil
		}
		if err := end("x"); websocket.CloseStatus(err) != websocket.StatusTryAgainLater || !strings.Contains(err.Error(), "rate limited") {
			t.Errorf("a fourth message: %v", err)
		}
		if err := end(strings.Repeat("x", event.MaxTextBytes+1)); websocket.CloseStatus(err) != websocket.StatusMessageTooBig || !strings.Contains(err.Error(), `"message too big"`) {
			t.Errorf("a long message: %v", err)
		}
	})
}

// Our own client keeps what was refused for the time being, and sends it again
// after the time that it was told, once and in order.
func TestOurClientWaits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), limited(func(l *Limits) {
			l.Session, l.Patience = limit.Rate{PerSecond: 0.2, Burst: 8}, limit.Rate{PerSecond: 1, Burst: 3}
		}))
		n := reach(i)
		g := n.inside(t, "소이")
		var want []string
		for k := range 20 {
			want = append(want, fmt.Sprint("글", k))
			if refusal := g.Post("방", want[k]); refusal != nil {
				t.Fatal(refusal)
			}
		}
		began := time.Now()
		g.shows(strings.Join(want, " "))
		if took := time.Since(began); took < 60*time.Second || took > 90*time.Second {
			t.Errorf("all were there after %v, at one in five seconds", took)
		}
		g.stop()
		i.stop()
	})
}

// Who comes back with 500 messages that wait, into ten rooms, meets no limit.
func TestManyWaitingMessagesMeetNoLimit(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		n := &network{}
		g := n.guest(t, "소이")
		for k := range 10 {
			g.Enter(roomNamed(k), "소이")
		}
		for k := range 500 {
			if refusal := g.Post(roomNamed(0), fmt.Sprint(k)); refusal != nil {
				t.Fatal(refusal)
			}
		}
		n.serve(i)
		waiting := func() int { r, _ := g.Room(roomNamed(0)); return r.Unsent }
		g.until("sent", func() bool { return waiting() == 0 })
		head, err := i.store.Head(t.Context(), roomNamed(0))
		if err != nil || head.Seq != 501 {
			t.Errorf("the log is at %v, %v", head, err)
		}
		g.stop()
		i.stop()
	})
}

func roomNamed(n int) string { return fmt.Sprintf("방%d", n) }

// What is kept for addresses and rooms is bounded, however many come.
func TestLimitsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rates := DefaultLimits
		rates.All = limit.Rate{}
		l := newLimits(rates, proxies(t, "10.0.0.0/8"))
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for n := range maxRemembered + maxRemembered/8 {
			address := fmt.Sprintf("2001:db8:%x:%x::1", n>>16, n&0xffff)
			r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{forwardedFor: {address}}}
			p, wait := l.admit(r)
			if p == nil {
				t.Fatalf("address %d waits %v", n, wait)
			}
			p.event()
			p.Leave()
			if l.request(r) != nil || l.room(address) != nil {
				t.Fatalf("address %d is refused", n)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		for name, n := range map[string]int{"events": l.events.Len(), "requests": l.requests.Len(), "opening": l.opening.Len(), "rooms": l.rooms.Len()} {
			if n != maxRemembered {
				t.Errorf("%d %s are kept", n, name)
			}
		}
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
			t.Errorf("%d bytes are kept", grown)
		} else {
			t.Logf("%d bytes for %d of each", grown, maxRemembered)
		}
		runtime.KeepAlive(l)
	})
}

// The chat has no binary events: who announces one is closed before it has sent
// it. The mirror takes them.
func TestBinaryInTheChat(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		bystander, c := i.stock(""), i.stock("")
		bystander.must("join", `{"username":"민준","room":"방"}`)
		c.Write("40/echo,")
		c.Read()
		c.Read()
		c.Write(`451-/echo,1["message",{"_placeholder":true,"num":0}]`)
		c.WriteBinary("x")
		if ack := c.Read(); !strings.HasPrefix(ack, `43/echo,1[{"code":"bad_request"`) {
			t.Errorf("the mirror says %s", ack)
		}
		c.Write(`451-1["message",{"_placeholder":true,"num":0}]`)
		c.WantClose(websocket.StatusPolicyViolation)
		bystander.must("message", `"나는 잘 있어요"`)
		bystander.bye()
	})
}
