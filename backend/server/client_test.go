package server

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"maru/app/chat"
	"maru/app/chat/chattest"
	"maru/app/engineio"
	"maru/app/socketio"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// network reaches whichever instance runs at the moment.
type network struct {
	mu       sync.Mutex
	instance *instance
	conns    []*websocket.Conn
}

func (n *network) serve(i *instance) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.instance = i
}

// reach is a network on which an instance is reached.
func reach(i *instance) *network { return &network{instance: i} }

func (n *network) dial(ctx context.Context, url string) (engineio.Conn, error) {
	n.mu.Lock()
	i := n.instance
	n.mu.Unlock()
	if i == nil {
		return nil, context.DeadlineExceeded
	}
	c, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: i.listener.Client()})
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.conns = append(n.conns, c)
	return c, nil
}

// cut breaks every connection off, as kill -9 does.
func (n *network) cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.conns {
		_ = c.CloseNow()
	}
	n.instance, n.conns = nil, nil
}

// away breaks all connections and waits until these have seen it.
func (n *network) away(guests ...*guest) {
	n.cut()
	for _, g := range guests {
		g.until("away", g.phase(chat.Joining))
	}
}

// guest is our own client, natively, with nothing between it and a person.
type guest struct {
	*chat.Client
	t      *testing.T
	ids    int
	device *chattest.Device // what the browser keeps over a reload
	stop   func()
}

func (n *network) guest(t *testing.T, name string) *guest {
	return n.reloaded(t, name, &guest{device: chattest.New()})
}

// inside is a guest who is in 방.
func (n *network) inside(t *testing.T, name string) *guest {
	t.Helper()
	g := n.guest(t, name)
	g.Enter("방", name)
	g.until("inside", g.phase(chat.Inside))
	return g
}

// pair is two guests in 방, who are shown each other.
func (n *network) pair(t *testing.T) (soi, minjun *guest) {
	t.Helper()
	soi, minjun = n.inside(t, "소이"), n.inside(t, "민준")
	soi.until("both are there", func() bool { r, _ := soi.Room("방"); return r.Count == 2 })
	return soi, minjun
}

// reloaded is a guest in another tab of the browser of one that may have ended.
func (n *network) reloaded(t *testing.T, name string, before *guest) *guest {
	return enters(t, name, before, engineio.Options{Dial: n.dial})
}

func enters(t *testing.T, name string, before *guest, engine engineio.Options) *guest {
	g := &guest{t: t, device: before.device, ids: before.ids}
	m := socketio.New(socketio.Options{URL: "ws://chat.test" + event.Path, Engine: engine})
	ctx, cancel := context.WithCancel(context.Background())
	var client atomic.Pointer[chat.Client] // another tab may tell something before there is one
	tab := g.device.Tab(func() {
		if c := client.Load(); c != nil && ctx.Err() == nil {
			c.ShelfChanged()
		}
	})
	g.Client = chat.New(chat.Config{Manager: m, Storage: g.device, Keep: g.device, Shelf: tab, Lock: g.device, Now: time.Now,
		NewID: func() string { g.ids++; return fmt.Sprint(name, g.ids) }, Lang: func() string { return "ko" }})
	client.Store(g.Client)
	g.ShelfChanged()
	done := make(chan struct{})
	go func() { defer close(done); _ = g.Run(ctx) }()
	g.stop = func() { cancel(); <-done }
	return g
}

// until waits for something to become true, for ten virtual minutes at most.
func (g *guest) until(what string, ok func() bool) {
	g.t.Helper()
	deadline := time.NewTimer(10 * time.Minute)
	defer deadline.Stop()
	for !ok() {
		select {
		case <-g.Changed():
		case <-deadline.C:
			g.t.Fatalf("never: %s; the room is %s", what, g.texts("방"))
		}
	}
}

func (g *guest) phase(p chat.Phase) func() bool {
	return func() bool { r, ok := g.Room("방"); return ok && r.Phase == p }
}

