package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"maru/backend/store"
)

// testSessionRace has many take the turn from each other and save in it. Each
// turn is one holder's, and each finds what was saved last before its turn.
func testSessionRace(t *testing.T, e *env) {
	const holders, rounds = 6, 40
	all := make([]*instance, holders)
	for i := range all {
		all[i] = e.instance(t, fmt.Sprint("holder ", i))
	}
	all[0].open(t, sid, "opened")
	r := race{saved: map[int64]string{1: "opened"}, found: map[int64]string{}}
	parallel(holders, func(i int) {
		for range rounds {
			if err := r.turn(t, all[i]); err != nil {
				t.Errorf("%q: %v", all[i].name, err)
				return
			}
		}
	})
	want := "opened"
	for turn := int64(2); turn <= holders*rounds+1; turn++ {
		if got, ok := r.found[turn]; !ok || got != want {
			t.Errorf("turn %d found %q, want %q", turn, got, want)
		}
		if s, ok := r.saved[turn]; ok {
			want = s
		}
	}
}

// race is what was found and saved in each turn; the last state, if several.
type race struct {
	mu           sync.Mutex
	found, saved map[int64]string
}

// turn takes a turn, and saves in it until it is lost, or three times.
func (r *race) turn(t *testing.T, in *instance) error {
	turn, state, err := in.Claim(t.Context(), sid, in.name, 0, 0, ttl)
	if err != nil {
		return err
	}
	r.mu.Lock()
	if other, ok := r.found[turn]; ok {
		t.Errorf("turn %d was given twice, with %q and %q", turn, other, state)
	}
	r.found[turn] = string(state)
	r.mu.Unlock()
	for n := range 3 {
		state := fmt.Sprint("turn ", turn, ", save ", n)
		err := in.Save(t.Context(), sid, turn, []byte(state), false, ttl)
		if errors.Is(err, store.ErrLostTurn) {
			return nil
		}
		if err != nil {
			return err
		}
		r.mu.Lock()
		r.saved[turn] = state
		r.mu.Unlock()
	}
	return nil
}

// modelSession is what a session must be.
type modelSession struct {
	turn    int64
	holder  string
	state   string
	ends    time.Time
	busy    time.Time
	waiting []string
}

// sessionWalk makes random calls on a store and on a model of it.
type sessionWalk struct {
	*env
	*rand.Rand
	all   []*instance
	model map[string]*modelSession
	moves map[string][]store.Move // what each holder must have heard
}

func testSessionModel(t *testing.T, e *env) {
	w := &sessionWalk{env: e, Rand: rand.New(rand.NewPCG(seed(t), 0)),
		model: map[string]*modelSession{}, moves: map[string][]store.Move{}}
	for i := range 4 {
		w.all = append(w.all, e.instance(t, fmt.Sprint("holder ", i)))
	}
	for i := range modelOps {
		in, sid := w.all[w.IntN(len(w.all))], fmt.Sprint("session ", w.IntN(3))
		what := w.step(t, in, sid)
		w.compare(t, sid)
		if i%10 == 9 {
			for _, in := range w.all {
				in.wantMoves(t, w.moves[in.name]...)
				delete(w.moves, in.name)
			}
		}
		if t.Failed() {
			t.Fatalf("at call %d: %s %s by %s", i, what, sid, in.name)
		}
	}
}

// step makes one call and returns what it was.
func (w *sessionWalk) step(t *testing.T, in *instance, sid string) string {
	ms := w.model[sid]
	if ms != nil && !ms.ends.After(w.clock.Now()) {
		delete(w.model, sid)
		ms = nil
	}
	lasts := []time.Duration{time.Millisecond, time.Second, 10 * time.Second, ttl}[w.IntN(4)]
	switch n := w.IntN(100); {
	case n < 10 || ms == nil && n < 40:
		return w.stepOpen(t, in, sid, lasts)
	case n < 55:
		return w.stepClaim(t, in, sid, lasts)
	case n < 80:
		return w.stepSave(t, in, sid, lasts)
	case n < 86:
		return w.stepEnd(t, in, sid)
	default:
		d := []time.Duration{time.Millisecond, time.Second, 9 * time.Second}[w.IntN(3)]
		w.clock.Add(d)
		return fmt.Sprint("clock ", d)
	}
}

// tell has holders hear of a session.
func (w *sessionWalk) tell(sid string, turn int64, holders ...string) {
	for _, h := range holders {
		w.moves[h] = append(w.moves[h], store.Move{SID: sid, Turn: turn})
	}
}

