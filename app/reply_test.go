package app

import (
	"regexp"
	"strings"
	"testing"

	"maru/app/chat"
	"maru/app/wire/text"
)

// answers makes a message that answers the one at a seq.
func answers(name string, minute int, seq int64) chat.Item {
	it := said(name, minute)
	it.ReplyTo = seq
	return it
}

func TestRepliesShowWhatTheyAnswer(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	first, gone, pending := said("<b>민준</b>", 0), said("a", 1), answers("소이", 6, 1)
	first.Text, gone.Deleted, gone.Text = "<i>몇 시예요?", true, ""
	pending.Own, pending.State = true, chat.Pending
	failed := pending
	failed.State, failed.ID = chat.Failed, "id-7"
	c.inside("방", first, gone, answers("a", 2, 1), answers("a", 3, 2), answers("a", 4, 99), failed, pending)
	s.room = "방"
	page := html(t, s)
	quotes := regexp.MustCompile(`(?s)<button[^>]*data-do="quoted".*?</button>`).FindAllString(page, -1)
	if len(quotes) != 5 {
		t.Fatalf("%d quotes", len(quotes))
	}
	for i, want := range []string{"&lt;b&gt;민준&lt;/b&gt;", text.Ko.T(text.Deleted), text.Ko.T(text.ReplyToOther), "&lt;i&gt;몇 시예요?", "&lt;i&gt;몇 시예요?"} {
		has(t, quotes[i], want, `class="quote"`, `type="button"`, `tabindex="-1"`)
	}
	// As it is read out.
	has(t, quotes[0], `<span class="vh">님에게 답장: </span>`, `dir="auto"`)
	if strings.Contains(page, "<i>몇") {
		t.Error("a quote became markup")
	}
}

// What is answered belongs to its room, and lasts until it is sent, given up or
// deleted.
func TestAnsweringBelongsToItsRoom(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	theirs := said("민준", 0)
	theirs.ID, theirs.Text = "m1", "몇 시예요?"
	r := c.inside("방", theirs)
	other := said("민준", 0)
	other.ID = "m2"
	c.inside("다른 방", other)
	s.room = "방"
	s.editing = r.items[0]
	s.reply(r.items[0])
	if s.editing.Key != "" {
		t.Error("a message is edited and another one answered")
	}
	shown := func(want string) {
		t.Helper()
		bar := `id="reply-cancel"`
		if page := html(t, s); strings.Contains(page, bar) != (want != "") || !strings.Contains(page, want) {
			t.Errorf("the bar of %s lacks %q", s.room, want)
		}
	}
	shown("<b>민준님에게 답장</b>")
	shown("<span dir=\"auto\">몇 시예요?</span>")
	s.editing = r.items[0]
	shown("")
	s.editing = chat.Item{}
	s.room = "다른 방"
	shown("")
	if q := s.answered(); q.Seq != 0 {
		t.Errorf("another room's message is answered: %+v", q)
	}
	s.room = "방"
	shown("민준님에게 답장")
	r.items[0].ID = "of another log"
	if q := s.answered(); q.Seq != 0 || s.keep.reply("방").seq != 0 {
		t.Errorf("another log's message is answered: %+v", q)
	}
	s.reply(r.items[0])
	r.items[0].Deleted = true
	if q := s.answered(); q.Seq != 0 || s.keep.reply("방").seq != 0 {
		t.Errorf("a deleted message is answered: %+v", q)
	}
	r.items[0].Deleted = false
	s.reply(r.items[0])
	again := newState(c, s.probe, s.keep, s.now) // after a reload
	again.room = "방"
	if q := again.answered(); q.Seq != r.items[0].Seq {
		t.Errorf("after a reload %+v is answered", q)
	}
	if s.leave(); s.keep.reply("방").seq != 0 {
		t.Error("a room that was left has something to answer")
	}
}

// A reply to one's own message is one's business like a message with one's name.
func TestRepliesToMeConcernMe(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	mine := said("소이", 0)
	mine.Own = true
	r := c.inside("방", mine, said("a", 0))
	s.room = "다른 방"
	s.refresh()
	r.add(answers("a", 1, 2), said("a", 2), answers("a", 3, 99))
	s.refresh()
	if g := s.reading["방"]; g.n != 3 || g.mentions != 0 {
		t.Errorf("%d to read, %d for the reader", g.n, g.mentions)
	}
	r.add(answers("a", 4, 1))
	s.refresh()
	g := s.reading["방"]
	if g.n != 4 || g.mentions != 1 {
		t.Errorf("%d to read, %d for the reader", g.n, g.mentions)
	}
	if it, ok := noticed(c, levelMentions, r.items[2:], r.Room); !ok || it.ReplyTo != 1 {
		t.Errorf("noticed %+v, %v", it, ok)
	}
	s.room = "방"
	s.keep.setPref(keepSpeak, "mentions")
	r.add(answers("b", 5, 1))
	if s.refresh(); !strings.Contains(s.spoken.said, "소이님에게 답장: …") {
		t.Errorf("said %q", s.spoken.said)
	}
}
