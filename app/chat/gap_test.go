package chat

import (
	"math/rand/v2"
	"testing"

	"maru/app/wire/event"
)

// However the gaps are filled, they say how many messages are missing: of lines
// that are no messages there are none, as soon as it was told.
func TestGapsSayHowManyMessages(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var tl Timeline
		tl.Start(0, false)
		isPost := map[int64]bool{}
		write := func(n int64) (posts int64) {
			for range n {
				seq := int64(len(isPost)) + 1
				if isPost[seq] = rng.IntN(3) > 0; isPost[seq] {
					posts++
				}
			}
			return posts
		}
		missed := func() {
			after, n := tl.Head(), rng.Int64N(60)+1
			posts := write(n)
			tl.Start(after+n, false)
			tl.Told(after, posts)
		}
		write(1)
		tl.Apply(event.Post{Seq: 1, ID: "1", Text: "x", Username: "a"}, false)
		isPost[1] = true
		missed()
		for range rng.IntN(40) {
			switch rng.IntN(12) {
			case 0:
				missed()
			case 1: // a live line
				write(1)
				apply(&tl, tl.Head()+1, isPost)
			default:
				from := rng.Int64N(tl.Head()) + 1
				loadPart(&tl, from, min(from+rng.Int64N(9), tl.Head()), isPost)
			}
			check(t, &tl, isPost)
		}
		loadPart(&tl, 1, tl.Head(), isPost)
		check(t, &tl, isPost)
		if len(tl.told) > 0 {
			t.Fatalf("seed %d: nothing is missing, and %v is still kept", seed, tl.told)
		}
	}
}

func apply(tl *Timeline, seq int64, isPost map[int64]bool) {
	p := post(seq)
	if !isPost[seq] {
		p = event.Post{Seq: seq, Username: event.Admin, Kind: event.KindJoin, Name: "하늘"}
	}
	tl.Apply(p, false)
}

// loadPart takes a page of history, which has posts alone.
func loadPart(tl *Timeline, from, to int64, isPost map[int64]bool) {
	p := event.Page{From: from, Head: tl.Head()}
	for seq := from; seq <= to; seq++ {
		if isPost[seq] {
			p.Posts = append(p.Posts, post(seq))
		}
	}
	tl.Page(p, to+1, others)
}

func check(t *testing.T, tl *Timeline, isPost map[int64]bool) {
	t.Helper()
	said, real := int64(0), int64(0)
	for _, it := range tl.Items(0, tl.Len()) {
		if it.Kind != Gap {
			continue
		}
		said += it.Posts
		if it.Posts < 0 || it.Posts > it.To-it.From+1 {
			t.Fatalf("the gap %d-%d says %d", it.From, it.To, it.Posts)
		}
		for seq := it.From; seq <= it.To; seq++ {
			if isPost[seq] {
				real++
			}
		}
	}
	if said != real {
		t.Fatalf("%d messages are missing, the gaps say %d: %s", real, said, show(tl))
	}
}
