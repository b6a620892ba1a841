package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"maru/backend/chaos/judge"
	maru "maru/backend/server"
	"maru/backend/store"
	"maru/backend/store/sqlitestore"
)

// embedded is an instance in this process, on a store that may be wrong.
type embedded struct {
	store store.Store
	crash func() // what a crash takes with it
	lease time.Duration

	addr string
	srv  *maru.Server
	http *http.Server
}

func (e *embedded) Start() error {
	if e.addr == "" {
		e.addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", e.addr)
	if err != nil {
		return err
	}
	e.addr = l.Addr().String()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	e.srv, err = maru.New(maru.Config{Store: e.store, Secrets: [][]byte{[]byte("a secret that tests share")}, Logger: quiet, Lease: e.lease})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	e.http = maru.HTTP(e.srv)
	e.http.ErrorLog = slog.NewLogLogger(quiet.Handler(), slog.LevelDebug)
	go func(h *http.Server) { _ = h.Serve(l) }(e.http) // until Kill
	return nil
}

// Kill is as near to a crash as one process comes: nobody is told anything that
// takes time.
func (e *embedded) Kill() {
	if e.http == nil {
		return
	}
	if e.crash != nil {
		e.crash()
	}
	_ = e.http.Close()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	_ = e.srv.Close(over) // it says that it had no time
	e.http = nil
}

func (e *embedded) Term() error  { e.Kill(); return nil }
func (e *embedded) Pause()       {}
func (e *embedded) Resume()      {}
func (e *embedded) Died() bool   { return false }
func (e *embedded) Addr() string { return e.addr }

// hasty acknowledges before it has written: what waits is lost with a crash.
type hasty struct {
	store.Store
	writes sync.WaitGroup

	mu      sync.Mutex
	crashes int
}

func (h *hasty) crash() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.crashes++
}

func (h *hasty) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.crashes
}

func (h *hasty) Append(ctx context.Context, room string, d store.Draft) (store.Event, bool, error) {
	head, err := h.Head(ctx, room)
	if err != nil {
		return store.Event{}, false, err
	}
	before := h.count()
	h.writes.Add(1)
	time.AfterFunc(50*time.Millisecond, func() {
		defer h.writes.Done()
		if h.count() == before {
			_, _, _ = h.Store.Append(context.Background(), room, d) // nobody is there any more to hear of an error
		}
	})
	return store.Event{Draft: d, Seq: head.Seq + 1, At: time.Now()}, false, nil
}

// forgetful does not know again what it has been told before.
type forgetful struct{ store.Store }

func (f forgetful) Append(ctx context.Context, room string, d store.Draft) (store.Event, bool, error) {
	ev, dup, err := f.Store.Append(ctx, room, d)
	for n := 0; err == nil && dup; n++ {
		d.ID += "~"
		ev, dup, err = f.Store.Append(ctx, room, d)
	}
	return ev, false, err
}

// haunted lets nobody go.
type haunted struct{ store.Store }

func (haunted) Leave(context.Context, string, string) error { return nil }

func (h haunted) Enter(ctx context.Context, room string, m store.Member, _ time.Duration) error {
	return h.Store.Enter(ctx, room, m, store.MaxTTL)
}

func (h haunted) Renew(ctx context.Context, _ time.Duration, conns map[string][]string) (map[string][]string, error) {
	return h.Store.Renew(ctx, store.MaxTTL, conns)
}

func (haunted) Sweep(context.Context) (int, time.Time, error) { return 0, time.Time{}, nil }

// blind shows an empty place to whoever comes back, and so whatever was said
// meanwhile is not missed.
type blind struct{ store.Store }

func (b blind) Page(ctx context.Context, room string, before int64, n int) ([]store.Post, error) {
	posts, err := b.Store.Page(ctx, room, before, n)
	if len(posts) > 2 {
		posts = append(posts[:1:1], posts[2:]...)
	}
	return posts, err
}

// A judge who never finds anything is no judge: the run is done with servers
// that have a mistake each, which must be found, and with one that has none.
func TestMistakesAreFound(t *testing.T) {
	for _, mistake := range []struct {
		name string
		make func(store.Store) (store.Store, func())
		want judge.Rule
	}{
		{"none", func(s store.Store) (store.Store, func()) { return s, nil }, ""},
		{"acknowledges before it writes", func(s store.Store) (store.Store, func()) { h := &hasty{Store: s}; return h, h.crash }, judge.Lost},
		{"stores again what is sent again", func(s store.Store) (store.Store, func()) { return forgetful{s}, nil }, judge.Duplicate},
		{"lets nobody go", func(s store.Store) (store.Store, func()) { return haunted{s}, nil }, judge.Presence},
		{"leaves a message out of a page", func(s store.Store) (store.Store, func()) { return blind{s}, nil }, judge.Gap},
	} {
		t.Run(mistake.name, func(t *testing.T) {
			if mistake.want == "" {
				if found := tryOut(t, 1, mistake.make); len(found) > 0 {
					t.Error("a mistake was found, and there is none")
				}
				return
			}
			for seed := uint64(1); ; seed++ {
				rules := map[judge.Rule]int{}
				for _, v := range tryOut(t, seed, mistake.make) {
					rules[v.Rule]++
				}
				if rules[mistake.want] > 0 {
					return
				}
				if seed == tries {
					t.Fatalf("in the last run %v was found, in none %q", rules, mistake.want)
				}
			}
		})
	}
}

// tries is how many seeds there are to find a mistake: one may not provoke it.
const tries = 8

// tryOut has people talk on a server in this process whose connections break.
func tryOut(t *testing.T, seed uint64, mistake func(store.Store) (store.Store, func())) []judge.Violation {
	file, err := sqlitestore.Open(filepath.Join(t.TempDir(), "maru.db"), sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	st, crash := mistake(file)
	e := &embedded{store: st, crash: crash, lease: time.Second}
	w := &world{servers: []server{e}}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		if h, ok := st.(*hasty); ok {
			h.writes.Wait()
		}
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := e.Start(); err != nil {
		t.Fatal(err)
	}
	if err := w.join(); err != nil {
		t.Fatal(err)
	}
	p := plan{Seed: seed, Duration: 4 * time.Second, People: 4, Stock: 1, Rooms: 2, scale: 0.15, calm: 450 * time.Millisecond,
		habits: habits{write: 8, exit: 0.8, flight: 0.2, until: 1500 * time.Millisecond}}
	lines, err := w.play(t.Context(), p)
	if err != nil {
		t.Log(err) // people whom the mistake keeps from getting well
	}
	if !complete(lines) {
		t.Fatalf("there is no end to judge by: %v", err)
	}
	found := judge.Check(lines, judge.Options{Linger: 2 * time.Second, Recovery: recovery})
	var told strings.Builder
	p.Out, p.Keep = &told, filepath.Join("..", "..", "bin", "histories", filepath.Base(t.Name()))
	report(p, lines, found)
	if len(found) > 0 && st == store.Store(file) { // there is no mistake that explains it
		if err := keep(p, t.TempDir(), lines); err != nil {
			t.Error(err)
		}
	}
	t.Log(told.String())
	return found
}
