package storetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

var noteTests = map[string]func(*testing.T, *env){
	"Keep":           testNoteKeep,
	"Replace":        testNoteReplace,
	"Expires":        testNoteExpires,
	"Forget":         testNoteForget,
	"Reopen":         testNoteReopen,
	"Sweep":          testNoteSweep,
	"ClockSteps":     testNoteClockSteps,
	"Bounds":         testNoteBounds,
	"OddKeys":        testNoteOddKeys,
	"ValueIsCopied":  testNoteValueIsCopied,
	"ManyAtOnce":     testNoteManyAtOnce,
	"RandomSequence": testNoteRandomSequence,
}

func (e *env) note(t *testing.T, key, value string, ttl time.Duration) {
	t.Helper()
	if err := e.Note(t.Context(), key, []byte(value), ttl); err != nil {
		t.Fatalf("Note(%q, %d bytes, %v): %v", key, len(value), ttl, err)
	}
}

// wantNote fails t unless want is kept under key; "" means that nothing is.
func (e *env) wantNote(t *testing.T, key, want string) {
	t.Helper()
	got, err := e.Noted(t.Context(), key)
	if err != nil || string(got) != want || (got == nil) != (want == "") {
		t.Errorf("Noted(%q) at %v = %.40q, %v, want %.40q", key, e.clock.Now().Sub(start), got, err, want)
	}
}

func testNoteKeep(t *testing.T, e *env) {
	e.wantNote(t, "key", "")
	e.note(t, "key", "value\x00\xff", ttl)
	for range 2 {
		e.wantNote(t, "key", "value\x00\xff")
	}
	if pos := e.head(t, "key"); pos != (store.Pos{}) {
		t.Errorf("a note began the room %+v", pos)
	}
}

func testNoteReplace(t *testing.T, e *env) {
	e.note(t, "key", "first", ttl)
	e.clock.Add(time.Second)
	e.note(t, "key", "2nd", time.Hour)
	e.wantNote(t, "key", "2nd")
	e.clock.Add(ttl)
	e.wantNote(t, "key", "2nd")
	// The time is replaced as well, also by an earlier one.
	e.note(t, "key", "the third", time.Second)
	e.clock.Add(time.Second)
	e.wantNote(t, "key", "")
	e.note(t, "key", "after the end", time.Second)
	e.wantNote(t, "key", "after the end")
}

func testNoteExpires(t *testing.T, e *env) {
	for _, d := range []time.Duration{time.Millisecond, ttl, store.MaxNoteTTL} {
		e.note(t, "key", "value", d)
		e.clock.Add(d - time.Millisecond)
		e.wantNote(t, "key", "value")
		e.note(t, "later", "value", d)
		e.clock.Add(time.Millisecond)
		e.wantNote(t, "key", "")
		if d > time.Millisecond {
			e.wantNote(t, "later", "value")
		}
		e.clock.Add(d)
		e.wantNote(t, "key", "")
		e.wantNote(t, "later", "")
	}
}

func testNoteForget(t *testing.T, e *env) {
	e.note(t, "key", "value", ttl)
	e.note(t, "other", "value", ttl)
	for _, empty := range [][]byte{nil, {}} {
		if err := e.Note(t.Context(), "key", empty, 0); err != nil {
			t.Errorf("forgetting: %v", err)
		}
		e.wantNote(t, "key", "")
	}
	e.wantNote(t, "other", "value")
	e.note(t, "key", "again", ttl)
	e.note(t, "key", "", ttl)
	e.wantNote(t, "key", "")
}

func testNoteReopen(t *testing.T, e *env) {
	e.note(t, "key", "first", time.Hour)
	e.note(t, "key", "value", ttl)
	e.note(t, "forgotten", "value", ttl)
	e.note(t, "forgotten", "", ttl)
	e.clock.Add(ttl / 2)
	e.Store = e.harness.Reopen(t, e.Store)
	e.wantNote(t, "forgotten", "")
	e.clock.Add(ttl/2 - time.Millisecond)
	e.wantNote(t, "key", "value")
	e.clock.Add(time.Millisecond)
	e.wantNote(t, "key", "")
	e.Store = e.harness.Reopen(t, e.Store)
	e.wantNote(t, "key", "")
}

// testNoteSweep checks that a Sweep takes only what is over, of more notes than
// a store may want to drop at once, and tells of leases only.
func testNoteSweep(t *testing.T, e *env) {
	e.enter(t, room, member("a", "1"))
	parallel(700, func(i int) {
		if err := e.Note(t.Context(), fmt.Sprint("key", i), []byte("value"), ttl/2); err != nil {
			t.Errorf("Note: %v", err)
		}
	})
	e.note(t, "longer", "value", ttl/2+time.Millisecond)
	e.clock.Add(ttl / 2)
	if ended, next := e.sweep(t); ended != 0 || !next.Equal(start.Add(ttl)) {
		t.Errorf("Sweep = %d, %v, want 0, %v", ended, next, start.Add(ttl))
	}
	for i := 0; i < 700; i += 7 {
		e.wantNote(t, fmt.Sprint("key", i), "")
	}
	e.wantNote(t, "longer", "value")
	// What was swept does not come back with the time.
	e.clock.Add(-ttl / 2)
	e.wantNote(t, "key0", "")
	e.wantNote(t, "longer", "value")
	e.clock.Add(ttl)
	if ended, next := e.sweep(t); ended != 1 || !next.IsZero() {
		t.Errorf("Sweep = %d, %v, want 1 and no next", ended, next)
	}
}

