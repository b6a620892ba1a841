package server

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/limit"
)

// limited is DefaultLimits with a change.
func limited(change func(*Limits)) Config {
	l := DefaultLimits
	change(&l)
	return Config{Lang: text.Ko, Limits: &l}
}

// A session over its limit is told so and when to come back, in its language;
// once it has waited it goes on as before. A bystander notices nothing.
func TestSessionOverItsLimit(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), limited(func(l *Limits) { l.Session = limit.Rate{PerSecond: 2, Burst: 5} }))
		defer i.stop()
		bystander, c := i.stock(""), i.stock(`{"lang":"en"}`)
		bystander.must("join", `{"username":"민준","room":"방"}`)
		c.must("join", `{"username":"소이","room":"방"}`)
		for n := range 3 {
			c.must("message", fmt.Sprintf(`"글 %d"`, n))
		}
		ack, _ := c.ask("message", `"하나 더"`)
		want := `[{"code":"rate_limited","message":` + fmt.Sprintf("%q", text.Refusal(text.En, event.RateLimited)) + `,"retryAfter":500}]`
		if ack != want {
			t.Errorf("ack %s, want %s", ack, want)
		}
		for _, other := range []string{"history", "leave", "join", "unheard of"} {
			if ack, _ := c.ask(other, `{"room":"방","username":"소이"}`); !strings.HasPrefix(ack, `[{"code":"rate_limited"`) {
				t.Errorf("%s: ack %s", other, ack)
			}
		}
		bystander.must("message", `"나는 잘 있어요"`)
		time.Sleep(500 * time.Millisecond)
		c.must("message", `"하나 더"`)
		c.bye()
		bystander.bye()
	})
}

// A flood of 40,000 messages in 20 requests: some hundred are taken, some
// hundred are told that it is too much, and then the session is closed with a
// reason. Who sits beside it goes on talking.
func TestFloodIsToldAndClosed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		bystander := i.stock("")
		bystander.must("join", `{"username":"민준","room":"다른 방"}`)
		p := i.listener.Poll(t)
		p.Write("40")
		p.Get()
		p.Write(`421["join",{"username":"소이","room":"방"}]`)
		heard := make(chan string, 1)
		go func() {
			all := ""
			for {
				a := p.Get()
				if all += a.Body; a.Status != http.StatusOK || strings.HasSuffix(a.Body, "1") {
					heard <- all
					return
				}
			}
		}()
		sent := 0
		for batch := range 20 {
			frames := make([]string, 2000)
			for n := range frames {
				frames[n] = fmt.Sprintf(`42%d["message","x"]`, batch*2000+n+10)
			}
			if a := p.Post(strings.Join(frames, "\x1e")); a.Status != http.StatusOK {
				break
			}
			sent += len(frames)
		}
		if sent > 2000 {
			t.Errorf("%d messages were let through before the session was closed", sent)
		}
		all := <-heard
		taken, refused := strings.Count(all, `[null,{"id"`), strings.Count(all, `[{"code":"rate_limited"`)
		if burst := DefaultLimits.Session.Burst; taken != burst-2 { // a CONNECT and a join before them
			t.Errorf("%d messages were taken, want %d", taken, burst-2)
		}
		if most := DefaultLimits.Patience.Burst + 1; refused == 0 || refused > most {
			t.Errorf("%d were refused in words, want %d at most", refused, most)
		}
		p.WantGone()
		if head, err := i.store.Head(t.Context(), "방"); err != nil || head.Seq > int64(taken)+2 {
			t.Errorf("%v lines are stored, %v", head, err)
		}
		bystander.must("message", `"나는 잘 있어요"`)
		bystander.bye()
	})
}

// Over WebSocket the reason stands in the close frame.
func TestFloodOverWebSocket(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), limited(func(l *Limits) {
			l.Session, l.Patience = limit.Rate{PerSecond: 1, Burst: 5}, limit.Rate{PerSecond: 1, Burst: 10}
		}))
		defer i.stop()
		c := i.stock("")
		go func() {
			for n := range 100 {
				if c.Conn.Write(context.Background(), websocket.MessageText, fmt.Appendf(nil, `42%d["message","x"]`, n)) != nil {
					return
				}
			}
		}()
		refused := 0
		for {
			_, frame, err := c.Conn.Read(t.Context())
			if err != nil {
				if websocket.CloseStatus(err) != websocket.StatusTryAgainLater || !strings.Contains(err.Error(), "rate limited") {
					t.Errorf("closed by %v", err)
				}
				break
			}
			if strings.Contains(string(frame), "rate_limited") {
				refused++
			}
		}
		if refused == 0 || refused > 11 {
			t.Errorf("%d refusals before the end", refused)
		}
	})
}

