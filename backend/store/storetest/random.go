package storetest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"maru/backend/store"
)

var modelTests = map[string]func(*testing.T, *env){
	"1": testModel, "2": testModel, "3": testModel, "4": testModel,
}

// modelOps is how many random calls one model test makes.
const modelOps = 500

// walk makes random calls on a store and on models, one for each room. It aims
// at few targets with few IDs, so that retries, conflicts and missing targets
// are common.
type walk struct {
	*env
	*rand.Rand
	rooms  map[string]*model
	name   string // the room of this step
	m      *model // its model
	drafts []store.Draft
}

func testModel(t *testing.T, e *env) {
	w := &walk{env: e, Rand: rand.New(rand.NewPCG(seed(t), 0)), rooms: map[string]*model{}}
	for i := range modelOps {
		w.name = fmt.Sprint("room", w.IntN(2))
		if w.rooms[w.name] == nil {
			w.rooms[w.name] = newModel()
		}
		w.m = w.rooms[w.name]
		what := w.step(t)
		for name, m := range w.rooms {
			w.catchUp(t, name, m)
		}
		if i%25 == 24 {
			w.compare(t)
		}
		if t.Failed() {
			t.Fatalf("at call %d: %s in %s", i, what, w.name)
		}
	}
}

// step makes one call and returns what it was.
func (w *walk) step(t *testing.T) string {
	now := w.clock.Now()
	switch n := w.IntN(100); {
	case n < 55:
		return w.stepAppend(t)
	case n < 70:
		return w.stepEnter(t)
	case n < 78:
		conn := w.conn()
		w.m.leave(conn, now)
		w.leave(t, w.name, conn)
		return "leave " + conn
	case n < 84:
		return w.stepRenew(t)
	case n < 88:
		return w.stepSweep(t)
	case n < 96:
		d := []time.Duration{1e6, 1e9, 10e9, 40e9, -20e9, -3600e9}[w.IntN(6)]
		w.clock.Add(d)
		return fmt.Sprint("clock ", d)
	case n < 99:
		return w.stepTrim(t)
	default:
		return w.stepReopen(t)
	}
}

// draft is a new Draft, or an old one, or an old one changed.
func (w *walk) draft() store.Draft {
	if len(w.drafts) > 0 && w.IntN(4) == 0 {
		d := w.drafts[len(w.drafts)-1-w.IntN(min(len(w.drafts), 15))]
		if w.IntN(3) > 0 {
			return d
		}
		changed := w.newDraft()
		changed.ID, changed.Author = d.ID, d.Author
		return changed
	}
	d := w.newDraft()
	w.drafts = append(w.drafts, d)
	return d
}

func (w *walk) newDraft() store.Draft {
	kinds := []store.Kind{store.Message, store.Message, store.Edit, store.React, store.React, store.Unreact, store.Delete}
	d := store.Draft{
		ID: fmt.Sprint(w.IntN(60)), Author: fmt.Sprint("u", w.IntN(3)),
		Kind: kinds[w.IntN(len(kinds))], Body: fmt.Append(nil, "text ", w.IntN(5)),
	}
	if d.Kind == store.Message && w.IntN(3) > 0 {
		return d
	}
	d.Target = max(w.m.head()-int64(w.IntN(8))+1, 0)
	if d.Kind == store.Delete {
		d.Body = nil
	}
	if d.Kind == store.React || d.Kind == store.Unreact {
		d.Body = []byte([]string{"👍", "🎉"}[w.IntN(2)])
	}
	return d
}

func (w *walk) stepAppend(t *testing.T) string {
	d := w.draft()
	want, wantDup, wantError := w.m.append(d, w.clock.Now())
	got, dup, err := w.Append(t.Context(), w.name, d)
	if !errors.Is(err, wantError) || dup != wantDup || !sameEvent(got, want) {
		t.Errorf("got %s dup %v, %v\nwant %s dup %v, %v", show([]store.Event{got}), dup, err,
			show([]store.Event{want}), wantDup, wantError)
	}
	return fmt.Sprintf("append %+v", d)
}

func (w *walk) conn() string { return fmt.Sprint("c", w.IntN(6)) }

func (w *walk) stepEnter(t *testing.T) string {
	// A connection belongs to one user, but for a few calls that pretend.
	conn := w.conn()
	user := fmt.Sprint("u", int(conn[1]-'0')/2)
	if w.IntN(10) == 0 {
		user = "u9"
	}
	m := named(user, conn, []string{"", "soi", "mina"}[w.IntN(3)])
	want := w.m.enter(m, ttl, w.clock.Now())
	if err := w.Enter(t.Context(), w.name, m, ttl); !errors.Is(err, want) {
		t.Errorf("Enter: %v, want %v", err, want)
	}
	return fmt.Sprintf("enter %+v", m)
}

func (w *walk) stepRenew(t *testing.T) string {
	conn := w.conn()
	want := w.m.renew(conn, 2*ttl, w.clock.Now())
	gone, err := w.Renew(t.Context(), 2*ttl, map[string][]string{w.name: {conn}})
	if err != nil || (len(gone) == 0) != want {
		t.Errorf("gone = %v, %v; renewed: %v", gone, err, want)
	}
	return "renew " + conn
}