func testNoteClockSteps(t *testing.T, e *env) {
	e.note(t, "key", "value", ttl)
	e.clock.Add(-time.Hour)
	e.note(t, "later", "value", ttl)
	e.wantNote(t, "key", "value")
	e.clock.Add(ttl)
	e.sweep(t)
	e.wantNote(t, "key", "value")
	e.wantNote(t, "later", "")
	e.clock.Add(time.Hour)
	e.wantNote(t, "key", "")
}

func testNoteBounds(t *testing.T, e *env) {
	longest, largest := strings.Repeat("k", store.MaxNoteKey), strings.Repeat("v", store.MaxNote)
	e.note(t, longest, largest, store.MaxNoteTTL)
	e.wantNote(t, longest, largest)
	for _, bad := range []struct {
		key, value string
		ttl        time.Duration
	}{
		{"", "value", ttl}, {"", "", ttl}, {longest + "k", "value", ttl}, {longest + "k", "", ttl},
		{longest, largest + "v", ttl}, {longest, "value", 0}, {longest, "value", -ttl},
		{longest, "value", time.Millisecond - 1}, {longest, "value", store.MaxNoteTTL + 1},
	} {
		err := e.Note(t.Context(), bad.key, []byte(bad.value), bad.ttl)
		wantErr(t, fmt.Sprintf("Note under %d bytes of %d bytes for %v", len(bad.key), len(bad.value), bad.ttl),
			err, store.ErrInvalid)
		if len(bad.key) != store.MaxNoteKey {
			_, err = e.Noted(t.Context(), bad.key)
			wantErr(t, fmt.Sprintf("Noted under %d bytes", len(bad.key)), err, store.ErrInvalid)
		}
	}
	e.wantNote(t, longest, largest)
}

// testNoteOddKeys keeps a value of its own under each of many keys that a store
// might take one for the other.
func testNoteOddKeys(t *testing.T, e *env) {
	keys := []string{
		"a", "A", "a ", " a", "aa", "a\x00", "a\x00b", "\x00", "\x00\x00", "\xff", "\xff\xff", "%", "_", "*", "?",
		"0", "00", "1", "1.0", "01", "1e0", "NULL", "x''", "'; DROP TABLE notes; --", "a:b", "a/b", "{a}", "\n",
		"한", "\u1112\u1161\u11ab", "é", "e\u0301", strings.Repeat("a", 199), strings.Repeat("a", 200), room,
	}
	for i, key := range keys {
		e.note(t, key, fmt.Sprint("value ", i), ttl)
	}
	for i, key := range keys {
		e.wantNote(t, key, fmt.Sprint("value ", i))
	}
	e.Store = e.harness.Reopen(t, e.Store)
	for i, key := range keys {
		e.wantNote(t, key, fmt.Sprint("value ", i))
		e.note(t, key, "", ttl)
		e.wantNote(t, key, "")
	}
}

func testNoteValueIsCopied(t *testing.T, e *env) {
	value := []byte("value")
	if err := e.Note(t.Context(), "key", value, ttl); err != nil {
		t.Fatal(err)
	}
	copy(value, "other")
	got, err := e.Noted(t.Context(), "key")
	if err != nil || string(got) != "value" {
		t.Fatalf("Noted = %q, %v", got, err)
	}
	copy(got, "other")
	e.wantNote(t, "key", "value")
}

// testNoteManyAtOnce has many write under one key and under their own; who has
// written reads what they wrote, and of the one key always a whole value.
func testNoteManyAtOnce(t *testing.T, e *env) {
	parallel(8, func(g int) {
		for i := range 15 {
			own := fmt.Sprint(g, "-", i)
			shared := bytes.Repeat([]byte{byte('a' + g)}, 1+g*700)
			for key, value := range map[string][]byte{fmt.Sprint("own", g): []byte(own), "shared": shared} {
				if err := e.Note(t.Context(), key, value, ttl); err != nil {
					t.Errorf("Note: %v", err)
				}
			}
			if got, err := e.Noted(t.Context(), fmt.Sprint("own", g)); err != nil || string(got) != own {
				t.Errorf("Noted after Note %q = %q, %v", own, got, err)
			}
			got, err := e.Noted(t.Context(), "shared")
			if err != nil || len(got) == 0 || len(got) != 1+int(got[0]-'a')*700 || bytes.Count(got, got[:1]) != len(got) {
				t.Errorf("Noted(shared) = %d bytes %.10q, %v", len(got), got, err)
			}
		}
	})
}

// testNoteRandomSequence compares the store with a map.
func testNoteRandomSequence(t *testing.T, e *env) {
	type kept struct {
		value string
		ends  time.Time
	}
	rnd := rand.New(rand.NewPCG(seed(t), 0))
	model := map[string]kept{}
	for i := range 150 {
		key := fmt.Sprint("key", rnd.IntN(8))
		switch rnd.IntN(20) {
		case 0:
			e.Store = e.harness.Reopen(t, e.Store)
		case 1, 2, 3:
			e.sweep(t)
		case 4, 5:
			e.note(t, key, "", ttl)
			delete(model, key)
		case 6, 7, 8, 9:
			e.clock.Add(time.Duration(rnd.IntN(4)) * time.Second)
		default:
			value, d := fmt.Sprint(i, strings.Repeat("v", rnd.IntN(3000))), time.Duration(1+rnd.IntN(10))*time.Second
			e.note(t, key, value, d)
			model[key] = kept{value, e.clock.Now().Add(d)}
		}
		for k := range 8 {
			key := fmt.Sprint("key", k)
			if note := model[key]; note.ends.After(e.clock.Now()) {
				e.wantNote(t, key, note.value)
			} else {
				e.wantNote(t, key, "")
			}
		}
	}
}
