package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

func testSessionExpires(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	for _, d := range []time.Duration{time.Millisecond, ttl, store.MaxTTL} {
		if err := a.Open(t.Context(), sid, "a", []byte("state"), d); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.Claim(t.Context(), sid, "a", 1, store.MaxTTL, d); err != nil {
			t.Fatal(err)
		}
		e.clock.Add(d - time.Millisecond)
		wantTurn(t, a, sid, 1)
		b.refused(t, sid, store.ErrBusy)
		e.clock.Add(time.Millisecond)
		b.wantGone(t, sid)
		a.wantGone(t, sid)
	}
	// Who waited for it when it ended is not told, and nobody waits for the next.
	a.open(t, sid, "new")
	a.keep(t, sid, 1, time.Minute)
	a.save(t, sid, 1, "new", true)
	a.wantMoves(t)
	b.wantMoves(t)
}

// wantGone fails t unless all calls say that the session is gone.
func (in *instance) wantGone(t *testing.T, sid string) {
	t.Helper()
	wantTurn(t, in, sid, 0)
	in.refused(t, sid, store.ErrNoSession)
	for turn := range int64(3) {
		_, _, err := in.Claim(t.Context(), sid, in.name, turn, time.Second, ttl)
		wantErr(t, "Claim", err, store.ErrNoSession)
		wantErr(t, "Save", in.Save(t.Context(), sid, turn+1, nil, true, ttl), store.ErrNoSession)
		if err := in.End(t.Context(), sid, turn+1); err != nil {
			t.Errorf("End of what is gone: %v", err)
		}
	}
	wantTurn(t, in, sid, 0)
}

// testSessionLivesOn finds out which calls have a session live on: those that
// succeed for who has its turn or gets it, and not those that are refused.
func testSessionLivesOn(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	almost := func() {
		t.Helper()
		e.clock.Add(ttl - time.Millisecond)
		wantTurn(t, a, sid, 1)
	}
	a.open(t, sid, "state")
	almost()
	a.keep(t, sid, 1, 0)
	almost()
	a.save(t, sid, 1, "state", false)
	almost()
	a.keep(t, sid, 1, time.Hour)
	almost()
	b.refused(t, sid, store.ErrBusy)
	wantErr(t, "Save", b.Save(t.Context(), sid, 2, nil, true, ttl), store.ErrLostTurn)
	wantErr(t, "End", b.End(t.Context(), sid, 2), store.ErrLostTurn)
	wantErr(t, "Open", b.Open(t.Context(), sid, "b", nil, ttl), store.ErrConflict)
	e.clock.Add(time.Millisecond)
	a.wantGone(t, sid)
	a.open(t, sid, "state")
	e.clock.Add(ttl - time.Millisecond)
	b.claim(t, sid, 0, 2, "state")
	e.clock.Add(ttl - time.Millisecond)
	wantTurn(t, a, sid, 2)
	// The time is replaced, also by an earlier one.
	if err := b.Save(t.Context(), sid, 2, nil, false, time.Second); err != nil {
		t.Error(err)
	}
	e.clock.Add(time.Second)
	b.wantGone(t, sid)
	a.open(t, sid, "state")
	if _, _, err := b.Claim(t.Context(), sid, "b", 0, 0, time.Second); err != nil {
		t.Error(err)
	}
	e.clock.Add(time.Second)
	b.wantGone(t, sid)
}

// testSessionDiscreet checks that no error tells the id of a session.
func testSessionDiscreet(t *testing.T, e *env) {
	const secret = "secret-id"
	long := strings.Repeat(secret, store.MaxSID)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	all := func(ctx context.Context, sid string, turn int64, d time.Duration) (errs []error) {
		_, _, claimed := e.Claim(ctx, sid, "b", turn, 0, d)
		_, turns := e.Turns(ctx, sid)
		return append(errs, e.Open(ctx, sid, "b", nil, d), claimed, e.Save(ctx, sid, turn, nil, false, d), e.End(ctx, sid, turn), turns)
	}
	errs := all(t.Context(), long, 1, ttl)
	errs = append(errs, all(t.Context(), secret, -1, ttl)[1:4]...)
	errs = append(errs, all(t.Context(), secret, 1, -ttl)[:3]...)
	errs = append(errs, all(t.Context(), secret, 1, ttl)[1:2]...) // the others open it and end it
	if err := e.Open(t.Context(), secret, "a", nil, ttl); err != nil {
		t.Fatal(err)
	}
	_, _, claimed := e.Claim(t.Context(), secret, "a", 1, time.Minute, ttl)
	wantErr(t, "Claim", claimed, nil)
	errs = append(errs, all(t.Context(), secret, 5, ttl)[:4]...)
	errs = append(errs, all(cancelled, secret, 1, ttl)...)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	errs = append(errs, all(t.Context(), secret, 1, ttl)...)
	for i, err := range errs {
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("error %d: %v", i, err)
		}
	}
}

