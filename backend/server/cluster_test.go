package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/chat"
	"maru/app/chat/chattest"
	"maru/app/engineio"
	"maru/app/wire/eio"
	"maru/app/wire/text"
	"maru/backend/engineio/enginetest"
	"maru/backend/store/sqlitestore"
)

// cluster is several instances on one store, behind a proxy that sends each
// request to the next of them.
type cluster struct {
	t        *testing.T
	store    *sqlitestore.Store
	servers  []*Server
	requests atomic.Int64
	fixed    atomic.Int64 // the instance that gets all requests, counted from 1
	down     atomic.Int64 // the instance that gets no request any more, counted from 1
	listener *enginetest.Listener
	http     *http.Server
}

func startCluster(t *testing.T, n int) *cluster {
	t.Helper()
	st, err := sqlitestore.Open(filepath.Join(t.TempDir(), "maru.db"), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, store: st, listener: enginetest.Listen(pipeLimit)}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	for range n {
		s, err := New(Config{Store: st, Secrets: [][]byte{[]byte("a secret that tests share")}, Lang: text.En, Logger: quiet})
		if err != nil {
			t.Fatal(err)
		}
		c.servers = append(c.servers, s)
	}
	c.http = HTTP(c)
	c.http.ErrorLog = slog.NewLogLogger(quiet.Handler(), slog.LevelDebug)
	go func() { _ = c.http.Serve(c.listener) }()
	return c
}

func (c *cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := c.requests.Add(1) % int64(len(c.servers))
	if at == c.down.Load()-1 {
		at = (at + 1) % int64(len(c.servers))
	}
	if fixed := c.fixed.Load(); fixed > 0 {
		at = fixed - 1
	}
	c.servers[at].ServeHTTP(w, r)
}

func (c *cluster) stop() {
	c.t.Helper()
	for _, s := range c.servers {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if err := s.Close(ctx); err != nil {
			c.t.Error("close:", err)
		}
		cancel()
	}
	c.http.Close()
	<-time.After(linger)
	if err := c.store.Close(); err != nil {
		c.t.Error("close the store:", err)
	}
}

// inCluster runs test with virtual time against three instances.
func inCluster(t *testing.T, test func(t *testing.T, c *cluster)) {
	t.Helper()
	inBubble(t, func(t *testing.T) {
		c := startCluster(t, 3)
		defer c.stop()
		test(t, c)
	})
}

// polled is a client of any language on long-polling: it keeps a GET open,
// answers pings, and hands out all other frames.
type polled struct {
	*enginetest.Poller
	t      *testing.T
	frames chan string
	end    chan enginetest.Answer // what ended the polling
}

func (c *cluster) polled() *polled {
	c.t.Helper()
	p := &polled{Poller: c.listener.Poll(c.t), t: c.t, frames: make(chan string, 10_000), end: make(chan enginetest.Answer, 1)}
	go p.poll()
	return p
}

func (p *polled) poll() {
	defer close(p.frames)
	for {
		a := p.Get()
		if a.Status != http.StatusOK {
			p.end <- a
			return
		}
		for _, frame := range strings.Split(a.Body, "\x1e") {
			switch frame {
			case "6":
			case "2":
				p.Post("3")
			case "1":
				p.end <- a
				return
			default:
				p.frames <- frame
			}
		}
	}
}

// until reads frames up to one that contains what.
func (p *polled) until(what string) (frame string) {
	p.t.Helper()
	timeout := time.NewTimer(time.Minute)
	defer timeout.Stop()
	for {
		select {
		case frame, ok := <-p.frames:
			if !ok {
				p.t.Fatalf("the session ended before %q: %v", what, <-p.end)
			}
			if strings.Contains(frame, what) {
				return frame
			}
		case <-timeout.C:
			p.t.Fatalf("never heard %q", what)
		}
	}
}

func (p *polled) join(name string) {
	p.t.Helper()
	p.Write("40")
	p.until(`40{"sid"`)
	p.Write(fmt.Sprintf(`421["join",{"username":%q,"room":"방"}]`, name))
	p.until(`431[null,`)
	p.until(`"kind":"welcome"`)
	p.until(`"roomData"`)
}

// bye closes the session.
func (p *polled) bye() {
	p.Write("1")
	for range p.frames { // up to the end of the polling
	}
}

// Every request of two long-polling clients reaches another instance: both hear
// everything once and in order, and their acks.
func TestEachRequestReachesAnotherInstance(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.polled(), c.polled()
		a.join("소이")
		b.join("민준")
		a.until("joined") // Admin tells of the other one
		const n = 30
		for i := range n {
			from := []*polled{a, b}[i%2]
			from.Write(fmt.Sprintf(`42%d["message","말 %d."]`, 100+i, i))
			from.until(fmt.Sprintf(`43%d[null,`, 100+i))
		}
		for _, p := range []*polled{a, b} {
			p.Write(`42900["message","끝"]`)
			p.until(`43900[null,`)
		}
		for _, p := range []*polled{a, b} {
			p.Write(`42901["history",{"room":"방","limit":50}]`)
			page := p.until(`43901[null,`)
			for i := range n {
				if strings.Count(page, fmt.Sprintf(`"말 %d."`, i)) != 1 {
					t.Errorf("%d is not there once: %s", i, page)
				}
			}
			p.bye()
		}
	})
}