// Whatever else a session sends is counted, too: pongs, acks, namespaces.
func TestFloodOfOtherPackets(t *testing.T) {
	for name, packet := range map[string]string{
		"pongs": "3", "noops": "6", "acks": `439["x"]`, "namespaces": "40/nobody,", "no acks asked for": `42["message","x"]`,
		"connects": "41\x1e40", "echo": `42/echo,["message","x"]`,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				i := start(t, database(t), text.Ko)
				defer i.stop()
				bystander := i.stock("")
				bystander.must("join", `{"username":"민준","room":"방"}`)
				p := i.listener.Poll(t)
				p.Write("40\x1e40/echo,")
				for range 5 {
					if p.Post(packet+strings.Repeat("\x1e"+packet, 499)).Status != http.StatusOK {
						break
					}
				}
				synctest.Wait()
				for range 5 { // what waits for it, and the farewell
					if a := p.Get(); a.Status != http.StatusOK || strings.HasSuffix(a.Body, "1") {
						break
					}
				}
				p.WantGone()
				bystander.must("message", `"나는 잘 있어요"`)
				bystander.bye()
			})
		})
	}
}

// Many who are each within their limits can't flood a room; other rooms go on.
func TestRoomOverItsLimit(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), limited(func(l *Limits) { l.Room = limit.Rate{PerSecond: 1, Burst: 30} }))
		defer i.stop()
		taken, refused := 0, 0
		many := make([]*stock, 10)
		for n := range many {
			many[n] = i.stock("")
			many[n].must("join", fmt.Sprintf(`{"username":"사람%d","room":"방"}`, n))
		}
		for n := range 100 {
			switch ack, _ := many[n%10].ask("message", `"x"`); {
			case strings.HasPrefix(ack, "[null"):
				taken++
			case strings.HasPrefix(ack, `[{"code":"rate_limited"`):
				refused++
			}
		}
		if taken != 20 || refused != 80 { // ten joins count as well
			t.Errorf("%d taken, %d refused", taken, refused)
		}
		late := i.stock("")
		if ack, _ := late.ask("join", `{"username":"늦은이","room":"방"}`); !strings.HasPrefix(ack, `[{"code":"rate_limited"`) {
			t.Errorf("a join: %s", ack)
		}
		if code, problem, _ := i.script().do("POST", "/api/rooms/방/messages", `{"username":"봇","text":"x"}`); code != 429 || problem["code"] != "rate_limited" {
			t.Errorf("by HTTP: %d %v", code, problem)
		}
		late.must("join", `{"username":"늦은이","room":"다른 방"}`)
		late.must("message", `"여기는 조용해요"`)
		many[0].must("history", `{"room":"방"}`) // reading goes on
		for _, c := range append(many, late) {
			c.bye()
		}
	})
}

// dialAs opens a session of somebody at an address, through a proxy.
func (i *instance) dialAs(address string) (*websocket.Conn, *http.Response, error) {
	return websocket.Dial(context.Background(), "ws://chat.test/socket.io/?EIO=4&transport=websocket", &websocket.DialOptions{
		HTTPClient: i.listener.Client(), HTTPHeader: http.Header{forwardedFor: {address}}})
}

// atProxy gives every request of the network in memory, which has no addresses,
// that of a proxy.
func atProxy(i *instance) {
	inner := i.http.Handler
	i.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = "10.0.0.1:1"
		inner.ServeHTTP(w, r)
	})
}

var proxied = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}

// An address can open so many sessions at once, and so many in all; others are
// not kept out by it. What has ended makes room again.
func TestSessionsOfAnAddress(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := limited(func(l *Limits) { l.Open, l.Opening = 3, limit.Rate{PerSecond: 1, Burst: 5} })
		c.Proxies = proxied
		i := startWith(t, database(t), c)
		defer i.stop()
		atProxy(i)
		open := func(address, retry string) *websocket.Conn {
			t.Helper()
			ws, res, err := i.dialAs(address)
			if retry == "" && err != nil {
				t.Fatalf("%s: %v", address, err)
			}
			if retry != "" && (err == nil || res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != retry) {
				t.Fatalf("%s is let in, or not told when to come back: %v", address, err)
			}
			return ws
		}
		const house = "2001:db8:1:2::"
		first := open(house+"1", "")
		open(house+"2", "")
		open("8.8.8.8, "+house+"3", "") // one may not choose one's address
		open(house+"4", "5")            // three are there
		open("198.51.100.1", "")
		open("2001:db8:1:3::1", "")
		_ = first.CloseNow()
		synctest.Wait()
		open(house+"5", "") // makes five in one second
		time.Sleep(time.Hour)
		synctest.Wait()
		for range 3 {
			open(house+"6", "")
		}
		_ = i.server.io.Shutdown(t.Context())
	})
}

// All addresses together are bounded, too.
func TestSessionsOfEverybody(t *testing.T) {
	rates := DefaultLimits
	rates.OpenAll = 3
	l := newLimits(rates, proxies(t, ""))
	var last *pass
	for n := range 4 {
		p, wait := l.admit(&http.Request{RemoteAddr: fmt.Sprintf("198.51.100.%d:1", n)})
		if (p == nil) != (n == 3) || (wait == waitToLeave) != (n == 3) {
			t.Errorf("number %d: let in %v, to wait %v", n, p != nil, wait)
		}
		if p != nil {
			last = p
		}
	}
	last.Leave()
	if p, _ := l.admit(&http.Request{RemoteAddr: "198.51.100.9:1"}); p == nil {
		t.Error("nobody is let in after one has left")
	}
}

