package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"maru/backend/store"
)

var postTests = map[string]func(*testing.T, *env){
	"Edit":           testEdit,
	"Delete":         testDelete,
	"React":          testReact,
	"OddReacts":      testOddReacts,
	"TooManyEmojis":  testTooManyEmojis,
	"TooManyReacts":  testTooManyReacts,
	"NoTarget":       testNoTarget,
	"Reply":          testReply,
	"ReplyToNothing": testReplyToNothing,
	"ReplyAgain":     testReplyAgain,
	"GetKeepsOrder":  testGetKeepsOrder,
	"PagesAreStable": testPagesAreStable,
}

func testEdit(t *testing.T, e *env) {
	e.say(t, room, "a", 2)
	if p := e.post(t, room, 1); !p.EditedAt.IsZero() || string(p.Body) != "text of a0" {
		t.Errorf("before an edit: %+v", p)
	}
	for i, text := range []string{"one", "two", ""} {
		e.clock.Add(time.Minute)
		e.append(t, room, change(store.Edit, "a", fmt.Sprint("e", i), 1, text))
		p := e.post(t, room, 1)
		if string(p.Body) != text || !p.EditedAt.Equal(e.clock.Now()) || !p.At.Equal(start) || p.ID != "a0" {
			t.Errorf("after the edit to %q: %+v", text, p)
		}
	}
	if p := e.post(t, room, 2); !p.EditedAt.IsZero() || string(p.Body) != "text of a1" {
		t.Errorf("the neighbour was edited: %+v", p)
	}
	// The log keeps what was said first.
	if evs := e.log(t, room, store.Pos{}); string(evs[0].Body) != "text of a0" || string(evs[2].Body) != "one" {
		t.Errorf("the log after edits: %s", show(evs))
	}
}

func testDelete(t *testing.T, e *env) {
	e.say(t, room, "a", 3)
	e.append(t, room, change(store.Edit, "a", "e", 2, "edited"))
	e.append(t, room, change(store.React, "b", "r", 2, "👍"))
	e.append(t, room, change(store.Delete, "a", "d", 2, ""))
	p := e.post(t, room, 2)
	if !p.Deleted || len(p.Body) > 0 || p.Reacts != nil || !p.EditedAt.IsZero() || p.Author != "a" {
		t.Errorf("the deleted post: %+v", p)
	}
	posts := e.pages(t, room, 2)
	if len(posts) != 3 || !posts[1].Deleted || posts[0].Deleted || posts[2].Deleted {
		t.Errorf("the page: %+v", posts)
	}
	evs := e.log(t, room, store.Pos{})
	if len(evs) != 6 || len(evs[1].Body)+len(evs[3].Body) > 0 || evs[1].Kind != store.Message {
		t.Errorf("the log still has the text: %s", show(evs))
	}
	if string(evs[0].Body) != "text of a0" || string(evs[2].Body) != "text of a2" {
		t.Errorf("the log lost another text: %s", show(evs))
	}
}

func testReact(t *testing.T, e *env) {
	e.say(t, room, "a", 2)
	for i, step := range []struct {
		kind   store.Kind
		author string
		emoji  string
		want   map[string][]string
	}{
		{store.React, "c", "👍", map[string][]string{"👍": {"c"}}},
		{store.React, "b", "👍", map[string][]string{"👍": {"c", "b"}}},
		{store.React, "c", "👍", map[string][]string{"👍": {"c", "b"}}},
		{store.React, "b", "🎉", map[string][]string{"👍": {"c", "b"}, "🎉": {"b"}}},
		{store.Unreact, "a", "👍", map[string][]string{"👍": {"c", "b"}, "🎉": {"b"}}},
		{store.Unreact, "c", "👍", map[string][]string{"👍": {"b"}, "🎉": {"b"}}},
		{store.React, "c", "👍", map[string][]string{"👍": {"b", "c"}, "🎉": {"b"}}},
		{store.Unreact, "b", "🎉", map[string][]string{"👍": {"b", "c"}}},
		{store.Unreact, "b", "👍", map[string][]string{"👍": {"c"}}},
		{store.Unreact, "c", "👍", nil},
	} {
		e.append(t, room, change(step.kind, step.author, fmt.Sprint(i), 1, step.emoji))
		for _, p := range []store.Post{e.post(t, room, 1), e.pages(t, room, 5)[1]} {
			if !sameReacts(p.Reacts, step.want) {
				t.Errorf("step %d: %v, want %v", i, p.Reacts, step.want)
			}
		}
	}
	if p := e.post(t, room, 2); p.Reacts != nil {
		t.Errorf("the neighbour has reactions: %v", p.Reacts)
	}
}

