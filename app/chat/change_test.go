package chat

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"maru/app/wire/event"
)

func edit(seq, target int64, text string) event.Change {
	return event.Change{Kind: event.KindEdit, Seq: seq, Target: target, Text: text, CreatedAt: seq, User: "u2"}
}

func react(seq, target int64, user, emoji string, on bool) event.Change {
	c := event.Change{Kind: event.KindUnreact, Seq: seq, Target: target, User: user, Emoji: emoji, CreatedAt: seq}
	if on {
		c.Kind = event.KindReact
	}
	return c
}

// said writes a line's text and what was done to it.
func said(it Item) string {
	if it.Deleted {
		return fmt.Sprintf("%d deleted %q%v", it.Seq, it.Text, it.Reactions.All())
	}
	s := fmt.Sprintf("%d %s", it.Seq, it.Text)
	if !it.EditedAt.IsZero() {
		s += fmt.Sprint(" edited ", it.EditedAt.UnixMilli())
	}
	for _, r := range it.Reactions.All() {
		s += " " + r.Emoji + strings.Join(slices.Sorted(slices.Values(r.Users)), "+")
	}
	return s
}

func TestChangesOfALine(t *testing.T) {
	var tl Timeline
	tl.Start(0, false)
	tl.Apply(post(1), false)
	step := func(want string) {
		t.Helper()
		if got := said(tl.Items(0, 1)[0]); got != want {
			t.Fatalf("the line is %q, want %q", got, want)
		}
	}
	before := tl.Items(0, 1)[0]
	tl.Change(edit(2, 1, "고침"))
	step("1 고침 edited 2")
	tl.Change(react(3, 1, "u1", "👍", true))
	tl.Change(react(4, 1, "u3", "👍", true))
	tl.Change(react(5, 1, "u1", "❤️", true))
	step("1 고침 edited 2 ❤️u1 👍u1+u3")
	shown := tl.Items(0, 1)[0]
	tl.Change(react(6, 1, "u1", "👍", false))
	tl.Change(react(7, 1, "u1", "❤️", false))
	step("1 고침 edited 2 👍u3")
	if got := said(shown); got != "1 고침 edited 2 ❤️u1 👍u1+u3" {
		t.Errorf("a copy changed afterwards: %q", got)
	}
	rev := tl.Rev()
	tl.Change(react(6, 1, "u1", "👍", false))
	tl.Change(edit(2, 1, "고침"))
	if tl.Rev() != rev {
		t.Error("what was known changed something")
	}
	tl.Change(event.Change{Kind: event.KindDelete, Seq: 8, Target: 1})
	step(`1 deleted ""[]`)
	tl.Change(edit(9, 1, "되살림"))
	tl.Change(react(10, 1, "u1", "👍", true))
	step(`1 deleted ""[]`)
	if tl.Head() != 10 || tl.Len() != 1 {
		t.Errorf("head %d, %d lines: a change has a place and no line", tl.Head(), tl.Len())
	}
	if said(before) != "1 글 1" {
		t.Errorf("a copy changed afterwards: %q", said(before))
	}
}

// A change that is missing is a gap like a line that is.
func TestMissingChangeIsAGap(t *testing.T) {
	var tl Timeline
	tl.Apply(post(1), false)
	tl.Apply(post(4), false)
	if got := show(&tl); got != "1 [2-3] 4" {
		t.Fatalf("timeline is %q", got)
	}
	tl.Change(edit(3, 1, "고침"))
	if got := show(&tl); got != "1 [2-2] 4" || said(tl.Items(0, 1)[0]) != "1 고침 edited 3" {
		t.Fatalf("timeline is %q", got)
	}
	tl.Page(event.Page{From: 2, Head: 4, Changes: []event.Change{edit(2, 1, "전에")}}, 3, others)
	if got := show(&tl); got != "1 4" || said(tl.Items(0, 1)[0]) != "1 고침 edited 3" {
		t.Fatalf("timeline is %q, %q", got, said(tl.Items(0, 1)[0]))
	}
}

