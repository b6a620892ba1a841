package storetest

import (
	"fmt"
	"testing"
	"time"

	"maru/backend/store"
)

var sessionTests = map[string]func(*testing.T, *env){
	"Open":          testSessionOpen,
	"ClaimOwn":      testSessionClaimOwn,
	"ClaimOther":    testSessionClaimOther,
	"ClaimAnew":     testSessionClaimAnew,
	"LostTurn":      testSessionLostTurn,
	"End":           testSessionEnd,
	"States":        testSessionStates,
	"StateIsCopied": testSessionStateIsCopied,
	"Expires":       testSessionExpires,
	"LivesOn":       testSessionLivesOn,
	"Turns":         testSessionTurns,
	"OddNames":      testSessionOddNames,
	"Limits":        testSessionLimits,
	"Discreet":      testSessionDiscreet,

	"Busy":         testBusy,
	"BusyEnds":     testBusyEnds,
	"BusyAgain":    testBusyAgain,
	"BusyStranger": testBusyStranger,
	"BusyThenEnd":  testBusyThenEnd,
	"BusyCounter":  testBusyCounter,

	"MovesBegin":   testMovesBegin,
	"MovesMany":    testMovesMany,
	"MovesEnd":     testMovesEnd,
	"MovesClose":   testMovesClose,
	"MovesInvalid": testMovesInvalid,
	"Race":         testSessionRace,

	"Model1": testSessionModel, "Model2": testSessionModel, "Model3": testSessionModel,
}

// sid is the session of most tests.
const sid = "the-session-id"

func testSessionOpen(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	wantTurn(t, a, sid, 0)
	b.refused(t, sid, store.ErrNoSession)
	a.open(t, sid, "state")
	wantTurn(t, b, sid, 1)
	for _, in := range []*instance{a, b} {
		for _, state := range []string{"state", "other"} {
			wantErr(t, "Open again", in.Open(t.Context(), sid, in.name, []byte(state), ttl), store.ErrConflict)
		}
	}
	b.open(t, "other", "state of the other")
	b.claim(t, sid, 0, 2, "state")
	a.claim(t, "other", 0, 2, "state of the other")
	// Whatever turn it is in, the id is in use.
	wantErr(t, "Open again", a.Open(t.Context(), sid, a.name, nil, ttl), store.ErrConflict)
	e.clock.Add(ttl)
	b.open(t, sid, "new")
	a.claim(t, sid, 0, 2, "new")
	if err := a.End(t.Context(), sid, 2); err != nil {
		t.Error(err)
	}
	b.open(t, sid, "newer")
	a.claim(t, sid, 0, 2, "newer")
}

func testSessionClaimOwn(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	a.open(t, sid, "state")
	a.keep(t, sid, 1, 0)
	a.save(t, sid, 1, "more", false)
	a.keep(t, sid, 1, 0)
	b.claim(t, sid, 0, 2, "more")
	b.keep(t, sid, 2, 0)
	b.wantMoves(t)
	a.wantMoves(t, store.Move{SID: sid, Turn: 2})
}

func testSessionClaimOther(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	a.open(t, sid, "0")
	var of [2][]store.Move
	for i := range int64(20) {
		in, state := a, fmt.Sprint(i)
		if i%2 == 0 {
			in = b
		}
		in.claim(t, sid, 0, i+2, state)
		of[i%2] = append(of[i%2], store.Move{SID: sid, Turn: i + 2})
		in.save(t, sid, i+2, fmt.Sprint(i, " before it is free"), false)
		in.save(t, sid, i+2, fmt.Sprint(i+1), true)
		wantTurn(t, e, sid, i+2)
	}
	a.wantMoves(t, of[0]...)
	b.wantMoves(t, of[1]...)
}

