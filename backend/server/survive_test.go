package server

import (
	"bytes"
	"context"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"maru/app/wire/text"
	"maru/backend/store"
)

// faulty is a store that panics in one of its methods, when it is told to.
type faulty struct {
	store.Store
	appends, heads, follows, members, sweeps atomic.Bool
}

func panicIf(b *atomic.Bool) {
	if b.Load() {
		panic("as it should")
	}
}

func (f *faulty) Append(ctx context.Context, room string, d store.Draft) (store.Event, bool, error) {
	panicIf(&f.appends)
	return f.Store.Append(ctx, room, d)
}

func (f *faulty) Head(ctx context.Context, room string) (store.Pos, error) {
	panicIf(&f.heads)
	return f.Store.Head(ctx, room)
}

func (f *faulty) Follow(ctx context.Context, room string, from store.Pos) iter.Seq2[store.Event, error] {
	return func(yield func(store.Event, error) bool) {
		for e, err := range f.Store.Follow(ctx, room, from) {
			panicIf(&f.follows)
			if !yield(e, err) {
				return
			}
		}
	}
}

func (f *faulty) Members(ctx context.Context, room string) ([]store.Member, store.Pos, error) {
	panicIf(&f.members)
	return f.Store.Members(ctx, room)
}

func (f *faulty) Sweep(ctx context.Context) (int, time.Time, error) {
	panicIf(&f.sweeps)
	return f.Store.Sweep(ctx)
}

// A panic, wherever it comes from, ends what it happened in and nothing else:
// in a handler that connection, in a feed the connections of that room, in a
// request that request. It is logged, without whose doing it was.
func TestPanicsAreSurvived(t *testing.T) {
	f := &faulty{}
	for _, c := range []struct {
		name  string
		fault *atomic.Bool
		cause func(i *instance, c *stock)
		ends  bool // the connection of the room
	}{
		{"in a handler", &f.appends, func(_ *instance, c *stock) { c.Write(`421["message","x"]`) }, true},
		{"in a feed", &f.follows, func(_ *instance, c *stock) { c.Write(`421["message","x"]`) }, true},
		{"in a list of people", &f.members, func(i *instance, _ *stock) {
			late := i.stock("")
			late.Write(`421["join",{"username":"민준","room":"방"}]`)
			synctest.Wait()
			time.Sleep(2 * gather)
		}, true},
		{"in a request", &f.heads, func(i *instance, _ *stock) {
			r, err := http.NewRequest("GET", "http://chat.test/api/rooms/방/messages", nil)
			if err != nil {
				t.Fatal(err)
			}
			if res, err := i.listener.Client().Do(r); err == nil {
				t.Errorf("answered with %d", res.StatusCode)
			}
		}, false},
		{"at the end of leases", &f.sweeps, func(*instance, *stock) { time.Sleep(20 * time.Second) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				var log bytes.Buffer
				i := startWith(t, database(t), Config{Lang: text.Ko, Store: f, Logger: slog.New(slog.NewJSONHandler(&log, nil))})
				defer i.stop()
				bystander, one := i.stock(""), i.stock("")
				bystander.must("join", `{"username":"소이","room":"다른 방"}`)
				one.must("join", `{"username":"소이","room":"방"}`)
				time.Sleep(2 * gather)
				c.fault.Store(true)
				c.cause(i, one)
				if c.ends {
					one.WantClose(websocket.StatusInternalError)
				}
				c.fault.Store(false)
				if !c.ends {
					one.must("message", `"나도 잘 있어요"`)
					one.bye()
				}
				bystander.Write(`42["message","나는 잘 있어요"]`)
				bystander.hearsSaid("Admin: 다른 방 방에 오신 걸 환영합니다.")
				bystander.hearsSaid("소이: 나는 잘 있어요")
				again := i.stock("")
				again.must("join", `{"username":"소이2","room":"방"}`)
				again.Write(`42["message","다시 왔어요"]`)
				again.hearsSaid("Admin: 방 방에 오신 걸 환영합니다.")
				again.hearsSaid("소이2: 다시 왔어요")
				again.bye()
				bystander.bye()
				if n := strings.Count(log.String(), "as it should"); n == 0 || strings.Contains(log.String(), "memory:80") {
					t.Errorf("%d panics in the log: %s", n, &log)
				}
			})
		})
	}
}