// A page that was read before changes that could not be kept says nothing.
func TestPageThatIsTooOld(t *testing.T) {
	var tl Timeline
	tl.Start(1, false)
	old := event.Page{Posts: []event.Post{post(1)}, Head: 1, Done: true}
	for seq := int64(2); seq < maxWaiting+4; seq++ {
		tl.Change(edit(seq, 1, fmt.Sprint("글 ", seq)))
	}
	if tl.Page(old, 2, others) || show(&tl) != "[1-1]" {
		t.Fatalf("a page of long ago was taken: %q", show(&tl))
	}
	young := post(1)
	young.Text, young.EditedAt = "새 글", maxWaiting
	if !tl.Page(event.Page{Posts: []event.Post{young}, Head: maxWaiting + 2, Done: true}, 2, others) {
		t.Fatal("a page of now was not taken")
	}
	if want := fmt.Sprintf("1 글 %d edited %d", maxWaiting+3, maxWaiting+3); said(tl.Items(0, 1)[0]) != want {
		t.Errorf("the line is %q, want %q", said(tl.Items(0, 1)[0]), want)
	}
}

// A message of one's own that was changed before its place was known.
func TestChangeBeforeTheAck(t *testing.T) {
	var tl Timeline
	tl.Start(1, false)
	tl.Write(Draft{ID: "a", Text: "하나", At: time.UnixMilli(1)}, "u1", "소이")
	tl.Change(edit(9, 3, "고침"))
	tl.Acked(event.Sent{ID: "a", Seq: 3})
	if got := show(&tl); got != "[1-2] 3 [4-8]" {
		t.Fatalf("timeline is %q", got)
	}
	if got := said(tl.Items(1, 2)[0]); got != "3 고침 edited 9" {
		t.Errorf("the line is %q", got)
	}
}

// server is a log with changes, and what it answers.
type server struct{ events []any } // event.Post or event.Change, by seq-1

func newServer(rng *rand.Rand, n int) *server {
	s := &server{}
	var posts []int64
	for seq := int64(1); seq <= int64(n); seq++ {
		if len(posts) == 0 || rng.IntN(3) == 0 {
			posts = append(posts, seq)
			s.events = append(s.events, post(seq))
			continue
		}
		target := posts[rng.IntN(len(posts))]
		switch {
		case s.post(target, seq-1).Deleted: // the store takes no change of it
			posts = slices.DeleteFunc(posts, func(p int64) bool { return p == target })
			seq--
		case rng.IntN(6) == 0:
			s.events = append(s.events, event.Change{Kind: event.KindDelete, Seq: seq, Target: target, CreatedAt: seq})
		case rng.IntN(2) == 0:
			s.events = append(s.events, edit(seq, target, fmt.Sprint("새 글 ", seq)))
		default:
			s.events = append(s.events, react(seq, target, fmt.Sprint("u", rng.IntN(3)), []string{"👍", "🎉"}[rng.IntN(2)], rng.IntN(3) > 0))
		}
	}
	return s
}

// post folds the log up to head into one post, in the simplest way.
func (s *server) post(seq, head int64) event.Post {
	p := s.events[seq-1].(event.Post)
	users := map[string][]string{}
	for _, e := range s.events[:head] {
		c, ok := e.(event.Change)
		if !ok || c.Target != seq {
			continue
		}
		switch c.Kind {
		case event.KindDelete:
			p.Text, p.EditedAt, p.Deleted = "", 0, true
			clear(users)
		case event.KindEdit:
			p.Text, p.EditedAt = c.Text, c.CreatedAt
		default:
			users[c.Emoji] = slices.DeleteFunc(slices.Clone(users[c.Emoji]), func(u string) bool { return u == c.User })
			if c.Kind == event.KindReact {
				users[c.Emoji] = append(users[c.Emoji], c.User)
			}
		}
	}
	for _, emoji := range []string{"🎉", "👍"} { // in their order
		if len(users[emoji]) > 0 {
			p.Reactions = append(p.Reactions, event.Reaction{Emoji: emoji, Users: users[emoji]})
		}
	}
	return p
}