// testOddReacts has reactions and authors that a store could mistake for
// something that stands between them.
func testOddReacts(t *testing.T, e *env) {
	e.say(t, room, "a", 12)
	emojis := []string{"\n", "%0A", "%", "%25", ":", "1:a", " ", "\x00", "a", "a\n", "\na", "0 a"}
	authors := []string{"\n", "%0A", "b", "b\nc", "c", "\x00", "\xff", " ", "1:b"}
	want := map[string][]string{}
	for i, emoji := range emojis {
		for j, author := range authors {
			e.append(t, room, change(store.React, author, fmt.Sprint(i, "-", j), 1, emoji))
			if author != "b" {
				want[emoji] = append(want[emoji], author)
			}
		}
		e.append(t, room, change(store.Unreact, "b", fmt.Sprint(i, "-back"), 1, emoji))
	}
	e.append(t, room, change(store.React, "a", "neighbour", 11, "x"))
	if p := e.post(t, room, 1); !sameReacts(p.Reacts, want) {
		t.Errorf("got  %q\nwant %q", p.Reacts, want)
	}
	e.append(t, room, change(store.Delete, "a", "d", 1, ""))
	if p, n := e.post(t, room, 1), e.post(t, room, 11); p.Reacts != nil || len(n.Reacts["x"]) != 1 {
		t.Errorf("after the deletion: %q, of a neighbour %q", p.Reacts, n.Reacts)
	}
}

func testTooManyEmojis(t *testing.T, e *env) {
	e.say(t, room, "a", 2)
	for i := range store.MaxReacts {
		e.append(t, room, change(store.React, "b", fmt.Sprint(i), 1, fmt.Sprint("e", i)))
	}
	_, _, err := e.Append(t.Context(), room, change(store.React, "b", "more", 1, "one more"))
	wantErr(t, "one emoji too many", err, store.ErrTooMany)
	e.append(t, room, change(store.React, "c", "known", 1, "e0"))
	e.append(t, room, change(store.React, "b", "neighbour", 2, "one more"))
	e.append(t, room, change(store.Unreact, "b", "back", 1, "e5"))
	e.append(t, room, change(store.React, "b", "more", 1, "one more"))
	if p := e.post(t, room, 1); len(p.Reacts) != store.MaxReacts {
		t.Errorf("%d emojis, want %d", len(p.Reacts), store.MaxReacts)
	}
}

func testTooManyReacts(t *testing.T, e *env) {
	e.say(t, room, "a", 1)
	parallel(20, func(g int) {
		for i := range store.MaxReactors / 20 {
			author := fmt.Sprint(g, "-", i)
			if _, _, err := e.Append(t.Context(), room, change(store.React, author, "r", 1, "👍")); err != nil {
				t.Errorf("React: %v", err)
			}
		}
	})
	_, _, err := e.Append(t.Context(), room, change(store.React, "last", "r", 1, "👍"))
	wantErr(t, "one reaction too many", err, store.ErrTooMany)
	e.append(t, room, change(store.React, "0-0", "again", 1, "👍"))
	if p := e.post(t, room, 1); len(p.Reacts["👍"]) != store.MaxReactors {
		t.Errorf("%d reactions, want %d", len(p.Reacts["👍"]), store.MaxReactors)
	}
}