func (w *walk) stepSweep(t *testing.T) string {
	want := 0
	for _, m := range w.rooms {
		want += m.sweep(w.clock.Now())
	}
	if ended, _ := w.sweep(t); ended != want {
		t.Errorf("%d leases ended, want %d", ended, want)
	}
	return "sweep"
}

func (w *walk) stepTrim(t *testing.T) string {
	keep := store.Retention{Count: int64(w.IntN(60)), Age: time.Duration(w.IntN(3)) * time.Hour}
	w.m.trim(keep, w.clock.Now())
	if err := w.Trim(t.Context(), w.name, keep); err != nil {
		t.Errorf("Trim: %v", err)
	}
	return fmt.Sprintf("trim %+v", keep)
}

// stepReopen has everybody leave before it reopens: what becomes of leases then
// is not a law of the interface.
func (w *walk) stepReopen(t *testing.T) string {
	for name, m := range w.rooms {
		for _, conn := range slices.Sorted(maps.Keys(m.leases)) {
			m.leave(conn, w.clock.Now())
			w.leave(t, name, conn)
		}
	}
	w.Store = w.harness.Reopen(t, w.Store)
	return "reopen"
}

// catchUp compares the events of the last call with the model's. The IDs of
// joins and leaves are the store's to choose: the model learns them.
func (w *walk) catchUp(t *testing.T, name string, m *model) {
	got := w.log(t, name, m.pos)
	if int64(len(got)) == m.head()-m.pos.Seq {
		for i, ev := range got {
			if want := &m.events[m.pos.Seq+int64(i)]; want.ID == "" {
				want.ID = ev.ID
			}
		}
	}
	wantEvents(t, name, got, m.events[m.pos.Seq:])
	head := w.head(t, name)
	if len(got) > 0 {
		m.pos = store.Pos{Epoch: head.Epoch}.After(got[len(got)-1])
	}
	if m.pos.Seq > 0 && head != m.pos {
		t.Errorf("%s: head is %+v, want %+v", name, head, m.pos)
	}
}

// compare reads everything and compares it with the models.
func (w *walk) compare(t *testing.T) {
	for name, m := range w.rooms {
		from := store.Pos{}
		if m.low > 0 {
			from = store.Pos{Epoch: m.pos.Epoch}.After(m.events[m.low-1])
		}
		wantEvents(t, name, w.log(t, name, from), m.kept())
		w.comparePosts(t, name, m)
		w.compareChanges(t, name, m)
		w.compareCount(t, name, m)
		want := slices.Sorted(maps.Keys(m.leases))
		if got := w.conns(t, name); !slices.Equal(got, want) {
			t.Errorf("%s: members %v, want %v", name, got, want)
		}
	}
}

// compareChanges reads the changes of a random part of the log.
func (w *walk) compareChanges(t *testing.T, name string, m *model) {
	after, before := w.Int64N(m.head()+2)-1, w.Int64N(m.head()+3)
	n := w.IntN(20) + 1
	var want []store.Event
	for _, ev := range slices.Backward(m.kept()) {
		isChange := ev.Kind.Changes()
		if isChange && ev.Seq > after && (before == 0 || ev.Seq < before) && len(want) < n {
			want = append(want, ev)
		}
	}
	got, err := w.Changes(t.Context(), name, after, before, n)
	if err != nil {
		t.Errorf("Changes: %v", err)
	}
	wantEvents(t, fmt.Sprintf("%s: %d changes within %d and %d", name, n, after, before), got, want)
}

// compareCount counts the messages of a random part of the log.
func (w *walk) compareCount(t *testing.T, name string, m *model) {
	after, upTo := w.Int64N(m.head()+2)-1, w.Int64N(m.head()+2)
	want := int64(0)
	for _, ev := range m.kept() {
		if ev.Kind == store.Message && ev.Seq > after && ev.Seq <= upTo {
			want++
		}
	}
	if got, err := w.Count(t.Context(), name, after, upTo); got != want || err != nil {
		t.Errorf("%s: %d messages within %d and %d (%v), want %d", name, got, after, upTo, err, want)
	}
}

func (w *walk) comparePosts(t *testing.T, name string, m *model) {
	want := m.posts()
	got := w.pages(t, name, w.IntN(9)+1)
	if len(got) != len(want) {
		t.Errorf("%s: %d posts, want %d", name, len(got), len(want))
		return
	}
	for i := range want {
		for _, p := range []store.Post{got[i], w.post(t, name, want[i].Seq)} {
			if !sameEvent(p.Event, want[i].Event) || p.Deleted != want[i].Deleted ||
				!p.EditedAt.Equal(want[i].EditedAt) || !sameReacts(p.Reacts, want[i].Reacts) {
				t.Errorf("%s: post\n got %+v\nwant %+v", name, p, want[i])
			}
		}
	}
}