// page answers as the server did when its log ended at head.
func (s *server) page(before int64, limit int, head int64) event.Page {
	p := event.Page{Head: head, From: before}
	for seq := min(before-1, head); seq >= 1 && len(p.Posts) < limit; seq-- {
		if _, ok := s.events[seq-1].(event.Post); ok {
			p.Posts = append(p.Posts, s.post(seq, head))
			p.From = seq
		}
	}
	if p.Done = len(p.Posts) < limit; p.Done {
		p.From = 0
	}
	for seq := max(p.From, 1); seq < before && seq <= head; seq++ {
		if c, ok := s.events[seq-1].(event.Change); ok {
			p.Changes = append(p.Changes, c)
		}
	}
	return p
}

func (s *server) tell(tl *Timeline, seq int64) {
	switch e := s.events[seq-1].(type) {
	case event.Post:
		if s.post(seq, int64(len(s.events))).Deleted && seq%2 == 0 {
			e.Text, e.Deleted = "", true // read from the log after the deletion
		}
		tl.Apply(e, false)
	case event.Change:
		if e.Kind == event.KindEdit && s.post(e.Target, int64(len(s.events))).Deleted {
			e.Text = ""
		}
		tl.Change(e)
	}
}

// A line that was kept on the device, as it was after an edit, is not set back.
func TestOlderEditOfAKeptLine(t *testing.T) {
	var tl Timeline
	kept := post(1)
	kept.Text, kept.EditedAt = "나중", 9
	tl.Apply(kept, false)
	tl.Change(edit(5, 1, "먼저"))
	if got := said(tl.Items(0, 1)[0]); got != "1 나중 edited 9" {
		t.Errorf("the line is %q", got)
	}
	tl.Change(event.Change{Kind: event.KindEdit, Seq: 10, Target: 1, CreatedAt: 10}) // erased since
	if got := said(tl.Items(0, 1)[0]); got != "1 나중 edited 9" {
		t.Errorf("the line is %q", got)
	}
}

// Whatever order lines, changes and pages come in, each page as old as it may be:
// the lines end as the log says.
func TestChangesAnyInterleaving(t *testing.T) {
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 2))
		n := int64(1 + rng.IntN(60))
		s := newServer(rng, int(n))
		var tl Timeline
		tl.Start(rng.Int64N(n+1), false)
		for range rng.IntN(150) {
			if rng.IntN(3) > 0 {
				s.tell(&tl, 1+rng.Int64N(n))
				continue
			}
			before := 1 + rng.Int64N(tl.Head()+1)
			tl.Page(s.page(before, 1+rng.IntN(9), before-1+rng.Int64N(n-before+2)), before, others)
		}
		tl.Start(n, false)
		for _, to := range gaps(&tl) {
			tl.Page(s.page(to+1, int(n), n), to+1, others)
		}
		if got, want := all(&tl), s.all(n); !slices.Equal(got, want) {
			t.Fatalf("seed %d ends as\n%s\nwant\n%s", seed, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func gaps(tl *Timeline) (ends []int64) {
	for _, it := range tl.Items(0, tl.Len()) {
		if it.Kind == Gap {
			ends = append(ends, it.To)
		}
	}
	return ends
}

// What a page has taken into account is not made again, not for a moment.
func TestChangeThatAPageHas(t *testing.T) {
	var tl Timeline
	tl.Start(5, false)
	tl.Page(event.Page{Posts: []event.Post{post(1)}, Head: 5, Done: true}, 2, others)
	tl.Page(event.Page{Changes: []event.Change{react(3, 1, "u1", "👍", true)}, From: 3, Head: 5}, 4, others)
	if got := said(tl.Items(0, 1)[0]); got != "1 글 1" {
		t.Errorf("the line is %q: the reaction was taken back at 4", got)
	}
}