func testNoTarget(t *testing.T, e *env) {
	kinds := []store.Kind{store.Edit, store.Delete, store.React, store.Unreact}
	refused := func(what string, target int64) {
		t.Helper()
		for _, kind := range kinds {
			body := "x"
			if kind == store.Delete {
				body = ""
			}
			_, _, err := e.Append(t.Context(), room, change(kind, "a", "no", target, body))
			wantErr(t, fmt.Sprintf("%s, kind %c", what, kind), err, store.ErrNoTarget)
		}
	}
	refused("a room that has not begun", 1)
	if pos := e.head(t, room); pos != (store.Pos{}) {
		t.Errorf("a refusal began the room: %+v", pos)
	}
	e.say(t, room, "a", 2)
	e.append(t, room, change(store.Edit, "a", "e", 1, "x"))
	e.append(t, room, change(store.Delete, "a", "d", 1, ""))
	refused("no message at 0", 0)
	refused("before the log", -1)
	refused("after the head", 5)
	refused("far away", 1<<62)
	refused("an edit", 3)
	refused("a deleted message", 1)
	e.append(t, room, change(store.React, "a", "no", 2, "x"))
}

// testReply has a message that answers another one be so wherever it is read,
// whatever becomes of the other one.
func testReply(t *testing.T, e *env) {
	e.say(t, room, "a", 1)
	got := e.append(t, room, reply("b", "r", 1, "an answer"))
	looked := func(when, body string) {
		t.Helper()
		want := got
		if want.Body = []byte(body); body == "" {
			want.Body = nil
		}
		posts, err := e.Find(t.Context(), room, "answer", 0, 5)
		if err != nil || len(posts) != min(len(body), 1) {
			t.Errorf("%s: found %d, %v", when, len(posts), err)
		}
		followed, err := follow(t.Context(), e, room, store.Pos{}, 2)
		if err != nil {
			t.Errorf("%s: Follow: %v", when, err)
		}
		for how, ev := range map[string]store.Event{
			"Get": e.post(t, room, 2).Event, "Page": e.pages(t, room, 5)[0].Event, "Events": e.log(t, room, store.Pos{})[1], "Follow": followed[1],
		} {
			if !sameEvent(ev, want) || ev.Target != 1 {
				t.Errorf("%s, %s: %s, want %s", when, how, show([]store.Event{ev}), show([]store.Event{want}))
			}
		}
		for _, p := range posts {
			if p.Target != 1 {
				t.Errorf("%s, Find: answers %d", when, p.Target)
			}
		}
	}
	looked("new", "an answer")
	if changes, err := e.Changes(t.Context(), room, 0, 0, 5); err != nil || len(changes) > 0 {
		t.Errorf("it counts as a change: %s, %v", show(changes), err)
	}
	e.append(t, room, change(store.React, "a", "x", 2, "👍"))
	e.append(t, room, change(store.Edit, "a", "e", 1, "edited"))
	looked("after an edit of the other one", "an answer")
	e.append(t, room, change(store.Delete, "a", "d", 1, ""))
	looked("after its deletion", "an answer")
	e.append(t, room, reply("a", "back", 2, "answers it again"))
	e2 := &env{Store: e.harness.Reopen(t, e.Store), clock: e.clock}
	if p := e2.post(t, room, 2); p.Target != 1 || string(p.Body) != "an answer" || len(p.Reacts) != 1 {
		t.Errorf("after reopening: %+v", p)
	}
	e2.append(t, room, change(store.Delete, "b", "d", 2, ""))
	if p := e2.post(t, room, 2); !p.Deleted || p.Target != 1 {
		t.Errorf("the deleted one: %+v", p)
	}
	if err := e2.Trim(t.Context(), room, store.Retention{Count: 2}); err != nil {
		t.Fatal(err)
	}
	if p := e2.post(t, room, 6); p.Target != 2 || string(p.Body) != "answers it again" {
		t.Errorf("after the other one was trimmed: %+v", p)
	}
}