// texts are what people wrote, in the order it stands; a pending one is marked.
func (g *guest) texts(room string) string {
	r, _ := g.Room(room)
	var words []string
	for _, it := range g.Items(room, 0, r.Len) {
		switch {
		case it.Kind == chat.Gap:
			words = append(words, "…")
		case it.Kind == chat.Post && it.State != chat.Sent:
			words = append(words, "?"+it.Text)
		case it.Kind == chat.Post:
			words = append(words, it.Text)
		}
	}
	return strings.Join(words, " ")
}

func (g *guest) shows(want string) {
	g.t.Helper()
	g.until("it shows "+want, func() bool { return g.texts("방") == want })
}

func (g *guest) says(words ...string) {
	g.t.Helper()
	for _, w := range words {
		if refusal := g.Post("방", w); refusal != nil {
			g.t.Fatal(refusal)
		}
	}
}

// The server dies while both talk; what was written meanwhile arrives once, in
// order, and both know everything.
func TestGuestsSurviveTheServer(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := database(t)
		first := start(t, path, text.Ko)
		n := reach(first)
		soi, minjun := n.pair(t)
		soi.says("하나", "둘")
		minjun.shows("하나 둘")
		minjun.says("셋")
		soi.shows("하나 둘 셋")

		n.cut()
		first.stop()
		soi.until("away", soi.phase(chat.Joining))
		soi.says("넷", "다섯")
		if got := soi.texts("방"); got != "하나 둘 셋 ?넷 ?다섯" {
			t.Errorf("while away it shows %q", got)
		}
		second := start(t, path, text.Ko)
		n.serve(second)
		soi.shows("하나 둘 셋 넷 다섯")
		minjun.shows("하나 둘 셋 넷 다섯")
		soi.until("both are there", func() bool { r, _ := soi.Room("방"); return r.Count == 2 })

		late := n.guest(t, "하늘")
		late.Enter("방", "하늘")
		late.shows("하나 둘 셋 넷 다섯")
		for _, it := range late.Items("방", 0, 99) {
			if (it.Kind == chat.Came || it.Kind == chat.Went) && it.Name != "하늘" {
				t.Errorf("%s is said to have come or gone, though only the server was away", it.Name)
			}
		}
		for _, g := range []*guest{soi, minjun, late} {
			g.stop()
		}
		second.stop()
	})
}

// A server that goes away in good order is not told as people leaving, unless
// they can't be known again.
func TestRestartIsNotToldAsLeaving(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := database(t)
		first := start(t, path, text.Ko)
		n := reach(first)
		soi := n.inside(t, "소이")
		stranger := first.stock("")
		stranger.must("join", `{"username":"민준","room":"방"}`)
		first.stop()
		second := start(t, path, text.Ko)
		n.serve(second)
		soi.until("away", soi.phase(chat.Joining))
		soi.until("inside again", soi.phase(chat.Inside))
		again := second.stock("")
		again.must("join", `{"username":"민준","room":"방"}`)
		soi.until("both are there", func() bool { r, _ := soi.Room("방"); return r.Count == 2 })
		var told []string
		for _, it := range soi.Items("방", 0, 99) {
			if it.Kind == chat.Went {
				told = append(told, it.Name)
			}
		}
		if fmt.Sprint(told) != "[민준]" {
			t.Errorf("%q are said to have left", told)
		}
		again.bye()
		soi.stop()
		second.stop()
	})
}

// What is not sent yet survives a reload of the tab, and stands once.
func TestUnsentSurvivesAReload(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi := n.inside(t, "소이")
		soi.says("하나")
		soi.shows("하나")
		n.cut()
		soi.until("away", soi.phase(chat.Joining))
		soi.says("둘", "셋")
		soi.stop()
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.shows("?둘 ?셋")
		if r, _ := soi.Room("방"); r.Unsent != 2 {
			t.Errorf("%d messages are unsent", r.Unsent)
		}
		soi.Pause("방")
		soi.Enter("방", "소이")
		n.serve(i)
		soi.ConnectNow()
		soi.shows("하나 둘 셋")
		if r, _ := soi.Room("방"); r.Unsent != 0 {
			t.Errorf("%d messages are unsent", r.Unsent)
		}
		soi.stop()
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.shows("하나 둘 셋")
		soi.stop()
	})
}

