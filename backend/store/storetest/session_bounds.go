package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

// testSessionStates saves states of all kinds.
func testSessionStates(t *testing.T, e *env) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	a, b := e.instance(t, "a"), e.instance(t, "b")
	turn := int64(1)
	for i, state := range []string{"", "\x00", "\xff\xfe", "\r\n", "nil", "{}", "한", string(all), strings.Repeat(string(all), store.MaxSession/256)} {
		name := fmt.Sprint("opened with ", i)
		if a.open(t, name, state); i == 0 {
			a.open(t, sid, state)
		}
		for range 2 {
			b.claim(t, name, 0, 2, state)
			if err := b.End(t.Context(), name, 2); err != nil {
				t.Error(err)
			}
			a.open(t, name, state)
		}
		a.save(t, sid, turn, state, false)
		turn++
		a.claim(t, sid, 0, turn, state)
	}
}

func testSessionStateIsCopied(t *testing.T, e *env) {
	given := []byte("opened")
	if err := e.Open(t.Context(), sid, "a", given, ttl); err != nil {
		t.Fatal(err)
	}
	wantAlways := func(turn int64, want string) {
		t.Helper()
		copy(given, "other!")
		for i := range int64(2) {
			got, state, err := e.Claim(t.Context(), sid, "a", 0, 0, ttl)
			if err != nil || got != turn+i || string(state) != want {
				t.Errorf("turn %d, %q, %v, want turn %d, %q", got, state, err, turn+i, want)
			}
			copy(state, "other!")
		}
	}
	wantAlways(2, "opened")
	copy(given, "saved!")
	if err := e.Save(t.Context(), sid, 3, given, false, ttl); err != nil {
		t.Error(err)
	}
	wantAlways(4, "saved!")
}

// testSessionOddNames has sessions and holders that a store might take one for
// the other.
func testSessionOddNames(t *testing.T, e *env) {
	names := []string{
		"a", "A", "a ", " a", "aa", "a\x00", "a\x00b", "\x00", "\xff", "*", "?", "[a]", "0", "00", "1e0", "nil",
		"{a}", "{", "}", "}{", "{}", "a:b", "a/b", "a b", "\n", "\r\n", "한", "\u1112\u1161\u11ab", "'; DROP", "%s",
		longest[1:], longest,
	}
	all := make([]*instance, len(names))
	for i, name := range names {
		all[i] = listen(t.Context(), t, e, name)
		all[i].open(t, name, "state of "+name)
	}
	next := func(i int) *instance { return all[(i+1)%len(all)] }
	for i, name := range names {
		next(i).claim(t, name, time.Minute, 2, "state of "+name)
		all[i].refused(t, name, store.ErrBusy)
	}
	for i, name := range names {
		next(i).save(t, name, 2, "new state of "+name, true)
		m := store.Move{SID: name, Turn: 2}
		for range 2 {
			if got := all[i].next(t); got != m {
				t.Errorf("%q hears %+v, want %+v", name, got, m)
			}
		}
	}
	turns, err := e.Turns(t.Context(), names...)
	for i, name := range names {
		if err != nil || turns[name] != 2 {
			t.Errorf("Turns(%q) = %d, %v", name, turns[name], err)
		}
		all[i].claim(t, name, 0, 3, "new state of "+name)
	}
}

func testSessionLimits(t *testing.T, e *env) {
	largest := bytes.Repeat([]byte("x"), store.MaxSession)
	ok := func(what string, err error) {
		if err != nil {
			t.Errorf("%s at the limits: %v", what, err)
		}
	}
	ok("Open", e.Open(t.Context(), longest, longest, largest, store.MaxTTL))
	_, _, err := e.Claim(t.Context(), longest, longest, 1, store.MaxTTL, store.MaxTTL)
	ok("Claim", err)
	ok("Save", e.Save(t.Context(), longest, 1, largest, true, time.Millisecond))
	for _, name := range []string{"", longest + "x"} {
		refuseNames(t, e, name)
	}
	for _, d := range []time.Duration{0, -1, time.Millisecond - 1, store.MaxTTL + 1} {
		refuseTimes(t, e, d)
	}
	_, _, err = e.Claim(t.Context(), longest, longest, -1, 0, ttl)
	wantErr(t, "Claim, known", err, store.ErrInvalid)
	for _, turn := range []int64{0, -1} {
		wantErr(t, "Save, turn", e.Save(t.Context(), longest, turn, nil, true, ttl), store.ErrInvalid)
		wantErr(t, "End, turn", e.End(t.Context(), longest, turn), store.ErrInvalid)
	}
	wantErr(t, "Open, state", e.Open(t.Context(), "other", "a", append(largest, 'x'), ttl), store.ErrInvalid)
	wantErr(t, "Save, state", e.Save(t.Context(), longest, 1, append(largest, 'x'), true, ttl), store.ErrInvalid)
	wantTurn(t, e, longest, 1)
	wantTurn(t, e, "other", 0)
}

// longest is the longest name that a session and a holder can have.
var longest = strings.Repeat("s", min(store.MaxSID, store.MaxHolder))

// refuseNames fails t unless a name is invalid for sessions and holders.
func refuseNames(t *testing.T, e *env, name string) {
	t.Helper()
	wantErr(t, "Open, sid", e.Open(t.Context(), name, "a", nil, ttl), store.ErrInvalid)
	_, _, err := e.Claim(t.Context(), name, "a", 1, 0, ttl)
	wantErr(t, "Claim, sid", err, store.ErrInvalid)
	wantErr(t, "Save, sid", e.Save(t.Context(), name, 1, nil, true, ttl), store.ErrInvalid)
	wantErr(t, "End, sid", e.End(t.Context(), name, 1), store.ErrInvalid)
	_, err = e.Turns(t.Context(), longest, name)
	wantErr(t, "Turns, sid", err, store.ErrInvalid)
	wantErr(t, "Open, holder", e.Open(t.Context(), "other", name, nil, ttl), store.ErrInvalid)
	_, _, err = e.Claim(t.Context(), longest, name, 1, 0, ttl)
	wantErr(t, "Claim, holder", err, store.ErrInvalid)
}

// refuseTimes fails t unless no session can last for d, or be busy for it.
func refuseTimes(t *testing.T, e *env, d time.Duration) {
	t.Helper()
	wantErr(t, "Open, ttl", e.Open(t.Context(), "other", "a", nil, d), store.ErrInvalid)
	_, _, err := e.Claim(t.Context(), longest, longest, 1, 0, d)
	wantErr(t, "Claim, ttl", err, store.ErrInvalid)
	wantErr(t, "Save, ttl", e.Save(t.Context(), longest, 1, nil, true, d), store.ErrInvalid)
	if d != 0 {
		_, _, err = e.Claim(t.Context(), longest, longest, 1, d, ttl)
		wantErr(t, "Claim, busy", err, store.ErrInvalid)
	}
}