func testReplyToNothing(t *testing.T, e *env) {
	refused := func(what string, target int64) {
		t.Helper()
		_, _, err := e.Append(t.Context(), room, reply("a", fmt.Sprint("no", target), target, "x"))
		wantErr(t, what, err, store.ErrNoTarget)
	}
	refused("a room that has not begun", 1)
	if pos := e.head(t, room); pos != (store.Pos{}) {
		t.Errorf("a refusal began the room: %+v", pos)
	}
	e.say(t, room, "a", 2)
	e.say(t, "other", "a", 9)
	e.append(t, room, change(store.Edit, "a", "e", 1, "x"))
	e.append(t, room, change(store.Delete, "a", "d", 1, ""))
	if err := e.Enter(t.Context(), room, named("u", "c", "soi"), ttl); err != nil {
		t.Fatal(err)
	}
	refused("before the log", -1)
	refused("a deleted message", 1)
	refused("an edit", 3)
	refused("a deletion", 4)
	refused("a join", 5)
	refused("itself", 6)
	refused("another room's", 7)
	refused("far away", 1<<62)
	e.append(t, room, reply("a", "yes", 2, "x"))
	if err := e.Trim(t.Context(), room, store.Retention{Count: 1}); err != nil {
		t.Fatal(err)
	}
	refused("a trimmed message", 2)
	if head := e.head(t, room); head.Seq != 6 {
		t.Errorf("refusals moved the head to %d", head.Seq)
	}
}

func testReplyAgain(t *testing.T, e *env) {
	e.say(t, room, "a", 2)
	d := reply("b", "r", 1, "x")
	first := e.append(t, room, d)
	again := func(when string) {
		t.Helper()
		if ev, dup, err := e.Append(t.Context(), room, d); err != nil || !dup || ev.Seq != first.Seq || ev.Target != 1 {
			t.Errorf("%s: %s dup %v, %v", when, show([]store.Event{ev}), dup, err)
		}
	}
	again("at once")
	for name, other := range map[string]store.Draft{"another target": reply("b", "r", 2, "x"), "no target": message("b", "r", "x"),
		"a target of what had none": reply("a", "a1", 1, "text of a1"), "a target that is not there": reply("b", "r", 99, "x")} {
		_, _, err := e.Append(t.Context(), room, other)
		wantErr(t, name, err, store.ErrConflict)
	}
	e.append(t, room, change(store.Delete, "a", "d", 1, ""))
	again("after the other one was deleted")
	e.append(t, room, change(store.Delete, "b", "d", first.Seq, ""))
	again("after it was deleted")
}

func testGetKeepsOrder(t *testing.T, e *env) {
	e.say(t, room, "a", 5)
	e.append(t, room, change(store.Edit, "a", "e", 3, "x"))
	posts, err := e.Get(t.Context(), room, 5, 1, 6, 3, 99, -1, 0, 5)
	if err != nil {
		t.Fatal(err)
	}
	var seqs []int64
	for _, p := range posts {
		seqs = append(seqs, p.Seq)
	}
	if !slices.Equal(seqs, []int64{5, 1, 3, 5}) {
		t.Errorf("Get returned %v", seqs)
	}
	for _, name := range []string{room, "unknown"} {
		if posts, err := e.Get(t.Context(), name); err != nil || len(posts) > 0 {
			t.Errorf("Get of nothing = %v, %v", posts, err)
		}
	}
	if posts, err := e.Page(t.Context(), "unknown", 0, 5); err != nil || len(posts) > 0 {
		t.Errorf("Page of a room that has not begun = %v, %v", posts, err)
	}
}

// testPagesAreStable turns pages while others write.
func testPagesAreStable(t *testing.T, e *env) {
	const before, during = 60, 60
	e.say(t, room, "a", before)
	parallel(4, func(g int) {
		if g > 0 {
			for i := range during {
				if _, _, err := e.Append(t.Context(), room, message(fmt.Sprint("w", g), fmt.Sprint(i), "x")); err != nil {
					t.Errorf("Append: %v", err)
				}
			}
			return
		}
		for _, n := range []int{1, 2, 7, 25, 60, 100} {
			var last int64
			for _, p := range e.pages(t, room, n) {
				if last != 0 && p.Seq != last-1 {
					t.Errorf("pages of %d: %d after %d", n, p.Seq, last)
				}
				last = p.Seq
			}
			if last != 1 {
				t.Errorf("pages of %d end at %d", n, last)
			}
		}
	})
}

func sameReacts(a, b map[string][]string) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for emoji, authors := range a {
		if !slices.Equal(authors, b[emoji]) {
			return false
		}
	}
	return true
}
