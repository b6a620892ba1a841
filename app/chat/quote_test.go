package chat

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"maru/app/wire/event"
)

func deletion(seq, target int64) event.Change {
	return event.Change{Kind: event.KindDelete, Seq: seq, Target: target, User: "u2", CreatedAt: seq}
}

// quote writes what a reply shows of a message.
func quote(t *Timeline, seq int64) string {
	it, ok := t.Quote(seq)
	switch {
	case !ok:
		return "?"
	case it.Deleted:
		return "deleted" + it.Text
	}
	return it.Name + ": " + it.Text
}

func lookup(head int64, posts ...event.Post) event.Page {
	return event.Page{Posts: posts, Head: head, From: 1}
}

// What a reply shows is the message as it is now, whether it is a line or not.
func TestQuotes(t *testing.T) {
	var tl Timeline
	step := func(seq int64, want string, news bool, do func()) {
		t.Helper()
		rev := tl.Rev()
		if do(); quote(&tl, seq) != want || news && tl.Rev() == rev {
			t.Fatalf("%d is shown as %q, want %q; the revision was %d and is %d", seq, quote(&tl, seq), want, rev, tl.Rev())
		}
	}
	tl.Start(4, false)
	step(2, "?", true, func() {
		p := post(5)
		p.ReplyTo = 2
		tl.Apply(p, false)
	})
	step(5, "민준: 글 5", false, func() {})
	step(2, "민준: 글 2", true, func() { tl.Quoted(lookup(5, post(2)), 2, others) })
	step(2, "민준: 고침", true, func() { tl.Change(edit(6, 2, "고침")) })
	step(2, "민준: 고침", false, func() { tl.Quoted(lookup(5, post(2)), 2, others) }) // read before the edit
	step(2, "deleted", true, func() { tl.Change(deletion(7, 2)) })
	step(1, "deleted", true, func() { tl.Quoted(lookup(7), 1, others) }) // it was trimmed
	step(3, "민준: 글 3", true, func() { tl.Quoted(lookup(7, post(3)), 3, others) })
	tl.Page(page(true, 4, 3, 2, 1), 5, others)
	step(3, "민준: 이제 여기", true, func() { tl.Change(edit(8, 3, "이제 여기")) })
	step(3, "?", true, func() { tl.Start(1, true) })
	if got := show(&tl); got != "R [1-1]" {
		t.Errorf("quotes became lines: %q", got)
	}
}

// While the connection was away changes may have been missed.
func TestQuotesAreAskedForAgain(t *testing.T) {
	var tl Timeline
	tl.Start(4, false)
	tl.Quoted(lookup(4, post(2)), 2, others)
	if tl.Start(4, false); quote(&tl, 2) == "?" {
		t.Error("nothing was missed, and it is asked for again")
	}
	if tl.Start(900, false); quote(&tl, 2) != "?" {
		t.Error("it may be another one by now, and is not asked for again")
	}
}

// In whatever order the page and the changes come, it ends the same.
func TestQuotesInAnyOrder(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		var tl Timeline
		tl.Start(9, false)
		changes := []event.Change{edit(10, 3, "하나"), react(11, 3, "u1", "👍", true), edit(12, 3, "둘")}
		want := "민준: 둘"
		if rnd.IntN(2) == 0 {
			changes, want = append(changes, deletion(13, 3)), "deleted"
		}
		head := int64(9 + rnd.IntN(len(changes)+1)) // the page is of this moment
		p := post(3)
		for _, c := range changes[:head-9] {
			switch c.Kind {
			case event.KindEdit:
				p.Text, p.EditedAt = c.Text, c.CreatedAt
			case event.KindDelete:
				p.Text, p.EditedAt, p.Deleted = "", 0, true
			}
		}
		steps := []func(){func() { tl.Quoted(lookup(head, p), 3, others) }}
		for _, c := range changes {
			steps = append(steps, func() { tl.Change(c) })
		}
		rnd.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		for _, step := range steps {
			step()
		}
		if got := quote(&tl, 3); got != want {
			t.Fatalf("seed %d: %q, want %q", seed, got, want)
		}
	}
}

func TestQuotesAreBounded(t *testing.T) {
	var tl Timeline
	tl.Start(5000, false)
	long := post(1)
	long.Text = strings.Repeat("가", event.MaxText)
	for seq := range int64(1000) {
		long.Seq = seq + 1
		tl.Quoted(lookup(5000, long), seq+1, others)
		tl.Quoted(lookup(5000, long), seq+1, others)
	}
	if len(tl.quotes) != maxQuotes || len(tl.quoted) != maxQuotes || quote(&tl, 1000) == "?" || quote(&tl, 1000-maxQuotes) != "?" {
		t.Errorf("%d are known, in a list of %d", len(tl.quotes), len(tl.quoted))
	}
	tl.Change(edit(5001, 1000, long.Text))
	if it, _ := tl.Quote(1000); len([]rune(it.Text)) != maxExcerpt+1 {
		t.Errorf("%d characters are kept of one", len([]rune(it.Text)))
	}
	for seq := range int64(maxWaiting + 1) {
		tl.Change(edit(5002+seq, 4000, "x"))
	}
	if tl.Quoted(lookup(5000, post(7)), 7, others) || quote(&tl, 7) != "?" {
		t.Error("a page from before changes that were too many is taken")
	}
}