// Opening and closing is counted as well.
func TestPaceOfAnAddress(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		c := limited(func(l *Limits) { l.Opening = limit.Rate{PerSecond: 0.5, Burst: 5} })
		c.Proxies = proxied
		i := startWith(t, database(t), c)
		defer i.stop()
		atProxy(i)
		let := func(path, address string) int {
			n := 0
			for range 10 {
				ws, res, err := websocket.Dial(t.Context(), "ws://chat.test"+path, &websocket.DialOptions{
					HTTPClient: i.listener.Client(), HTTPHeader: http.Header{forwardedFor: {address}}})
				if err == nil {
					_ = ws.CloseNow()
					n++
				} else if res == nil || res.StatusCode != http.StatusTooManyRequests || res.Header.Get("Retry-After") != "2" {
					t.Fatalf("%s of %s: %v", path, address, err)
				}
				synctest.Wait()
			}
			return n
		}
		if n := let("/socket.io/?EIO=4&transport=websocket", "198.51.100.1"); n != 5 {
			t.Errorf("%d of ten sessions were let in", n)
		}
		if n := let("/ws", "198.51.100.1"); n != 0 {
			t.Errorf("%d mirrors were let in after them", n)
		}
		if n := let("/ws", "198.51.100.2"); n != 5 {
			t.Errorf("%d of ten mirrors were let in", n)
		}
	})
}

// All sessions of an address share a limit, of whatever rooms they speak in.
func TestEventsOfAnAddress(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), limited(func(l *Limits) { l.Address = limit.Rate{PerSecond: 1, Burst: 20} }))
		defer i.stop()
		var all []*stock
		refused := 0
		for n := range 10 {
			c := i.stock("")
			c.must("join", fmt.Sprintf(`{"username":"사람","room":"방%d"}`, n))
			all = append(all, c)
		}
		for _, c := range all {
			if ack, _ := c.ask("message", `"x"`); strings.HasPrefix(ack, `[{"code":"rate_limited"`) {
				refused++
			}
		}
		if refused != 10 { // ten CONNECTs and ten joins are all that there is
			t.Errorf("%d were refused", refused)
		}
		late := i.listener.Dial(t)
		late.Write("40")
		if refusal := late.Read(); !strings.HasPrefix(refusal, `44{"message":`) || !strings.Contains(refusal, `"data":{"code":"rate_limited"`) || !strings.Contains(refusal, `"retryAfter":`) {
			t.Errorf("a CONNECT: %s", refusal)
		}
		for _, c := range all {
			c.bye()
		}
	})
}

// A session that goes from instance to instance has one bucket on each, however
// often it comes; it is let in whoever is there.
func TestMovedSessionsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rates := DefaultLimits
		rates.Session, rates.Open = limit.Rate{PerSecond: 1, Burst: 10}, 1
		l := newLimits(rates, proxies(t, ""))
		r := &http.Request{RemoteAddr: "198.51.100.1:1"}
		if _, wait := l.admit(r); wait != 0 {
			t.Fatal("not let in")
		}
		for _, sid := range []string{"one", "two"} {
			taken := 0
			for range 20 {
				p := l.readmit(r, sid).(*pass)
				if refusal, _ := p.event(); refusal == nil {
					taken++
				}
				p.Leave()
			}
			if taken != 10 {
				t.Errorf("%s: %d were taken", sid, taken)
			}
		}
		if _, wait := l.admit(r); wait != waitToLeave {
			t.Errorf("who was let in although it was full has left room: %v", wait)
		}
	})
}

// The API's limit is told as HTTP tells it.
func TestRequestsOfAnAddress(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), limited(func(l *Limits) { l.Requests, l.Open = limit.Rate{PerSecond: 0.5, Burst: 5}, 1 }))
		defer i.stop()
		s := i.script()
		const at = "/api/rooms/방/messages"
		waits := make(chan int)
		go func() {
			code, _, _ := s.do("GET", at+"?after=&wait=10s", "")
			waits <- code
		}()
		synctest.Wait()
		if code, problem, header := s.do("GET", at+"?after=&wait=10s", ""); code != 429 || problem["code"] != "rate_limited" || header.Get("Retry-After") != "5" {
			t.Errorf("a second one that waits: %d %v", code, problem)
		}
		for range 3 {
			s.say("x")
		}
		code, problem, header := s.do("POST", at, `{"username":"봇","text":"x"}`, "Accept-Language", "en")
		if code != 429 || problem["code"] != "rate_limited" || problem["status"] != 429.0 || problem["detail"] != text.Refusal(text.En, event.RateLimited) ||
			header.Get("Retry-After") != "2" || header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%d %v %v", code, problem, header)
		}
		if code := <-waits; code != 200 {
			t.Errorf("the first one that waits: %d", code)
		}
		time.Sleep(2 * time.Second)
		s.say("y")
	})
}
