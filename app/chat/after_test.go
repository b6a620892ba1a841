package chat

import (
	"testing"

	"maru/app/wire/event"
)

// After finds what is behind a place, whether its line is there, missing or none.
func TestTimelineAfter(t *testing.T) {
	var l Timeline
	l.Start(2, false)
	l.Apply(post(3), false)
	l.Change(event.Change{Kind: event.KindEdit, Seq: 4, Target: 3, User: "u2", Text: "고침", CreatedAt: 9})
	l.Apply(post(5), false)
	l.Apply(post(9), false)
	l.Write(Draft{ID: "a", Text: "하나", At: l.lines[0].At}, "u1", "소이")
	if got := show(&l); got != "[1-2] 3 5 [6-8] 9 ?a" {
		t.Fatalf("timeline is %q", got)
	}
	for seq, want := range map[int64]int{0: 0, 1: 0, 2: 1, 3: 2, 4: 2, 5: 3, 7: 3, 8: 4, 9: 5, 99: 5} {
		if got := l.After(seq); got != want {
			t.Errorf("after %d: line %d, want %d", seq, got, want)
		}
	}
}

// Fills changes with all but what is new at the end.
func TestTimelineFills(t *testing.T) {
	var l Timeline
	l.Start(0, false)
	step := func(what string, changes bool, do func()) {
		t.Helper()
		before := l.Fills()
		if do(); (l.Fills() != before) != changes {
			t.Errorf("%s: %d has become %d", what, before, l.Fills())
		}
	}
	step("a new line", false, func() { l.Apply(post(1), false) })
	step("a line beyond a gap", false, func() { l.Apply(post(5), false) })
	step("a message of one's own", false, func() { l.Write(Draft{ID: "a", Text: "하나", At: l.lines[0].At}, "u1", "소이") })
	step("a line in a gap", true, func() { l.Apply(post(3), false) })
	step("an edit", false, func() {
		l.Change(event.Change{Kind: event.KindEdit, Seq: 6, Target: 5, User: "u2", Text: "고침", CreatedAt: 9})
	})
	step("a deletion", true, func() { l.Change(event.Change{Kind: event.KindDelete, Seq: 7, Target: 5, User: "u2"}) })
	step("another log", true, func() { l.Start(1, true) })
}