func (w *sessionWalk) stepOpen(t *testing.T, in *instance, sid string, ttl time.Duration) string {
	state := fmt.Sprint("opened ", w.IntN(100))
	err := in.Open(t.Context(), sid, in.name, []byte(state), ttl)
	if w.model[sid] != nil {
		wantErr(t, "Open", err, store.ErrConflict)
		return "open"
	}
	wantErr(t, "Open", err, nil)
	w.model[sid] = &modelSession{turn: 1, holder: in.name, state: state, ends: w.clock.Now().Add(ttl)}
	return "open"
}

func (w *sessionWalk) stepClaim(t *testing.T, in *instance, sid string, ttl time.Duration) string {
	ms, now := w.model[sid], w.clock.Now()
	busy := []time.Duration{0, 0, time.Second, 5 * time.Second}[w.IntN(4)]
	known := int64(w.IntN(3))
	if ms != nil && w.IntN(3) > 0 {
		known = ms.turn
	}
	turn, state, err := in.Claim(t.Context(), sid, in.name, known, busy, ttl)
	what := fmt.Sprintf("claim with %d, busy for %v: turn %d, %q, %v;", known, busy, turn, state, err)
	switch {
	case ms == nil:
		wantErr(t, "Claim", err, store.ErrNoSession)
		return what
	case ms.turn == known && ms.holder == in.name:
		if turn != known || state != nil || err != nil {
			t.Error("it has that turn")
		}
	case ms.busy.After(now):
		wantErr(t, "Claim", err, store.ErrBusy)
		if !slices.Contains(ms.waiting, in.name) {
			ms.waiting = append(ms.waiting, in.name)
		}
		return what
	default:
		if turn != ms.turn+1 || string(state) != ms.state || err != nil {
			t.Errorf("want turn %d, %q", ms.turn+1, ms.state)
		}
		w.moveTo(sid, in.name, busy == 0)
		ms.busy = now
	}
	if ms.ends = now.Add(ttl); busy > 0 {
		ms.busy = now.Add(busy)
	}
	return what
}

// moveTo gives holder the next turn.
func (w *sessionWalk) moveTo(sid, holder string, free bool) {
	ms := w.model[sid]
	ms.turn++
	told := []string{ms.holder}
	ms.waiting = slices.DeleteFunc(ms.waiting, func(h string) bool { return h == holder })
	if free {
		for _, h := range ms.waiting {
			if h != ms.holder {
				told = append(told, h)
			}
		}
		ms.waiting = nil
	}
	ms.holder = holder
	w.tell(sid, ms.turn, told...)
}

func (w *sessionWalk) stepSave(t *testing.T, in *instance, sid string, ttl time.Duration) string {
	ms := w.model[sid]
	turn, state, free := int64(1+w.IntN(3)), fmt.Sprint("saved ", w.IntN(100)), w.IntN(2) == 0
	if ms != nil && w.IntN(4) > 0 {
		turn = ms.turn
	}
	err := in.Save(t.Context(), sid, turn, []byte(state), free, ttl)
	switch {
	case ms == nil:
		wantErr(t, "Save", err, store.ErrNoSession)
	case ms.turn != turn:
		wantErr(t, "Save", err, store.ErrLostTurn)
	default:
		wantErr(t, "Save", err, nil)
		if ms.state, ms.ends = state, w.clock.Now().Add(ttl); free {
			ms.busy = time.Time{}
			w.tell(sid, turn, ms.waiting...)
			ms.waiting = nil
		}
	}
	return fmt.Sprintf("save in turn %d, free: %v, %v;", turn, free, err)
}

func (w *sessionWalk) stepEnd(t *testing.T, in *instance, sid string) string {
	ms := w.model[sid]
	turn := int64(1 + w.IntN(3))
	if ms != nil && w.IntN(2) > 0 {
		turn = ms.turn
	}
	err := in.End(t.Context(), sid, turn)
	if ms != nil && ms.turn != turn {
		wantErr(t, "End", err, store.ErrLostTurn)
	} else {
		wantErr(t, "End", err, nil)
	}
	if ms != nil && ms.turn == turn {
		w.tell(sid, turn+1, ms.waiting...)
		delete(w.model, sid)
	}
	return fmt.Sprintf("end in turn %d, %v;", turn, err)
}

// compare looks whether the session is there, in the right turn.
func (w *sessionWalk) compare(t *testing.T, sid string) {
	if ms := w.model[sid]; ms != nil && ms.ends.After(w.clock.Now()) {
		wantTurn(t, w, sid, ms.turn)
	} else {
		wantTurn(t, w, sid, 0)
	}
}
