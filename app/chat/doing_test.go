package chat

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"maru/app/wire/event"
)

// What was written before it is known who one is, after a reload, is of whom one is then.
func TestWrittenBeforeOneIsKnown(t *testing.T) {
	var tl Timeline
	tl.Write(Draft{ID: "a", Text: "먼저"}, "", "소이")
	rev := tl.Rev()
	tl.Me("u1")
	if it := tl.Items(0, 1)[0]; it.User != "u1" || it.State != Pending || tl.Rev() == rev {
		t.Errorf("%+v, rev %d after %d", it, tl.Rev(), rev)
	}
}

// What one has changed shows at once, as on its way, and the line stays what the
// log says.
func TestChangeOnItsWay(t *testing.T) {
	var tl Timeline
	tl.Me("u1")
	tl.Start(0, false)
	tl.Apply(post(1), false)
	tl.Change(react(2, 1, "u3", "👍", true))
	step := func(want string, changing bool) {
		t.Helper()
		it := tl.Items(0, 1)[0]
		if got := said(it); got != want || it.Changing != changing {
			t.Fatalf("the line is %q, changing %v; want %q, %v", got, it.Changing, want, changing)
		}
	}
	first := event.Change{Kind: event.KindEdit, ID: "a", Target: 1, Text: "먼저", CreatedAt: 10}
	second := event.Change{Kind: event.KindEdit, ID: "b", Target: 1, Text: "나중", CreatedAt: 20}
	liked := event.Change{Kind: event.KindReact, ID: "c", Target: 1, Emoji: "👍", CreatedAt: 30}
	gone := event.Change{Kind: event.KindDelete, ID: "d", Target: 1, CreatedAt: 40}
	tl.Do(second)
	step("1 나중 edited 20 👍u3", true)
	tl.Do(first) // of another tab: it was made before
	tl.Do(first)
	step("1 나중 edited 20 👍u3", true)
	tl.Do(liked)
	step("1 나중 edited 20 👍u1+u3", true)
	tl.Do(gone)
	step(`1 deleted ""[]`, true)
	if lines, _, _ := tl.keepable("방", 0, 9); len(lines) > 0 {
		t.Errorf("kept as if the log had it: %v", lines)
	}
	tl.Undo("d") // refused
	step("1 나중 edited 20 👍u1+u3", true)
	first.Seq, first.CreatedAt = 3, 3
	tl.Made(first)
	step("1 나중 edited 20 👍u1+u3", true)
	tl.Change(edit(3, 1, "먼저"))
	tl.Undo("b")
	step("1 먼저 edited 3 👍u1+u3", true)
	stranger := react(4, 1, "u4", "👍", false)
	stranger.ID = "c"
	tl.Change(stranger)
	step("1 먼저 edited 3 👍u1+u3", true)
	mine := react(5, 1, "u1", "👍", true)
	mine.ID = "c"
	tl.Change(mine)
	step("1 먼저 edited 3 👍u1+u3", false)
	tl.Do(gone)
	tl.Start(1, true)
	tl.Apply(post(1), false)
	if it := tl.Items(1, 2); len(it) != 1 || it[0].Seq != 1 || it[0].Changing || it[0].Deleted {
		t.Errorf("a change of a log that is gone is shown: %+v", it)
	}
}

// doer is a person whose changes are in a server's log, and who makes them in
// whatever order things happen: done here, acknowledged, heard of; or refused.
type doer struct {
	server  *server
	mine    []event.Change // of the log
	refused int
}

func newDoer(s *server) *doer {
	d := &doer{server: s}
	for i, e := range s.events {
		if c, ok := e.(event.Change); ok && (c.User == "u0" || c.Emoji == "") {
			c.ID, c.User = fmt.Sprint("mine", i), "u0"
			s.events[i] = c
			d.mine = append(d.mine, c)
		}
	}
	return d
}