// A cut between a message and its ack: it is sent again and stands once.
func TestCutsAreNotSeen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi, minjun := n.pair(t)
		var want []string
		for round := range 20 {
			word := fmt.Sprint("글", round)
			want = append(want, word)
			soi.says(word)
			n.cut()
			n.serve(i)
		}
		soi.shows(strings.Join(want, " "))
		minjun.shows(strings.Join(want, " "))
		soi.stop()
		minjun.stop()
		synctest.Wait()
	})
}

func TestTakenNameIsToldAndLetGo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi, other := n.guest(t, "a"), n.guest(t, "b")
		soi.Enter("방", "소이")
		soi.until("inside", soi.phase(chat.Inside))
		other.Enter(" 방 ", "소이")
		other.until("refused", other.phase(chat.Refused))
		if r, _ := other.Room("방"); r.Refusal.Code != event.NameTaken {
			t.Errorf("refused with %v", r.Refusal)
		}
		other.Enter("방", "소이2")
		other.until("inside", other.phase(chat.Inside))
		soi.Exit("방")
		other.until("alone", func() bool { r, _ := other.Room("방"); return r.Count == 1 })
		soi.stop()
		other.stop()
	})
}

// Who was away for very long sees the newest page, and above it that something
// is missing, which can be had.
func TestFarBehindShowsAGap(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), Config{Limits: &Limits{}}) // all is said at once
		defer i.stop()
		n := reach(i)
		soi := n.inside(t, "소이")
		soi.says("처음")
		soi.shows("처음")
		talker := i.stock("")
		talker.must("join", `{"username":"민준","room":"방"}`)
		n.cut()
		soi.until("away", soi.phase(chat.Joining))
		want := []string{"처음"}
		for k := range event.MaxMissed + 100 {
			want = append(want, fmt.Sprint(k))
			talker.must("message", fmt.Sprintf(`"%d"`, k))
		}
		n.serve(i)
		soi.ConnectNow()
		soi.until("the newest page", func() bool { return strings.HasSuffix(soi.texts("방"), want[len(want)-1]) })
		if got := soi.texts("방"); !strings.HasPrefix(got, "처음 … ") {
			t.Errorf("shows %.40q: a gap must stand after what was there", got)
		}
		soi.until("all of it", func() bool {
			r, _ := soi.Room("방")
			for _, it := range soi.Items("방", 0, r.Len) {
				if it.Kind == chat.Gap {
					soi.Fill("방", it.Key)
					return false
				}
			}
			return true
		})
		soi.shows(strings.Join(want, " "))
		soi.stop()
		talker.bye()
	})
}

// History loads upwards, and all of it is there in the end.
func TestHistoryLoadsUpwards(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi := n.inside(t, "소이")
		var want []string
		for k := range 130 {
			want = append(want, fmt.Sprint(k))
			soi.says(fmt.Sprint(k))
		}
		soi.shows(strings.Join(want, " "))
		late := n.guest(t, "민준")
		late.Enter("방", "민준")
		late.until("the newest page", func() bool { return strings.HasSuffix(late.texts("방"), " 129") })
		if got := len(strings.Fields(late.texts("방"))); got != 51 {
			t.Errorf("first shows %d lines, want a page and the gap above it", got)
		}
		late.until("all of it", func() bool {
			late.Older("방")
			r, _ := late.Room("방")
			return !r.More
		})
		late.shows(strings.Join(want, " "))
		soi.stop()
		late.stop()
	})
}