// testSessionClaimAnew claims with a turn that somebody else has, or that is
// over: known alone does not say who somebody is, and neither does the name.
func testSessionClaimAnew(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	a.open(t, sid, "state")
	turn := int64(1)
	for _, c := range []struct {
		in    *instance
		known int64
	}{{b, 1}, {b, 1}, {b, 0}, {b, 5}, {b, 1<<63 - 1}, {a, 6}, {a, 1}} {
		got, state, err := c.in.Claim(t.Context(), sid, c.in.name, c.known, 0, ttl)
		if turn++; err != nil || got != turn || string(state) != "state" {
			t.Fatalf("%q claims with %d: turn %d, %q, %v, want turn %d", c.in.name, c.known, got, state, err, turn)
		}
	}
	a.wantMoves(t, store.Move{SID: sid, Turn: 2}, store.Move{SID: sid, Turn: 8})
	b.wantMoves(t, store.Move{SID: sid, Turn: 3}, store.Move{SID: sid, Turn: 4}, store.Move{SID: sid, Turn: 5},
		store.Move{SID: sid, Turn: 6}, store.Move{SID: sid, Turn: 7})
}

func testSessionLostTurn(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	a.open(t, sid, "state")
	b.claim(t, sid, time.Second, 2, "state")
	for _, turn := range []int64{1, 3, 1<<53 + 2, 1<<63 - 1} {
		for _, free := range []bool{true, false} {
			wantErr(t, "Save", a.Save(t.Context(), sid, turn, []byte("lost"), free, ttl), store.ErrLostTurn)
		}
		wantErr(t, "End", a.End(t.Context(), sid, turn), store.ErrLostTurn)
	}
	a.refused(t, sid, store.ErrBusy)
	a.wantMoves(t, store.Move{SID: sid, Turn: 2})
	b.save(t, sid, 2, "saved", true)
	a.claim(t, sid, 0, 3, "saved")
	b.wantMoves(t, store.Move{SID: sid, Turn: 3})
}

func testSessionEnd(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	a.open(t, sid, "state")
	a.open(t, "other", "state")
	b.claim(t, sid, time.Minute, 2, "state")
	for range 2 {
		// Also if it is busy, and whoever has learnt its turn.
		if err := a.End(t.Context(), sid, 2); err != nil {
			t.Errorf("End: %v", err)
		}
	}
	wantTurn(t, a, sid, 0)
	for _, turn := range []int64{1, 2, 3} {
		wantErr(t, "Save", b.Save(t.Context(), sid, turn, nil, false, ttl), store.ErrNoSession)
		if err := b.End(t.Context(), sid, turn); err != nil {
			t.Errorf("End of what is gone: %v", err)
		}
	}
	_, _, err := b.Claim(t.Context(), sid, "b", 2, 0, ttl)
	wantErr(t, "Claim", err, store.ErrNoSession)
	b.wantMoves(t)
	a.keep(t, "other", 1, 0)
}

func testSessionTurns(t *testing.T, e *env) {
	a, b := e.instance(t, "a"), e.instance(t, "b")
	var sids []string
	want := map[string]int64{}
	for i := range 700 {
		sid := fmt.Sprint("session ", i)
		sids = append(sids, sid)
		if i%3 == 0 {
			continue
		}
		a.open(t, sid, "state")
		if want[sid] = 1; i%7 == 0 {
			b.claim(t, sid, 0, 2, "state")
			want[sid] = 2
		}
	}
	for _, n := range []int{0, 1, 20, len(sids)} {
		got, err := b.Turns(t.Context(), sids[:n]...)
		if err != nil || got == nil {
			t.Errorf("Turns of %d: %v, %v", n, got, err)
		}
		known := 0
		for _, sid := range sids[:n] {
			if _, ok := want[sid]; ok {
				known++
			}
			if got[sid] != want[sid] {
				t.Errorf("Turns of %d says %d of %q, want %d", n, got[sid], sid, want[sid])
			}
		}
		if len(got) != known {
			t.Errorf("Turns of %d has %d, want %d", n, len(got), known)
		}
	}
	if got, err := a.Turns(t.Context(), sids[1], sids[1]); err != nil || len(got) != 1 {
		t.Errorf("Turns of one twice: %v, %v", got, err)
	}
}