func (d *doer) step(rng *rand.Rand, tl *Timeline) {
	if len(d.mine) == 0 {
		return
	}
	c := d.mine[rng.IntN(len(d.mine))]
	here := c
	here.Seq, here.CreatedAt = 0, 1000+c.Seq
	switch rng.IntN(4) {
	case 0:
		tl.Do(here)
	case 1:
		tl.Made(c)
	case 2:
		d.refused++
		here.ID = fmt.Sprint("refused", d.refused)
		tl.Do(here)
		if rng.IntN(2) == 0 {
			tl.Undo(here.ID)
		}
	case 3:
		tl.Undo(c.ID) // another tab had it, and has sent it
	}
}

// settle ends all that is on its way: each is made or refused.
func (d *doer) settle(rng *rand.Rand, tl *Timeline) {
	for _, i := range rng.Perm(len(d.mine)) {
		tl.Made(d.mine[i])
	}
	for i := range d.refused {
		tl.Undo(fmt.Sprint("refused", i+1))
	}
}

// Whatever order one's own changes, their answers, lines and pages come in: what
// is on its way shows as such, no line changes its place, and the lines end as the
// log says.
func TestOwnChangesAnyInterleaving(t *testing.T) {
	shown := 0
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 3))
		n := int64(1 + rng.IntN(60))
		s := newServer(rng, int(n))
		d := newDoer(s)
		var tl Timeline
		tl.Me("u0")
		tl.Start(rng.Int64N(n+1), false)
		for range rng.IntN(200) {
			switch rng.IntN(3) {
			case 0:
				s.tell(&tl, 1+rng.Int64N(n))
			case 1:
				before := 1 + rng.Int64N(tl.Head()+1)
				tl.Page(s.page(before, 1+rng.IntN(9), before-1+rng.Int64N(n-before+2)), before, others)
			default:
				d.step(rng, &tl)
			}
			shown += checkDoing(t, seed, &tl)
		}
		tl.Start(n, false)
		for _, to := range gaps(&tl) {
			tl.Page(s.page(to+1, int(n), n), to+1, others)
		}
		d.settle(rng, &tl)
		if got, want := all(&tl), s.all(n); !slices.Equal(got, want) {
			t.Fatalf("seed %d ends as\n%q\nwant\n%q", seed, got, want)
		}
	}
	if shown < 1000 {
		t.Errorf("only %d times a change on its way was shown", shown)
	}
}

// checkDoing fails if the lines are out of order, or what is on its way does not
// show. It counts the lines that show it.
func checkDoing(t *testing.T, seed uint64, tl *Timeline) (shown int) {
	t.Helper()
	last := map[int64]event.Change{}
	for _, a := range tl.doing {
		if a.Kind == event.KindEdit || a.Kind == event.KindDelete {
			last[a.Target] = a
		}
	}
	items := tl.Items(0, tl.Len())
	for i, it := range items {
		if i > 0 && items[i-1].place > it.place {
			t.Fatalf("seed %d: line %d stands before line %d", seed, items[i-1].place, it.place)
		}
		a, ok := last[it.Seq]
		if !ok || it.Kind != Post {
			continue
		}
		shown++
		if a.Kind == event.KindEdit && !it.Deleted && it.Text != a.Text || a.Kind == event.KindDelete && !it.Deleted {
			t.Fatalf("seed %d: line %d is %q, and %+v is on its way", seed, it.Seq, said(it), a)
		}
	}
	return shown
}

// all is what the log says of each message.
func (s *server) all(n int64) (want []string) {
	for seq := int64(1); seq <= n; seq++ {
		if _, ok := s.events[seq-1].(event.Post); ok {
			want = append(want, said(newItem(s.post(seq, n))))
		}
	}
	return want
}

func all(tl *Timeline) (got []string) {
	for _, it := range tl.Items(0, tl.Len()) {
		got = append(got, said(it))
	}
	return got
}