// Who is answered may be oneself: then what came is counted anew.
func TestOwnQuoteCounts(t *testing.T) {
	var tl Timeline
	tl.Start(9, false)
	before := tl.Fills()
	tl.Quoted(lookup(9, post(2)), 2, others)
	if tl.Fills() != before {
		t.Error("another's message counts")
	}
	tl.Quoted(lookup(9, post(3)), 3, func(event.Post) bool { return true })
	if it, _ := tl.Quote(3); !it.Own || tl.Fills() == before {
		t.Error("one's own message does not count")
	}
}

// A reply is one from the moment of writing to the line that is kept of it.
func TestReplyStaysOne(t *testing.T) {
	tl := Timeline{keeps: true}
	tl.Start(0, false)
	tl.Apply(post(1), false)
	tl.Write(Draft{ID: "a", Text: "네", ReplyTo: 1, At: time.UnixMilli(1)}, "u1", "소이")
	at := func(when string, i int, want int64) {
		t.Helper()
		if it := tl.Items(i, i+1)[0]; it.ReplyTo != want {
			t.Errorf("%s: %+v", when, it)
		}
	}
	at("pending", 1, 1)
	tl.Acked(event.Sent{ID: "a", Seq: 2})
	at("acknowledged", 1, 1)
	tl.Apply(event.Post{ID: "a", User: "u1", Seq: 2, Text: "네", ReplyTo: 1}, true)
	at("a line", 1, 1)
	lines, _, _ := tl.keepable("방", 0, keptLines)
	var kept []known
	for _, seq := range []int64{1, 2} {
		k, ok := parseKnown(lines[seq])
		if !ok {
			t.Fatalf("%q can't be read", lines[seq])
		}
		kept = append(kept, k)
	}
	var back Timeline
	back.Restore(kept, 2, 2, others)
	if it := back.Items(1, 2)[0]; it.ReplyTo != 1 || quote(&back, it.ReplyTo) != "민준: 글 1" {
		t.Errorf("restored: %+v", it)
	}
	tl.Change(deletion(3, 2))
	at("deleted", 1, 0)
	// What versions before kept is read still.
	if k, ok := parseKnown(`[1,{"username":"민준","text":"글","createdAt":1,"room":"방","id":"x","seq":1,"user":"u2"}]`); !ok || k.post.ReplyTo != 0 || k.post.Text != "글" {
		t.Errorf("an old line is read as %+v, %v", k, ok)
	}
}

func TestShelfKeepsReplies(t *testing.T) {
	e := entry{"방", "소이", Draft{ID: "a", Text: "네", ReplyTo: 7, At: time.UnixMilli(5), Why: event.Refuse(event.Gone)}}
	if got, ok := parseEntry("a", e.append()); !ok || !reflect.DeepEqual(got, e) {
		t.Errorf("%+v came back as %+v, %v", e, got, ok)
	}
	old, ok := parseEntry("a", `["방","소이","네",5,""]`) // of a version before
	if !ok || old.draft.ReplyTo != 0 || old.draft.Text != "네" || old.draft.At.UnixMilli() != 5 {
		t.Errorf("an old entry is read as %+v, %v", old, ok)
	}
	for _, bad := range []string{`["방","소이","네",5,"","7"]`, `["방","소이","네",5]`} {
		if e, ok := parseEntry("a", bad); ok {
			t.Errorf("%s is read as %+v", bad, e)
		}
	}
}

func TestDetach(t *testing.T) {
	var r room
	for _, id := range []string{"a", "b"} {
		d := Draft{ID: id, Text: "네", ReplyTo: 1, At: time.UnixMilli(1)}
		r.timeline.Write(d, "u1", "소이")
		r.outbox.Add(d)
	}
	rev := r.timeline.Rev()
	r.detach("a")
	items := r.timeline.Items(0, 2)
	if d, _ := r.outbox.Next(); d.ReplyTo != 0 || d.Text != "네" || items[0].ReplyTo != 0 || r.timeline.Rev() == rev {
		t.Errorf("sends %+v, shows %+v", d, items[0])
	}
	if d, _ := r.outbox.Find("b"); d.ReplyTo != 1 || items[1].ReplyTo != 1 {
		t.Errorf("another one is detached: %+v, %+v", d, items[1])
	}
}

func TestExcerpt(t *testing.T) {
	for in, want := range map[string]string{
		"": "", " \n ": "", "하나": "하나", "\n  하나 \n둘": "하나", "```go\nfunc main() {}\n```": "func main() {}", "```\n```": "",
		strings.Repeat("가", maxExcerpt): strings.Repeat("가", maxExcerpt), strings.Repeat("가", maxExcerpt+1): strings.Repeat("가", maxExcerpt) + "…",
	} {
		if got := excerpt(in); got != want {
			t.Errorf("%.20q: %q, want %q", in, got, want)
		}
	}
}
