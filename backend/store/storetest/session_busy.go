package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"maru/backend/store"
)

func testBusy(t *testing.T, e *env) {
	a, b, c := e.instance(t, "a"), e.instance(t, "b"), e.instance(t, "c")
	a.open(t, sid, "state")
	a.keep(t, sid, 1, time.Minute)
	for range 3 {
		b.refused(t, sid, store.ErrBusy)
	}
	c.refused(t, sid, store.ErrBusy)
	wantTurn(t, b, sid, 1)
	// Its holder goes on, and what it does without ending that is silent.
	a.keep(t, sid, 1, 0)
	a.save(t, sid, 1, "half", false)
	b.refused(t, sid, store.ErrBusy)
	for _, in := range []*instance{a, b, c} {
		in.wantMoves(t)
	}
	a.save(t, sid, 1, "done", true)
	for _, in := range []*instance{b, c} {
		in.wantMoves(t, store.Move{SID: sid, Turn: 1})
	}
	b.claim(t, sid, time.Minute, 2, "done")
	c.refused(t, sid, store.ErrBusy)
	b.save(t, sid, 2, "done again", true)
	c.wantMoves(t, store.Move{SID: sid, Turn: 2})
	// Who does not come has been told; it is told no more.
	a.claim(t, sid, time.Minute, 3, "done again")
	a.save(t, sid, 3, "", true)
	a.wantMoves(t, store.Move{SID: sid, Turn: 2})
	b.wantMoves(t, store.Move{SID: sid, Turn: 3})
	c.wantMoves(t)
}

func testBusyEnds(t *testing.T, e *env) {
	a, b, c := e.instance(t, "a"), e.instance(t, "b"), e.instance(t, "c")
	a.open(t, sid, "state")
	a.keep(t, sid, 1, time.Second)
	b.refused(t, sid, store.ErrBusy)
	c.refused(t, sid, store.ErrBusy)
	e.clock.Add(time.Second - time.Millisecond)
	b.refused(t, sid, store.ErrBusy)
	e.clock.Add(time.Millisecond)
	c.wantMoves(t)
	// Busy again, so c waits on; the one before may be slow, not gone.
	b.claim(t, sid, time.Second, 2, "state")
	wantErr(t, "Save", a.Save(t.Context(), sid, 1, []byte("late"), true, ttl), store.ErrLostTurn)
	c.wantMoves(t)
	c.refused(t, sid, store.ErrBusy)
	a.refused(t, sid, store.ErrBusy)
	b.refused(t, sid, store.ErrBusy) // by its name it has the turn, see testBusyStranger
	e.clock.Add(time.Second)
	// Whoever comes first without being busy lets the others in. Who loses the
	// turn by that hears of it once, even if it waited as well.
	a.claim(t, sid, 0, 3, "state")
	a.wantMoves(t, store.Move{SID: sid, Turn: 2})
	b.wantMoves(t, store.Move{SID: sid, Turn: 3})
	c.wantMoves(t, store.Move{SID: sid, Turn: 3})
	c.claim(t, sid, 0, 4, "state")
}

// testBusyAgain has each Claim with busy count from its own time.
func testBusyAgain(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	a.open(t, sid, "state")
	step := func(d time.Duration) {
		t.Helper()
		e.clock.Add(d - time.Millisecond)
		b.refused(t, sid, store.ErrBusy)
		e.clock.Add(time.Millisecond)
	}
	a.keep(t, sid, 1, 2*time.Second)
	step(time.Second)
	a.keep(t, sid, 1, 2*time.Second)
	step(2*time.Second - time.Millisecond)
	a.keep(t, sid, 1, 0)
	a.save(t, sid, 1, "state", false)
	step(time.Millisecond)
	a.keep(t, sid, 1, 5*time.Second)
	// Also if that is earlier.
	a.keep(t, sid, 1, time.Second)
	step(time.Second)
	b.claim(t, sid, 0, 2, "state")
	// Who comes without busy is not busy by what was before it.
	a.claim(t, sid, 0, 3, "state")
	a.keep(t, sid, 3, time.Second)
	a.save(t, sid, 3, "state", true)
	a.save(t, sid, 3, "state", true)
	b.claim(t, sid, 0, 4, "state")
}

// testBusyStranger has the holder come without its turn while it is busy: its
// name alone does not let it in.
func testBusyStranger(t *testing.T, e *env) {
	a := e.instance(t, "a")
	a.open(t, sid, "state")
	a.keep(t, sid, 1, time.Second)
	for _, known := range []int64{0, 2} {
		_, _, err := a.Claim(t.Context(), sid, "a", known, time.Minute, ttl)
		wantErr(t, fmt.Sprint("Claim with turn ", known), err, store.ErrBusy)
	}
	a.save(t, sid, 1, "done", true)
	a.wantMoves(t, store.Move{SID: sid, Turn: 1})
	a.claim(t, sid, 0, 2, "done")
}

func testBusyThenEnd(t *testing.T, e *env) {
	a, b, c := e.instance(t, "a"), e.instance(t, "b"), e.instance(t, "c")
	a.open(t, sid, "state")
	c.claim(t, sid, 0, 2, "state")
	a.claim(t, sid, time.Minute, 3, "state")
	b.refused(t, sid, store.ErrBusy)
	if err := a.End(t.Context(), sid, 3); err != nil {
		t.Error(err)
	}
	b.wantMoves(t, store.Move{SID: sid, Turn: 4})
	b.refused(t, sid, store.ErrNoSession)
	// Nobody waits for the next session of that name.
	b.open(t, sid, "new")
	b.keep(t, sid, 1, time.Minute)
	b.save(t, sid, 1, "new", true)
	a.wantMoves(t, store.Move{SID: sid, Turn: 2})
	b.wantMoves(t)
}

// testBusyCounter has many count in one session, each while it is busy. None
// moves the clock: who is not told waits for ever.
func testBusyCounter(t *testing.T, e *env) {
	const holders, rounds = 6, 15
	all := make([]*instance, holders)
	for i := range all {
		all[i] = e.instance(t, fmt.Sprint("holder ", i))
	}
	all[0].open(t, sid, "0")
	parallel(holders, func(i int) {
		for range rounds {
			if err := all[i].count(t); err != nil {
				t.Errorf("%q: %v", all[i].name, err)
				return
			}
		}
	})
	_, state, err := e.Claim(t.Context(), sid, "last", 0, 0, ttl)
	if err != nil || string(state) != strconv.Itoa(holders*rounds) {
		t.Errorf("counted to %q, %v, want %d", state, err, holders*rounds)
	}
}

// count adds one to the state.
func (in *instance) count(t *testing.T) error {
	for {
		turn, state, err := in.Claim(t.Context(), sid, in.name, 0, time.Minute, ttl)
		if errors.Is(err, store.ErrBusy) {
			select {
			case <-in.moves: // of this or of before: to try is always right
			case err := <-in.end:
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(state))
		if err != nil {
			return err
		}
		return in.Save(t.Context(), sid, turn, strconv.AppendInt(nil, int64(n+1), 10), true, ttl)
	}
}
