// Package storetest checks that a store keeps the laws of package store. The
// test of an implementation is a Harness and one call of Run.
//
// It knows nothing of the implementations. Nothing in it sleeps: time is a
// Clock that the tests move, and goroutines are waited for.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"maru/backend/store"
)

// Harness makes the stores under test.
type Harness interface {
	// Open returns a new, empty Store that reads the time from now. It is
	// closed at the end of t, if it is not by then.
	Open(t *testing.T, now func() time.Time) store.Store
	// Reopen returns another Store on the data of s, with the same clock. A
	// store that only one may have open at a time closes s first.
	Reopen(t *testing.T, s store.Store) store.Store
}

// Run runs the whole suite.
func Run(t *testing.T, h Harness) {
	for _, group := range []struct {
		name  string
		tests map[string]func(*testing.T, *env)
	}{
		{"Log", logTests}, {"Post", postTests}, {"Read", readTests}, {"Follow", followTests},
		{"Presence", presenceTests}, {"Name", nameTests}, {"Notes", noteTests}, {"Marks", markTests},
		{"Find", findTests}, {"Signals", signalTests}, {"Model", modelTests},
	} {
		run(t, h, group.name, group.tests)
	}
	RunSessions(t, h)
}

// RunSessions runs what Run does for sessions alone.
func RunSessions(t *testing.T, h Harness) { run(t, h, "Sessions", sessionTests) }

func run(t *testing.T, h Harness, group string, tests map[string]func(*testing.T, *env)) {
	for name, test := range tests {
		t.Run(group+"/"+name, func(t *testing.T) {
			clock := &Clock{now: start}
			test(t, &env{Store: h.Open(t, clock.Now), harness: h, clock: clock})
		})
	}
}

// start is when the clock of each test starts.
var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// Clock is a clock that stands still until it is moved. It may be used by many
// goroutines.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time on the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Add moves the clock, back if d is negative.
func (c *Clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// env is what a test has: a Store, and verbs that fail the test on an error.
type env struct {
	store.Store
	harness Harness
	clock   *Clock
}

// room is where most tests take place.
const room = "room"

// ttl is how long a lease of most tests lasts.
const ttl = 30 * time.Second

// message is a Draft of a text.
func message(author, id, text string) store.Draft {
	return store.Draft{ID: id, Author: author, Kind: store.Message, Body: []byte(text)}
}

// reply is a Draft of a text that answers a message.
func reply(author, id string, target int64, text string) store.Draft {
	d := message(author, id, text)
	d.Target = target
	return d
}

// change is a Draft that changes a message.
func change(kind store.Kind, author, id string, target int64, body string) store.Draft {
	return store.Draft{ID: id, Author: author, Kind: kind, Target: target, Body: []byte(body)}
}

// append appends d, which must be new.
func (e *env) append(t *testing.T, room string, d store.Draft) store.Event {
	t.Helper()
	ev, dup, err := e.Append(t.Context(), room, d)
	if err != nil || dup {
		t.Fatalf("Append(%q, %+v): dup %v, %v", room, d, dup, err)
	}
	return ev
}

// say appends n messages of one author and returns their events.
func (e *env) say(t *testing.T, room, author string, n int) []store.Event {
	t.Helper()
	var evs []store.Event
	for i := range n {
		id := author + strconv.Itoa(i)
		evs = append(evs, e.append(t, room, message(author, id, "text of "+id)))
	}
	return evs
}

func (e *env) head(t *testing.T, room string) store.Pos {
	t.Helper()
	pos, err := e.Head(t.Context(), room)
	if err != nil {
		t.Fatalf("Head(%q): %v", room, err)
	}
	return pos
}

// log reads all events of a room after from, a few at a time.
func (e *env) log(t *testing.T, room string, from store.Pos) []store.Event {
	t.Helper()
	var all []store.Event
	for {
		evs, head, err := e.Events(t.Context(), room, from, 7)
		if err != nil {
			t.Fatalf("Events(%q, %v): %v", room, from, err)
		}
		all = append(all, evs...)
		if len(evs) < 7 {
			return all
		}
		from = store.Pos{Epoch: head.Epoch}.After(evs[len(evs)-1])
	}
}

// pages reads all posts of a room, newest first, a few at a time.
func (e *env) pages(t *testing.T, room string, n int) []store.Post {
	t.Helper()
	var all []store.Post
	var before int64
	for {
		posts, err := e.Page(t.Context(), room, before, n)
		if err != nil {
			t.Fatalf("Page(%q, %d): %v", room, before, err)
		}
		all = append(all, posts...)
		if len(posts) < n {
			return all
		}
		before = posts[n-1].Seq
	}
}

// post reads one post, which must be there.
func (e *env) post(t *testing.T, room string, seq int64) store.Post {
	t.Helper()
	posts, err := e.Get(t.Context(), room, seq)
	if err != nil || len(posts) != 1 {
		t.Fatalf("Get(%q, %d) = %d posts, %v", room, seq, len(posts), err)
	}
	return posts[0]
}

// wantErr fails t unless err is want.
func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// wantEvents fails t unless got and want are the same events.
func wantEvents(t *testing.T, what string, got, want []store.Event) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d events, want %d\n got %s\nwant %s", what, len(got), len(want), show(got), show(want))
		return
	}
	for i := range got {
		if !sameEvent(got[i], want[i]) {
			t.Errorf("%s: event %d\n got %s\nwant %s", what, i, show(got[i:i+1]), show(want[i:i+1]))
		}
	}
}

func sameEvent(a, b store.Event) bool {
	return a.Seq == b.Seq && a.At.Equal(b.At) && a.ID == b.ID && a.Author == b.Author && a.Same(b.Draft, false)
}

func show(evs []store.Event) string {
	s := ""
	for _, ev := range evs {
		s += fmt.Sprintf("{%d %c %s/%s ->%d %q %s} ", ev.Seq, ev.Kind, ev.Author, ev.ID, ev.Target,
			ev.Body, ev.At.Format("05.000"))
	}
	return s
}

// follow reads n events by Follow.
func follow(ctx context.Context, s store.Store, room string, from store.Pos, n int) ([]store.Event, error) {
	var evs []store.Event
	if n == 0 {
		return nil, nil
	}
	for ev, err := range s.Follow(ctx, room, from) {
		if err != nil {
			return evs, err
		}
		if evs = append(evs, ev); len(evs) == n {
			break
		}
	}
	return evs, nil
}

// parallel calls do n times at once and waits for all.
func parallel(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}

// seed is the seed of a random test. It is printed, and MARU_SEED sets it.
func seed(t *testing.T) uint64 {
	n := uint64(time.Now().UnixNano())
	if s := os.Getenv("MARU_SEED"); s != "" {
		var err error
		if n, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("MARU_SEED: %v", err)
		}
	}
	t.Logf("run again with MARU_SEED=%d", n)
	return n
}
