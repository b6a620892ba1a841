package chat

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"maru/app/wire/event"
)

// A timeline that was trimmed ends where it did, knows how many messages went, and
// is the same again once they are loaded.
func TestTrimmedTimelineIsTheSameAgain(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 2))
		var tl, whole Timeline
		isPost := map[int64]bool{}
		both := func(f func(*Timeline)) { f(&tl); f(&whole) }
		posts, head := int64(0), int64(20)
		for seq := int64(1); seq <= head; seq++ {
			if isPost[seq] = rng.IntN(4) > 0; isPost[seq] {
				posts++
			}
		}
		both(func(tl *Timeline) { tl.Start(head, false); tl.Told(0, posts) }) // not loaded
		for seq := head + 1; seq <= 80+rng.Int64N(60); seq++ {
			isPost[seq] = rng.IntN(4) > 0
			if rng.IntN(30) == 0 {
				both(func(tl *Timeline) { tl.Greet(event.Post{Kind: event.KindWelcome}) })
			}
			both(func(tl *Timeline) { apply(tl, seq, isPost) })
		}
		both(func(tl *Timeline) { tl.Write(Draft{ID: "mine", Text: "x"}, "u1", "소이") })
		before, limit := show(&tl), 10+rng.IntN(30)
		tl.Trim(limit)
		after := show(&tl)
		if tl.Len() >= whole.Len() && len(whole.lines) > limit+5 {
			t.Fatalf("seed %d: trimmed to %d, %s is still there", seed, limit, after)
		}
		to, ok := tl.Oldest()
		if _, rest, _ := strings.Cut(after, " "); !ok || !strings.HasSuffix(before, rest) {
			t.Fatalf("seed %d: the end of %s has become %s", seed, before, after)
		}
		check(t, &tl, isPost)
		for ; ok && to > 0; to -= 7 { // by and by, from the newer end
			loadPart(&tl, max(to-6, 1), to, isPost)
			check(t, &tl, isPost)
		}
		both(func(tl *Timeline) { loadPart(tl, 1, tl.Head(), isPost) })
		if a, b := postsOf(&tl), postsOf(&whole); a != b {
			t.Fatalf("seed %d: %s is not %s", seed, a, b)
		}
	}
}

// postsOf lists the messages alone.
func postsOf(tl *Timeline) (s string) {
	for _, it := range tl.Items(0, tl.Len()) {
		if it.Kind == Post || it.Kind == Gap {
			s += fmt.Sprint(it.Kind, it.Seq, it.State, " ")
		}
	}
	return s
}
