package chat

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"maru/app/wire/event"
)

func others(event.Post) bool { return false }

func post(seq int64) event.Post {
	return event.Post{Username: "민준", Text: fmt.Sprint("글 ", seq), Seq: seq, ID: fmt.Sprint("id", seq), User: "u2", CreatedAt: seq}
}

// show writes a timeline as a line of text: 3 for a post, [1-2] for a gap, a
// letter for what else there is.
func show(t *Timeline) string {
	var b strings.Builder
	for _, it := range t.Items(0, t.Len()) {
		switch {
		case it.Kind == Gap:
			fmt.Fprintf(&b, "[%d-%d]", it.From, it.To)
		case it.Kind == Welcome:
			b.WriteString("w")
		case it.Kind == Reset:
			b.WriteString("R")
		case it.State == Pending:
			b.WriteString("?" + it.ID)
		case it.State == Failed:
			b.WriteString("!" + it.ID)
		default:
			fmt.Fprintf(&b, "%d", it.Seq)
		}
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

func page(done bool, seqs ...int64) event.Page {
	p := event.Page{Done: done}
	for _, s := range seqs {
		p.Posts = append(p.Posts, post(s))
		p.From = s
	}
	if done {
		p.From = 0
	}
	return p
}

func TestTimelineStory(t *testing.T) {
	var tl Timeline
	step := func(want string) {
		t.Helper()
		if got := show(&tl); got != want {
			t.Fatalf("timeline is %q, want %q", got, want)
		}
	}
	tl.Start(7, false)
	step("[1-7]")
	tl.Greet(event.Post{Kind: event.KindWelcome})
	step("[1-7] w")
	tl.Apply(post(8), false)
	tl.Apply(post(8), false)
	step("[1-7] w 8")
	tl.Page(page(false, 7, 5), 8, others) // 6 was a join
	step("[1-4] 5 7 w 8")
	tl.Apply(post(12), false)
	step("[1-4] 5 7 w 8 [9-11] 12")
	tl.Apply(post(10), false)
	step("[1-4] 5 7 w 8 [9-9] 10 [11-11] 12")
	tl.Page(page(false, 11, 10, 9, 8), 12, others)
	step("[1-4] 5 7 w 8 9 10 11 12")
	tl.Page(page(true, 3), 5, others)
	step("3 5 7 w 8 9 10 11 12")
	tl.Start(12, false)
	step("3 5 7 w 8 9 10 11 12")
	tl.Start(700, false)
	step("3 5 7 w 8 9 10 11 12 [13-700]")
	tl.Start(2, true)
	step("R [1-2]")
}

func TestTimelineOwnMessages(t *testing.T) {
	var tl Timeline
	tl.Start(0, false)
	tl.Write(Draft{ID: "a", Text: "하나", At: time.UnixMilli(1)}, "u1", "소이")
	tl.Write(Draft{ID: "b", Text: "둘", At: time.UnixMilli(2)}, "u1", "소이")
	key := tl.Items(0, 1)[0].Key
	tl.Apply(post(1), false)
	if got := show(&tl); got != "1 ?a ?b" {
		t.Fatalf("pending messages stand at the end: %q", got)
	}
	tl.Acked(event.Sent{ID: "a", Seq: 2, CreatedAt: 5})
	if got := show(&tl); got != "1 2 ?b" {
		t.Fatalf("an acknowledged message is no longer pending: %q", got)
	}
	mine := event.Post{ID: "a", User: "u1", Seq: 2, Text: "하나"}
	tl.Apply(mine, true)
	tl.Apply(mine, true)
	if got := show(&tl); got != "1 2 ?b" {
		t.Fatalf("its line takes its place once: %q", got)
	}
	if i := tl.Index(key); i != 1 {
		t.Errorf("the line has another key than when it was pending: index %d", i)
	}
	tl.Fail("b", event.Refuse(event.TextTooLong))
	if got := show(&tl); got != "1 2 !b" {
		t.Fatalf("a refused message is marked: %q", got)
	}
	tl.Fail("b", nil)
	tl.Apply(event.Post{ID: "b", User: "u1", Seq: 3}, true)
	tl.Acked(event.Sent{ID: "b", Seq: 3})
	if got := show(&tl); got != "1 2 3" {
		t.Fatalf("a line before its ack: %q", got)
	}
}

// A message that was stored, and whose line was missed, stands where it belongs.
func TestTimelineOwnMessageInGap(t *testing.T) {
	var tl Timeline
	tl.Start(1, false)
	tl.Write(Draft{ID: "a", Text: "하나", At: time.UnixMilli(1)}, "u1", "소이")
	key := tl.Items(1, 2)[0].Key
	tl.Acked(event.Sent{ID: "a", Seq: 3})
	if got := show(&tl); got != "[1-1] 3" {
		t.Fatalf("before it is overtaken: %q", got)
	}
	tl.Start(9, false)
	if got := show(&tl); got != "[1-2] 3 [4-9]" || tl.Index(key) != 1 {
		t.Fatalf("after it is overtaken: %q, at %d", got, tl.Index(key))
	}
	tl.Write(Draft{ID: "b", Text: "둘", At: time.UnixMilli(1)}, "u1", "소이")
	tl.Acked(event.Sent{ID: "b", Seq: 6})
	if got := show(&tl); got != "[1-2] 3 [4-5] 6 [7-9]" {
		t.Fatalf("an ack that comes late: %q", got)
	}
}

// One's own coming and going leaves neither a line nor a gap.
func TestTimelineOwnComing(t *testing.T) {
	var tl Timeline
	tl.Apply(post(1), false)
	tl.Apply(event.Post{Kind: event.KindLeave, User: "u1", Seq: 2}, true)
	tl.Apply(post(5), false)
	tl.Apply(event.Post{Kind: event.KindJoin, User: "u1", Seq: 3}, true)
	if got := show(&tl); got != "1 [4-4] 5" {
		t.Fatalf("timeline is %q", got)
	}
	tl.Apply(event.Post{Kind: event.KindJoin, User: "u2", Seq: 4}, false)
	if got := show(&tl); got != "1 4 5" {
		t.Fatalf("timeline is %q", got)
	}
}

// A stranger's message with the id of one's own must not confirm it.
func TestTimelineStrangersID(t *testing.T) {
	var tl Timeline
	tl.Write(Draft{ID: "a", Text: "하나", At: time.UnixMilli(1)}, "u1", "소이")
	tl.Apply(event.Post{ID: "a", User: "u2", Seq: 1}, false)
	if got := show(&tl); got != "1 ?a" {
		t.Fatalf("timeline is %q", got)
	}
}

// Whatever arrives in whatever order, however often: the timeline ends in the
// order of the log, with every post once, and is never without a gap where a
// line is missing.
func TestTimelineAnyInterleaving(t *testing.T) {
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := int64(1 + rng.IntN(60))
		var tl Timeline
		tl.Start(rng.Int64N(n+1), false)
		for range 200 {
			randomStep(rng, &tl, n)
			checkWhole(t, seed, &tl)
		}
		settle(&tl, n)
		var want []string
		for s := int64(1); s <= n; s++ {
			want = append(want, fmt.Sprint(s))
		}
		if got := show(&tl); got != strings.Join(want, " ") {
			t.Fatalf("seed %d: ends as %q", seed, got)
		}
	}
}

func randomStep(rng *rand.Rand, tl *Timeline, n int64) {
	switch rng.IntN(4) {
	case 0, 1:
		tl.Apply(post(1+rng.Int64N(n)), false)
	case 2:
		before := 1 + rng.Int64N(n+1)
		tl.Page(logPage(before, rng.IntN(10)), before, others)
	case 3:
		tl.Start(rng.Int64N(n+1), false)
	}
}

// logPage is what a server answers whose log is 1, 2, 3, …
func logPage(before int64, limit int) event.Page {
	var p event.Page
	for s := before - 1; s >= 1 && len(p.Posts) < limit; s-- {
		p.Posts = append(p.Posts, post(s))
		p.From = s
	}
	if p.Done = len(p.Posts) < limit; p.Done {
		p.From = 0
	}
	return p
}

func settle(tl *Timeline, n int64) {
	tl.Start(n, false)
	for {
		to, ok := tl.Oldest()
		if !ok {
			if _, to, ok = tl.Newest(); !ok {
				return
			}
		}
		tl.Page(logPage(to+1, 7), to+1, others)
	}
}

// checkWhole fails if a seq is neither there nor missing by name, or twice.
func checkWhole(t *testing.T, seed uint64, tl *Timeline) {
	t.Helper()
	next := int64(1)
	for i, it := range tl.Items(0, tl.Len()) {
		from, to := it.Seq, it.Seq
		if it.Kind == Gap {
			from, to = it.From, it.To
		}
		if from != next || to < from {
			t.Fatalf("seed %d: line %d is %d-%d, want it to start at %d: %s", seed, i, from, to, next, show(tl))
		}
		if tl.Index(it.Key) != i {
			t.Fatalf("seed %d: key %q is not found at %d", seed, it.Key, i)
		}
		next = to + 1
	}
	if next-1 != tl.Head() {
		t.Fatalf("seed %d: lines end at %d, head is %d", seed, next-1, tl.Head())
	}
}

func TestOutboxKeepsOrder(t *testing.T) {
	var o Outbox
	o.Add(Draft{ID: "a"})
	o.Add(Draft{ID: "b"})
	o.Add(Draft{ID: "c"})
	want := func(id string) {
		t.Helper()
		d, ok := o.Next()
		if d.ID != id || ok != (id != "") {
			t.Fatalf("next is %q, want %q", d.ID, id)
		}
	}
	want("a")
	want("") // one under way at a time
	o.Again("a")
	want("a") // again, before the others
	o.Refuse("a", event.Refuse(event.TextTooLong))
	want("b")
	o.Refuse("a", nil)
	o.Done("b")
	want("a") // wanted again: it is the oldest
	o.Done("a")
	want("c")
	o.Done("c")
	want("")
	if o.Len() != 0 {
		t.Errorf("%d drafts left", o.Len())
	}
}

func TestTimelineCountsWhatWasMissed(t *testing.T) {
	var l Timeline
	if l.Start(10, false); l.Missing() != 0 {
		t.Errorf("%d missing before anything was seen", l.Missing())
	}
	l.Apply(event.Post{Seq: 11, Username: "a"}, false)
	l.Apply(event.Post{Seq: 15, Username: "a"}, false)
	if l.Start(20, false); l.Missing() != 3+5 {
		t.Errorf("%d missing, want 8", l.Missing())
	}
	l.Apply(event.Post{Seq: 13, Username: "a"}, false)
	if l.Missing() != 7 {
		t.Errorf("%d missing, want 7", l.Missing())
	}
}
