package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

var markTests = map[string]func(*testing.T, *env){
	"Forward":    testMarkForward,
	"Apart":      testMarkApart,
	"Expires":    testMarkExpires,
	"Reopen":     testMarkReopen,
	"Trim":       testMarkTrim,
	"ManyAtOnce": testMarkManyAtOnce,
	"Bounds":     testMarkBounds,
}

// mark sets a mark, which must be at want then.
func (e *env) mark(t *testing.T, room, user string, seq, want int64) {
	t.Helper()
	if got, err := e.Mark(t.Context(), room, user, seq); err != nil || got != want {
		t.Errorf("Mark(%q, %q, %d) = %d, %v, want %d", room, user, seq, got, err, want)
	}
	e.wantMark(t, room, user, want)
}

func (e *env) wantMark(t *testing.T, room, user string, want int64) {
	t.Helper()
	if got, err := e.Marked(t.Context(), room, user); err != nil || got != want {
		t.Errorf("Marked(%q, %q) = %d, %v, want %d", room, user, got, err, want)
	}
}

func testMarkForward(t *testing.T, e *env) {
	e.mark(t, room, "a", 1, 0) // the room has not begun
	if pos := e.head(t, room); pos != (store.Pos{}) {
		t.Errorf("a mark began the room: %+v", pos)
	}
	e.say(t, room, "b", 5)
	e.wantMark(t, room, "a", 0)
	e.mark(t, room, "a", 3, 3)
	e.mark(t, room, "a", 2, 3)
	e.mark(t, room, "a", 0, 3)
	e.mark(t, room, "a", 4, 4)
	e.mark(t, room, "a", 1<<40, 5)
	e.append(t, room, message("b", "more", "x"))
	e.wantMark(t, room, "a", 5)
	if pos := e.head(t, room); pos.Seq != 6 {
		t.Errorf("marks are in the log: head %+v", pos)
	}
}

func testMarkApart(t *testing.T, e *env) {
	for _, r := range []string{room, "other", "a\x00b"} {
		e.say(t, r, "b", 5)
	}
	e.mark(t, room, "a", 3, 3)
	e.mark(t, room, "A", 2, 2)
	e.mark(t, "other", "a", 4, 4)
	e.mark(t, "a\x00b", "c", 1, 1)
	e.wantMark(t, "a", "b\x00c", 0)
	e.wantMark(t, room, "a", 3)
	e.wantMark(t, room, "b", 0)
}

func testMarkExpires(t *testing.T, e *env) {
	e.say(t, room, "b", 5)
	e.mark(t, room, "a", 3, 3)
	e.clock.Add(store.MarkTTL / 2)
	e.mark(t, room, "a", 1, 3) // counts from here
	e.mark(t, room, "c", 5, 5)
	e.clock.Add(store.MarkTTL - time.Millisecond)
	e.wantMark(t, room, "a", 3)
	e.clock.Add(time.Millisecond)
	e.wantMark(t, room, "a", 0)
	e.mark(t, room, "a", 2, 2) // of what is over nothing is left
	e.sweep(t)
	e.wantMark(t, room, "a", 2)
	e.wantMark(t, room, "c", 0)
}

func testMarkReopen(t *testing.T, e *env) {
	e.say(t, room, "b", 5)
	e.mark(t, room, "a", 3, 3)
	e.Store = e.harness.Reopen(t, e.Store)
	e.wantMark(t, room, "a", 3)
}

// testMarkTrim checks that a mark stays although the log before it is gone.
func testMarkTrim(t *testing.T, e *env) {
	e.say(t, room, "b", 5)
	e.mark(t, room, "a", 3, 3)
	if err := e.Trim(t.Context(), room, store.Retention{Count: 1}); err != nil {
		t.Fatal(err)
	}
	e.wantMark(t, room, "a", 3)
	e.mark(t, room, "a", 5, 5)
}

func testMarkManyAtOnce(t *testing.T, e *env) {
	const n = 64
	e.say(t, room, "b", n)
	parallel(n, func(i int) {
		at, err := e.Mark(t.Context(), room, "a", int64(i+1))
		if err != nil || at < int64(i+1) || at > n {
			t.Errorf("Mark(%d) = %d, %v", i+1, at, err)
		}
	})
	e.wantMark(t, room, "a", n)
}

func testMarkBounds(t *testing.T, e *env) {
	e.say(t, room, "b", 1)
	for what, mark := range map[string]struct {
		room, user string
		seq        int64
	}{
		"no room":    {"", "a", 1},
		"no user":    {room, "", 1},
		"long user":  {room, strings.Repeat("u", store.MaxAuthor+1), 1},
		"before all": {room, "a", -1},
	} {
		_, err := e.Mark(t.Context(), mark.room, mark.user, mark.seq)
		wantErr(t, what, err, store.ErrInvalid)
	}
	_, err := e.Marked(t.Context(), room, "")
	wantErr(t, "nobody's mark", err, store.ErrInvalid)
	e.mark(t, room, strings.Repeat("u", store.MaxAuthor), 1, 1)
	e.mark(t, room, fmt.Sprint("\xff\x00", "odd"), 1, 1)
}
