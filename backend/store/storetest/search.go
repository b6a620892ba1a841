package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"maru/backend/store"
)

var findTests = map[string]func(*testing.T, *env){
	"Words":  testFindWords,
	"Rooms":  testFindRooms,
	"Pages":  testFindPages,
	"Bounds": testFindBounds,
	"Random": testFindRandom,
}

// find looks for text and returns the seqs of what is found.
func (e *env) find(t *testing.T, room, text string, before int64, n int) []int64 {
	t.Helper()
	posts, err := e.Find(t.Context(), room, text, before, n)
	if err != nil {
		t.Fatalf("Find(%q, %q): %v", room, text, err)
	}
	var seqs []int64
	for _, p := range posts {
		seqs = append(seqs, p.Seq)
		want := e.post(t, room, p.Seq)
		if !sameEvent(p.Event, want.Event) || !p.EditedAt.Equal(want.EditedAt) || !sameReacts(p.Reacts, want.Reacts) || p.Deleted {
			t.Errorf("Find(%q) has %+v, which is %+v", text, p, want)
		}
	}
	return seqs
}

func (e *env) finds(t *testing.T, text string, want ...int64) {
	t.Helper()
	if got := e.find(t, room, text, 0, 10); !slices.Equal(got, want) {
		t.Errorf("Find(%q) = %v, want %v", text, got, want)
	}
}

func testFindWords(t *testing.T, e *env) {
	for i, text := range []string{"주간 회의", "회의실 예약", "Straße 12", "소이\x00안녕하세요", "하나"} {
		e.append(t, room, message("a", fmt.Sprint(i), text))
	}
	e.finds(t, "회의", 2, 1)
	e.finds(t, "회으", 2, 1)
	e.finds(t, "의실", 2)
	e.finds(t, "회", 2, 1)
	e.finds(t, "예약 회의", 2)
	e.finds(t, "STRASSE", 3)
	e.finds(t, "녕하세", 4)
	e.finds(t, "소이")
	e.finds(t, "한", 5)
	e.finds(t, "없는말")
	e.finds(t, " ")
	e.append(t, room, change(store.Edit, "a", "e", 1, "월간 보고"))
	e.append(t, room, change(store.React, "a", "r", 2, "👍"))
	e.finds(t, "회의", 2)
	e.finds(t, "월간", 1)
	e.append(t, room, change(store.Edit, "a", "e2", 1, "연간 보고"))
	e.finds(t, "월간")
	e.finds(t, "연간", 1)
	e.append(t, room, change(store.Delete, "a", "d", 1, ""))
	e.finds(t, "연간")
	e.Store = e.harness.Reopen(t, e.Store)
	e.finds(t, "회의", 2)
	e.finds(t, "연간")
	if err := e.Trim(t.Context(), room, store.Retention{Count: 6}); err != nil {
		t.Fatal(err)
	}
	e.finds(t, "회의")
	e.finds(t, "안녕", 4)
}

func testFindRooms(t *testing.T, e *env) {
	for i := range 12 {
		e.append(t, fmt.Sprint("room", i), message("a", "m", fmt.Sprint("room", i, " 회의")))
	}
	for i := range 12 {
		if got := e.find(t, fmt.Sprint("room", i), "회의", 0, 10); !slices.Equal(got, []int64{1}) {
			t.Errorf("in room %d: %v", i, got)
		}
	}
	if got := e.find(t, "room1", "room2", 0, 10); len(got) > 0 {
		t.Errorf("another room's message: %v", got)
	}
	if got := e.find(t, "no room", "회의", 0, 10); len(got) > 0 {
		t.Errorf("in a room that has not begun: %v", got)
	}
}

func testFindPages(t *testing.T, e *env) {
	var want []int64
	for i := range 40 {
		text := "회의"
		if i%3 == 0 {
			text = "잡담"
		}
		if ev := e.append(t, room, message("a", fmt.Sprint(i), text)); i%3 != 0 {
			want = append(want, ev.Seq)
		}
	}
	slices.Reverse(want)
	for _, n := range []int{1, 2, 7, 100} {
		var got []int64
		var before int64
		for {
			page := e.find(t, room, "회의", before, n)
			got = append(got, page...)
			if len(page) < n {
				break
			}
			before = page[n-1]
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %v, want %v", n, got, want)
		}
	}
	if got := e.find(t, room, "회의", 6, 10); !slices.Equal(got, []int64{5, 3, 2}) {
		t.Errorf("before 6: %v", got)
	}
	if got := e.find(t, room, "회의", 1, 10); len(got) > 0 {
		t.Errorf("before the first: %v", got)
	}
}

func testFindBounds(t *testing.T, e *env) {
	for what, q := range map[string]struct {
		room, text string
		n          int
	}{
		"no room":    {"", "x", 1},
		"none":       {room, "x", 0},
		"too many":   {room, "x", store.MaxPage + 1},
		"long":       {room, strings.Repeat("x", store.MaxQuery+1), 1},
		"many words": {room, strings.Repeat("x ", store.MaxWords+1), 1},
	} {
		_, err := e.Find(t.Context(), q.room, q.text, 0, q.n)
		wantErr(t, what, err, store.ErrInvalid)
	}
	long := strings.Repeat("가나다라 ", store.MaxBody/16)
	e.append(t, room, message("a", "1", long))
	e.append(t, room, message("a", "2", "\" OR NOT * room1 \xff\x00\x00{}"))
	e.finds(t, "라", 1)
	for _, odd := range []string{`"`, `*`, "NOT OR", "\xff", "found MATCH", "room1"} {
		e.find(t, room, odd, 0, 10)
	}
	e.finds(t, "{}", 2)
}

// testFindRandom compares what is found with what is there, whatever is said,
// changed, erased and trimmed.
func testFindRandom(t *testing.T, e *env) {
	rnd := rand.New(rand.NewPCG(seed(t), 0))
	words := []string{"회", "회의", "회의실", "회화", "하나", "한글", "닭", "달", "Go", "go", "ㅋ", "👍"}
	say := func() string {
		s := ""
		for range rnd.IntN(4) {
			s += words[rnd.IntN(len(words))] + []string{"", " ", "\x00"}[rnd.IntN(3)]
		}
		return s
	}
	m := newModel()
	for i := range 200 {
		d := message("a", fmt.Sprint(i), say())
		switch target := max(m.head()-rnd.Int64N(9), 0); {
		case rnd.IntN(4) == 0 && m.isPost(target):
			d = change(store.Edit, "a", fmt.Sprint(i), target, say())
		case rnd.IntN(9) == 0 && m.isPost(target):
			d = change(store.Delete, "a", fmt.Sprint(i), target, "")
		case rnd.IntN(30) == 0:
			keep := store.Retention{Count: int64(20 + rnd.IntN(50))}
			m.trim(keep, e.clock.Now())
			if err := e.Trim(t.Context(), room, keep); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := m.append(d, e.clock.Now()); err != nil {
			t.Fatal(err)
		}
		e.append(t, room, d)
		text := words[rnd.IntN(len(words))]
		if rnd.IntN(2) == 0 {
			text += []string{"", " "}[rnd.IntN(2)] + words[rnd.IntN(len(words))]
		}
		q, err := store.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		var want []int64
		for _, p := range m.posts() {
			if !p.Deleted && q.Matches(p.Body) && len(want) < 10 {
				want = append(want, p.Seq)
			}
		}
		if e.finds(t, text, want...); t.Failed() {
			t.Fatalf("after %d events", i)
		}
	}
}