// heard reads what is said, which must be the texts from one to the one before
// another, once each and in order.
func (p *polled) heard(from, to int) {
	p.t.Helper()
	for i := from; i < to; i++ {
		want := fmt.Sprintf("말 %d.", i)
		frame := p.until(`"말 `)
		if !strings.Contains(frame, want) {
			p.t.Fatalf("heard %s, want %s", frame, want)
		}
	}
}

// What is said while the session goes from instance to instance is heard once
// each, in order, also across the way to WebSocket at yet another one.
func TestUpgradeOnAnotherInstance(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a, b := c.polled(), c.polled()
		a.join("소이")
		b.join("민준")
		go func() {
			for i := range 40 {
				b.Post(fmt.Sprintf(`42["message","말 %d."]`, i))
				time.Sleep(70 * time.Millisecond)
			}
		}()
		a.heard(0, 10)
		ws := a.Upgrade()
		ws.Write("2probe")
		ws.Want("3probe")
		// The client lets its GET end, and sends no other one; its loop here sends
		// them on, and each is answered at once.
		a.heard(10, 15)
		ws.Write("5")
		answer := <-a.end
		if answer.Status != http.StatusBadRequest {
			t.Errorf("a GET after the upgrade got %v", answer)
		}
		heard := 15
		for range a.frames {
			heard++ // by polls that were under way
		}
		for i := heard; i < 40; {
			frame := ws.Read()
			if strings.Contains(frame, `"말 `) {
				if want := fmt.Sprintf("말 %d.", i); !strings.Contains(frame, want) {
					t.Fatalf("heard %s, want %s", frame, want)
				}
				i++
			}
		}
		ws.Write(`427["message","아직 여기"]`)
		for !strings.HasPrefix(ws.Read(), "437[null,") {
		}
		b.bye()
	})
}

// An idle session costs a few requests in a minute, however many instances
// there are, and stays; nobody hears of anything.
func TestIdleSessionIsQuiet(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		a := c.polled()
		a.join("소이")
		time.Sleep(time.Second)
		before := c.requests.Load()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := c.requests.Load() - before; n > 10*3*4 {
			t.Errorf("%d requests in ten minutes", n)
		}
		select {
		case frame := <-a.frames:
			t.Errorf("heard %s", frame)
		default:
		}
		a.Write(`425["message","아직 여기"]`)
		a.until(`435[null,`)
		a.bye()
	})
}

// A session that is known to one page can't be used by another one.
func TestSessionBelongsToItsPage(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		p := c.listener.Poll(t)
		own := []string{"Origin", "http://chat.test"}
		if a := p.Do(t.Context(), http.MethodPost, strings.NewReader("40"), own...); a.Status != http.StatusOK {
			t.Fatalf("the own page gets %d %s", a.Status, a.Body)
		}
		for range 3 { // at whatever instance
			if a := p.Do(t.Context(), http.MethodGet, nil, "Origin", "https://evil.test"); a.Status != http.StatusForbidden {
				t.Errorf("another page gets %d %s", a.Status, a.Body)
			}
		}
		if a := p.Do(t.Context(), http.MethodGet, nil, own...); a.Status != http.StatusOK {
			t.Errorf("the own page gets %d %s", a.Status, a.Body)
		}
		p.Write("1")
	})
}

// Our own client chats over long-polling through all instances, and over
// WebSocket, with what was missed.
func TestGuestsOverAllInstances(t *testing.T) {
	inCluster(t, func(t *testing.T, c *cluster) {
		var guests []*guest
		for _, name := range []string{"소이", "민준", "하늘"} {
			g := c.pollingGuest(t, name)
			defer g.stop()
			g.Enter("방", name)
			g.until("inside", g.phase(chat.Inside))
			guests = append(guests, g)
		}
		for i := range 10 {
			guests[i%3].says(fmt.Sprint("말", i))
			for _, g := range guests {
				g.until("heard", func() bool { return strings.HasSuffix(g.texts("방"), fmt.Sprint("말", i)) })
			}
		}
		want := "말0 말1 말2 말3 말4 말5 말6 말7 말8 말9"
		for _, g := range guests {
			g.shows(want)
		}
	})
}

func (c *cluster) pollingGuest(t *testing.T, name string) *guest {
	client := c.listener.Client()
	request := func(ctx context.Context, method, url string, body []byte) (int, []byte, error) {
		r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(string(body)))
		if err != nil {
			return 0, nil, err
		}
		resp, err := client.Do(r)
		if err != nil {
			return 0, nil, err
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		return resp.StatusCode, answer, err
	}
	return enters(t, name, &guest{device: chattest.New()}, engineio.Options{HTTP: request, Only: eio.Polling})
}
