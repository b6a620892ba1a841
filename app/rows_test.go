package app

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"maru/app/chat"
)

var noon = time.Date(2024, 7, 10, 12, 0, 0, 0, time.UTC)

func utc(t time.Time) time.Time { return t.UTC() }

func seoul(t time.Time) time.Time { return t.In(time.FixedZone("", 9*3600)) }

// said, came and went make items a number of minutes after noon.
func said(name string, minute int) chat.Item {
	return chat.Item{Kind: chat.Post, User: "u-" + name, Name: name, Text: "…", At: noon.Add(time.Duration(minute) * time.Minute)}
}

func came(name string, minute int) chat.Item {
	it := said(name, minute)
	it.Kind = chat.Came
	return it
}

func went(name string, minute int) chat.Item {
	it := said(name, minute)
	it.Kind = chat.Went
	return it
}

// build makes the rows of items from skip on, the first of which has the index
// base.
func build(items []chat.Item, base, skip int, local clock) []row {
	return buildRows(visible(items, base, ""), base+skip, base+len(items), "", local)
}

// draw writes rows as one word each: P and p are a group's first and the rest.
func draw(rows []row) string {
	var words []string
	for _, r := range rows {
		word := map[rowKind]string{rowPost: "p", rowDay: "day", rowNotice: "n", rowFold: "fold", rowWelcome: "w",
			rowGap: "gap", rowOlder: "older", rowReset: "reset", rowUnread: "unread"}[r.kind]
		if r.head {
			word = "P"
		}
		if r.kind == rowFold {
			word += strconv.Itoa(r.came) + "-" + strconv.Itoa(r.went)
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestRows(t *testing.T) {
	gap, reset, welcome := chat.Item{Kind: chat.Gap}, chat.Item{Kind: chat.Reset}, chat.Item{Kind: chat.Welcome, Key: "w0", At: noon}
	own := said("a", 2)
	own.Own, own.User = true, ""
	confirmed := said("a", 3)
	confirmed.Own = true
	tests := []struct {
		name  string
		items []chat.Item
		want  string
	}{
		{"nothing", nil, ""},
		{"a group", []chat.Item{said("a", 0), said("a", 1), said("a", 5)}, "day P p p"},
		{"five minutes end it", []chat.Item{said("a", 0), said("a", 5)}, "day P P"},
		{"another author ends it", []chat.Item{said("a", 0), said("b", 0), said("a", 1)}, "day P P P"},
		{"a notice ends it", []chat.Item{said("a", 0), came("b", 0), said("a", 1)}, "day P n P"},
		{"a reply ends it", []chat.Item{said("a", 0), answers("a", 1, 1), said("a", 2), answers("a", 3, 1)}, "day P P p P"},
		{"a day ends it", []chat.Item{said("a", 719), said("a", 720)}, "day P day P"},
		{"one's own before and after it is confirmed", []chat.Item{confirmed, own}, "day P p"},
		{"the same name is not the same person", []chat.Item{said("a", 0), own}, "day P P"},
		{"three notices stay", []chat.Item{came("a", 0), came("b", 0), went("a", 0)}, "day n n n"},
		{"a reload is no news", []chat.Item{said("a", 0), went("b", 0), said("a", 0), came("b", 0), said("a", 1)}, "day P p p"},
		{"nor are two", []chat.Item{came("b", 0), went("b", 0), came("b", 0), went("b", 0), came("b", 0)}, "day n"},
		{"being away is", []chat.Item{said("a", 0), went("b", 0), came("b", 1)}, "day P n n"},
		{"another one is not back", []chat.Item{went("b", 0), came("c", 0)}, "day n n"},
		{"a welcome below lines", []chat.Item{said("a", 0), welcome, said("a", 1)}, "day P p"},
		{"a welcome below older lines", []chat.Item{gap, welcome, said("a", 1)}, "older day P"},
		{"a welcome below notices", []chat.Item{came("b", 0), welcome, said("a", 1)}, "day n w day P"},
		{"four fold", []chat.Item{came("a", 0), came("b", 0), went("a", 0), came("a", 1), said("b", 1)}, "day fold2-1 P"},
		{"a day ends a run", []chat.Item{came("a", 719), came("b", 719), came("c", 719), came("d", 719), went("a", 720)}, "day fold4-0 day n"},
		{"older lines and gaps", []chat.Item{gap, said("a", 0), gap, said("a", 0)}, "older day P gap day P"},
		{"a lost log", []chat.Item{said("a", 0), reset, said("a", 1)}, "day P reset day P"},
		{"a greeting has no day", []chat.Item{welcome, said("a", 0)}, "w day P"},
	}
	for _, test := range tests {
		if got := draw(build(test.items, 0, 0, utc)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestDaysFollowTheZone(t *testing.T) {
	items := []chat.Item{said("a", 0), said("a", 200)}
	if got := draw(build(items, 0, 0, seoul)); got != "day P day P" {
		t.Errorf("over midnight in Seoul: %q", got)
	}
}

func TestRowsOfAWindow(t *testing.T) {
	items := []chat.Item{said("a", 0), said("a", 1), came("b", 1), came("c", 1), came("d", 1), came("e", 1), said("a", 2)}
	rows := build(items, 40, 1, utc)
	if got, want := draw(rows), "p fold4-0 P"; got != want {
		t.Fatalf("%q, want %q", got, want)
	}
	shown := make([]*row, len(rows))
	for i := range rows {
		shown[i] = &rows[i]
	}
	for index, want := range map[int]int{40: -1, 41: 0, 42: 1, 45: 1, 46: 2, 47: -1} {
		if got := rowOf(shown, index); got != want {
			t.Errorf("row of item %d: %d, want %d", index, got, want)
		}
	}
}

func TestRunsAreWhole(t *testing.T) {
	items := []chat.Item{said("a", 0), came("b", 0), came("c", 0), said("a", 1), went("b", 2), went("c", 2), said("a", 3)}
	tests := []struct {
		lo, hi, wantLo, wantHi int
		crossed                bool
	}{
		{0, 7, 0, 7, false}, {1, 4, 1, 4, false}, {2, 5, 1, 6, true}, {2, 2, 1, 3, true}, {3, 4, 3, 4, false}, {5, 7, 4, 7, true},
	}
	for _, test := range tests {
		lo, hi := wholeRuns(items, test.lo, test.hi)
		if lo != test.wantLo || hi != test.wantHi || crossed(items, test.lo, test.hi) != test.crossed {
			t.Errorf("%d to %d: %d to %d, crossed: %v", test.lo, test.hi, lo, hi, crossed(items, test.lo, test.hi))
		}
	}
	if lo, hi := wholeRuns(nil, 0, 0); lo != 0 || hi != 0 {
		t.Errorf("of nothing: %d to %d", lo, hi)
	}
}

func TestTailMovesInSteps(t *testing.T) {
	var s span
	moves := 0
	for n := range 5000 {
		next := s.tail(n)
		if next.hi != n || next.hi-next.lo > tailMax || next.hi-next.lo < min(n, tailMin) {
			t.Fatalf("n=%d: %+v", n, next)
		}
		if next.lo != s.lo {
			moves++
		}
		s = next
	}
	if limit := 5000/(tailMax-tailMin) + 1; moves > limit {
		t.Errorf("moved %d times, want at most %d", moves, limit)
	}
	if got := (span{4900, 5000}).tail(10); got != (span{0, 10}) {
		t.Errorf("after items were lost: %+v", got)
	}
}

func TestAround(t *testing.T) {
	tests := []struct {
		name        string
		s           span
		first, last int
		n           int
		want        span
	}{
		{"stays while there is enough", span{100, 200}, 140, 160, 5000, span{100, 200}},
		{"moves up", span{100, 200}, 110, 130, 5000, span{65, 176}},
		{"moves down", span{100, 200}, 170, 190, 5000, span{125, 236}},
		{"stays at the top", span{0, 90}, 3, 20, 5000, span{0, 90}},
		{"stays at the bottom", span{4900, 5000}, 4980, 4999, 5000, span{4900, 5000}},
		{"jumps", span{0, 90}, 2500, 2520, 5000, span{2455, 2566}},
		{"items were lost", span{4900, 5000}, 4950, 4970, 30, span{0, 30}},
		{"nothing there", span{0, 0}, 0, 0, 0, span{0, 0}},
		{"too many", span{0, 5000}, 2500, 2520, 5000, span{2455, 2566}},
	}
	for _, test := range tests {
		if got := test.s.around(test.first, test.last, test.n); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
	if got := (span{10, 20}).moved(100, 115); got != (span{110, 115}) {
		t.Errorf("moved: %+v", got)
	}
	if got := (span{10, 20}).moved(-30, 115); got != (span{0, 0}) {
		t.Errorf("moved up: %+v", got)
	}
}

func TestFirstVisible(t *testing.T) {
	bottoms := []int{10, 20, 30, 40}
	for y, want := range map[int]int{-5: 0, 0: 0, 10: 1, 15: 1, 39: 3, 40: 3, 99: 3} {
		if got := firstVisible(4, y, func(i int) int { return bottoms[i] }); got != want {
			t.Errorf("y=%d: %d, want %d", y, got, want)
		}
	}
	if got := firstVisible(0, 0, nil); got != 0 {
		t.Errorf("of nothing: %d", got)
	}
}

func TestTheFirstWelcomeStays(t *testing.T) {
	s, _ := newTestState(newFakeChat())
	items := []chat.Item{said("a", 0), {Kind: chat.Welcome, Key: "w1"}, said("a", 1), {Kind: chat.Welcome, Key: "w2"}}
	if got := draw(buildRows(visible(items, 0, s.greeting("방", items)), 0, len(items), "", utc)); got != "day P w day P" {
		t.Errorf("the first entry: %q", got)
	}
	s.keep.setName("소이")
	s.keep.setRooms([]membership{{"방", "소이"}})
	s.restore()
	if got := draw(buildRows(visible(items, 0, s.greeting("방", items)), 0, len(items), "", utc)); got != "day P p" {
		t.Errorf("after a reload: %q", got)
	}
}