// testMovesBegin has something happen as soon as Moves has begun, again and
// again: it is never missed.
func testMovesBegin(t *testing.T, e *env) {
	for i := range int64(30) {
		name := fmt.Sprint("holder ", i)
		if i == 0 {
			if err := e.Open(t.Context(), sid, name, nil, ttl); err != nil {
				t.Fatal(err)
			}
		} else if _, _, err := e.Claim(t.Context(), sid, name, 0, 0, ttl); err != nil {
			t.Fatal(err)
		}
		for m, err := range e.Moves(t.Context(), name) {
			if err != nil {
				t.Fatal(err)
			}
			if m != (store.Move{}) {
				if m != (store.Move{SID: sid, Turn: 2*i + 2}) {
					t.Errorf("%q hears %+v", name, m)
				}
				break
			}
			if _, _, err := e.Claim(t.Context(), sid, "other", 0, 0, ttl); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// testMovesMany has so much happen that a holder which reads nothing may miss
// some of it. Then it is told that.
func testMovesMany(t *testing.T, e *env) {
	const turns = 1600
	a := e.instance(t, "a")
	a.open(t, sid, "state")
	parallel(8, func(i int) {
		for range turns / 8 {
			if _, _, err := e.Claim(t.Context(), sid, "a", 0, 0, ttl); err != nil {
				t.Errorf("Claim: %v", err)
				return
			}
		}
	})
	missed, last := false, int64(1)
	for last < turns+1 {
		m := <-a.moves
		switch {
		case m == (store.Move{}):
			missed = true
		case m.SID != sid || m.Turn <= last || m.Turn > last+1 && !missed:
			t.Fatalf("%+v after turn %d, missed: %v", m, last, missed)
		default:
			last, missed = m.Turn, false
		}
	}
}

func testMovesEnd(t *testing.T, e *env) {
	ctx, cancel := context.WithCancel(t.Context())
	in := listen(ctx, t, e, "a")
	other := listen(t.Context(), t, e, "other")
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()
	cancel()
	wantErr(t, "Moves", <-in.end, context.Canceled)
	for _, err := range e.Moves(late, "a") {
		wantErr(t, "Moves", err, context.DeadlineExceeded)
	}
	// Who stops hears no more, and what it would have heard does no harm.
	other.open(t, sid, "state")
	for range e.Moves(t.Context(), "other") {
		break
	}
	other.claim(t, sid, 0, 2, "state")
	other.wantMoves(t, store.Move{SID: sid, Turn: 2})
	for range 2 {
		again := listen(t.Context(), t, e, "a")
		again.open(t, sid+again.name, "state")
		other.claim(t, sid+again.name, 0, 2, "state")
		if m := again.next(t); m != (store.Move{SID: sid + "a", Turn: 2}) {
			t.Errorf("after it came back, it hears %+v", m)
		}
		if err := e.End(t.Context(), sid+"a", 2); err != nil {
			t.Error(err)
		}
	}
}

func testMovesClose(t *testing.T, e *env) {
	a, b := listen(t.Context(), t, e, "a"), listen(t.Context(), t, e, "b")
	if err := e.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	for _, in := range []*instance{a, b} {
		wantErr(t, "Moves", <-in.end, store.ErrUnavailable)
	}
}

func testMovesInvalid(t *testing.T, e *env) {
	for _, name := range []string{"", strings.Repeat("h", store.MaxHolder+1)} {
		n := 0
		for m, err := range e.Moves(t.Context(), name) {
			wantErr(t, "Moves", err, store.ErrInvalid)
			if n++; m != (store.Move{}) || n > 1 {
				t.Errorf("Moves yields %+v, the %d.", m, n)
			}
		}
		if n != 1 {
			t.Errorf("Moves yields %d times", n)
		}
	}
}
