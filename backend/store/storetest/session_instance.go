package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

// Sharer is a Harness of stores that several may have open at once.
type Sharer interface {
	// Share returns another Store on the data of s, with the same clock,
	// which is closed at the end of t. s stays open.
	Share(t *testing.T, s store.Store) store.Store
}

// instance is a holder that listens, with a Store of its own if there can be
// several on the same data.
type instance struct {
	store.Sessions
	name  string
	moves chan store.Move // but for the first, zero one
	end   chan error      // how Moves has ended
}

// instance begins an instance and returns when it misses nothing any more.
func (e *env) instance(t *testing.T, name string) *instance {
	t.Helper()
	var sessions store.Sessions = e.Store
	if h, ok := e.harness.(Sharer); ok {
		sessions = h.Share(t, e.Store)
	}
	return listen(t.Context(), t, sessions, name)
}

// listen begins an instance on a Store.
func listen(ctx context.Context, t *testing.T, s store.Sessions, name string) *instance {
	t.Helper()
	in := &instance{Sessions: s, name: name, moves: make(chan store.Move), end: make(chan error, 1)}
	done := make(chan struct{})
	t.Cleanup(func() { <-done })
	go func() {
		defer close(done)
		for m, err := range s.Moves(ctx, name) {
			if err != nil {
				in.end <- err
				return
			}
			select {
			case in.moves <- m:
			case <-t.Context().Done():
			}
		}
	}()
	select {
	case m := <-in.moves:
		if m != (store.Move{}) {
			t.Fatalf("Moves of %q begins with %+v", name, m)
		}
	case err := <-in.end:
		t.Fatalf("Moves of %q ends with %v", name, err)
	}
	return in
}

func (in *instance) open(t *testing.T, sid, state string) {
	t.Helper()
	if err := in.Open(t.Context(), sid, in.name, []byte(state), ttl); err != nil {
		t.Fatalf("%q opens %q: %v", in.name, sid, err)
	}
}

// claim claims sid without a turn and fails t unless that gives the turn and
// the state. The session is busy from then on if busy is above 0.
func (in *instance) claim(t *testing.T, sid string, busy time.Duration, wantTurn int64, wantState string) {
	t.Helper()
	turn, state, err := in.Claim(t.Context(), sid, in.name, 0, busy, ttl)
	if err != nil || turn != wantTurn || string(state) != wantState || state == nil {
		t.Fatalf("%q claims %q: turn %d, %.40q, %v, want turn %d, %.40q", in.name, sid, turn, state, err, wantTurn, wantState)
	}
}

// keep claims sid with the turn that it has.
func (in *instance) keep(t *testing.T, sid string, turn int64, busy time.Duration) {
	t.Helper()
	got, state, err := in.Claim(t.Context(), sid, in.name, turn, busy, ttl)
	if err != nil || got != turn || state != nil {
		t.Fatalf("%q claims %q, of which it has turn %d: turn %d, %q, %v", in.name, sid, turn, got, state, err)
	}
}

// refused fails t unless a Claim without a turn ends with want.
func (in *instance) refused(t *testing.T, sid string, want error) {
	t.Helper()
	turn, state, err := in.Claim(t.Context(), sid, in.name, 0, 0, ttl)
	if turn != 0 || state != nil {
		t.Errorf("a refused Claim gives turn %d, %q", turn, state)
	}
	wantErr(t, fmt.Sprintf("%q claims %q", in.name, sid), err, want)
}

func (in *instance) save(t *testing.T, sid string, turn int64, state string, free bool) {
	t.Helper()
	if err := in.Save(t.Context(), sid, turn, []byte(state), free, ttl); err != nil {
		t.Fatalf("%q saves %q in turn %d: %v", in.name, sid, turn, err)
	}
}

// wantMoves fails t unless want is all that the instance has heard since the
// last time. Moves of one session come in their order, those of several in any.
func (in *instance) wantMoves(t *testing.T, want ...store.Move) {
	t.Helper()
	// What is told now comes after all that a store should not have told.
	last := store.Move{SID: "the last of " + in.name, Turn: 2}
	in.open(t, last.SID, "")
	if _, _, err := in.Claim(t.Context(), last.SID, "nobody", 0, 0, ttl); err != nil {
		t.Fatal(err)
	}
	if err := in.End(t.Context(), last.SID, 2); err != nil {
		t.Fatal(err)
	}
	// On several nodes it may still come before some of it.
	var got []store.Move
	for heardLast, left := false, slices.Clone(want); !heardLast || len(left) > 0; {
		m := in.next(t)
		if m == last {
			heardLast = true
			continue
		}
		got = append(got, m)
		i := slices.Index(left, m)
		if i < 0 {
			break
		}
		left = slices.Delete(left, i, i+1)
	}
	bySession := func(a, b store.Move) int { return strings.Compare(a.SID, b.SID) }
	slices.SortStableFunc(got, bySession)
	slices.SortStableFunc(want, bySession)
	if !slices.Equal(got, want) {
		t.Errorf("%q has heard %v, want %v", in.name, got, want)
	}
}

// next is the next Move that says something.
func (in *instance) next(t *testing.T) store.Move {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case m := <-in.moves:
			if m != (store.Move{}) {
				return m
			}
		case err := <-in.end:
			t.Fatalf("Moves of %q has ended: %v", in.name, err)
		case <-late.C:
			t.Fatalf("%q hears nothing", in.name)
		}
	}
}

// wantTurn fails t unless sid has that turn; with 0 it must be gone.
func wantTurn(t *testing.T, s store.Sessions, sid string, want int64) {
	t.Helper()
	turns, err := s.Turns(t.Context(), sid)
	got, ok := turns[sid]
	if err != nil || got != want || ok != (want > 0) {
		t.Errorf("Turns(%q) = %v, %v, want %d", sid, turns, err, want)
	}
}
