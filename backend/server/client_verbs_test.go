package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// line writes a guest's line with what was done to it.
func (g *guest) line(n int) string {
	items := g.Items("방", 0, 1000)
	posts := items[:0]
	for _, it := range items {
		if it.Kind == chat.Post {
			posts = append(posts, it)
		}
	}
	if n >= len(posts) {
		return "nothing"
	}
	s := posts[n].Text
	if posts[n].Deleted {
		s = "(deleted)" + s
	}
	if !posts[n].EditedAt.IsZero() {
		s += " (edited)"
	}
	for _, r := range posts[n].Reactions.All() {
		s += fmt.Sprint(" ", r.Emoji, len(r.Users))
	}
	return s
}

func (g *guest) sees(n int, want string) {
	g.t.Helper()
	g.until(fmt.Sprintf("line %d is %q (it is %q)", n, want, g.line(n)), func() bool { return g.line(n) == want })
}

// seq of the n-th line of a guest.
func (g *guest) seq(n int) int64 {
	for _, it := range g.Items("방", 0, 1000) {
		if it.Kind == chat.Post {
			if n--; n < 0 {
				return it.Seq
			}
		}
	}
	return 0
}

// Changes made while the server is away are kept and made once, in order; who
// comes later and who was there see the same.
func TestGuestsChangeMessages(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := database(t)
		first := start(t, path, text.Ko)
		n := reach(first)
		soi, minjun := n.pair(t)
		soi.says("하나", "둘")
		minjun.shows("하나 둘")
		soi.shows("하나 둘")
		soi.Edit("방", soi.seq(0), "하나!")
		minjun.React("방", minjun.seq(0), "👍", true)
		soi.React("방", soi.seq(0), "👍", true)
		minjun.sees(0, "하나! (edited) 👍2")
		minjun.Edit("방", minjun.seq(0), "내 것")
		minjun.until("it is refused", func() bool { r, _ := minjun.Room("방"); return r.Denied != nil })
		if r, _ := minjun.Room("방"); r.Denied.Code != event.NotYours {
			t.Errorf("refused with %v", r.Denied)
		}

		n.cut()
		first.stop()
		soi.until("away", soi.phase(chat.Joining))
		soi.Edit("방", soi.seq(0), "둘째로")
		soi.Edit("방", soi.seq(0), "셋째로")
		soi.React("방", soi.seq(0), "👍", false)
		soi.Delete("방", soi.seq(1))
		second := start(t, path, text.Ko)
		n.serve(second)
		late := n.guest(t, "하늘")
		for _, g := range []*guest{soi, minjun} {
			g.sees(0, "셋째로 (edited) 👍1")
			g.sees(1, "(deleted)")
		}
		late.Enter("방", "하늘")
		late.sees(0, "셋째로 (edited) 👍1")
		late.sees(1, "(deleted)")
		for _, g := range []*guest{soi, minjun, late} {
			g.stop()
		}
		second.stop()
	})
}

// More was missed than a join tells: what happened meanwhile to lines that are
// there is made up for with the pages between.
func TestGuestMissesManyChanges(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := database(t)
		i := start(t, path, text.Ko)
		n := reach(i)
		soi := n.inside(t, "소이")
		soi.says("하나", "둘")
		soi.shows("하나 둘")
		at := soi.seq(0)
		n.cut()
		talker := i.enter("", "민준", "방")
		talker.must("react", fmt.Sprintf(`{"room":"방","seq":%d,"emoji":"🎉"}`, at))
		for k := range event.MaxMissed + 20 {
			talker.must("message", fmt.Sprintf(`"글 %d"`, k))
		}
		n.serve(i)
		soi.until("the newest is there", func() bool { return strings.HasSuffix(soi.texts("방"), fmt.Sprint("글 ", event.MaxMissed+19)) })
		for soi.Missing() > 0 {
			for _, it := range soi.Items("방", 0, 1000) {
				if it.Kind == chat.Gap {
					soi.Fill("방", it.Key)
				}
			}
			<-soi.Changed()
		}
		soi.sees(0, "하나 🎉1")
		soi.stop()
		i.stop()
	})
}

// Two devices of one person agree on how far was read, also after being away;
// who types is seen for a while.
func TestGuestsReadAndType(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		n := reach(i)
		phone := n.guest(t, "폰")
		phone.Enter("방", "소이")
		phone.until("inside", phone.phase(chat.Inside))
		desk := n.reloaded(t, "책상", phone) // the same device, in another window
		desk.Enter("방", "소이")
		minjun := n.inside(t, "민준")
		minjun.says("하나", "둘", "셋")
		read := func(g *guest) int64 { r, _ := g.Room("방"); return r.Read }
		phone.shows("하나 둘 셋")
		desk.shows("하나 둘 셋")
		phone.Read("방", phone.seq(1))
		desk.until("the phone's mark is known", func() bool { return read(desk) == desk.seq(1) })
		desk.Read("방", desk.seq(2))
		desk.Read("방", desk.seq(0))
		phone.until("the desk's mark is known", func() bool { return read(phone) == phone.seq(2) })
		if read(minjun) != 0 {
			t.Errorf("another person's mark is at %d", read(minjun))
		}

		typing := func(g *guest) string { r, _ := g.Room("방"); return strings.Join(r.Typing, ", ") }
		for range 5 {
			minjun.Typing("방", true)
		}
		phone.until("민준 types", func() bool { return typing(phone) == "민준" })
		began := time.Now()
		phone.until("that is too long ago", func() bool { return typing(phone) == "" })
		if took := time.Since(began); took > event.TypingFor {
			t.Errorf("it counted for %v", took)
		}
		minjun.Typing("방", true)
		phone.until("민준 types again", func() bool { return typing(phone) == "민준" })
		minjun.Typing("방", false)
		phone.until("민준 stops", func() bool { return typing(phone) == "" })
		minjun.Typing("방", true)
		phone.until("민준 types again", func() bool { return typing(phone) == "민준" })
		minjun.says("넷")
		phone.shows("하나 둘 셋 넷")
		if typing(phone) != "" {
			t.Error("what was typed has come")
		}
		minjun.Typing("방", true)
		phone.until("민준 types the next message at once", func() bool { return typing(phone) == "민준" })
		again := n.reloaded(t, "다시", phone)
		phone.stop()
		again.Enter("방", "소이")
		again.until("the mark is kept", func() bool { return read(again) == desk.seq(2) })
		for _, g := range []*guest{desk, minjun, again} {
			g.stop()
		}
		i.stop()
	})
}
