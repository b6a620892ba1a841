package server

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/store"
)

// replies writes what replies show, in the order they stand.
func (g *guest) replies() string {
	r, _ := g.Room("방")
	var all []string
	for _, it := range g.Items("방", 0, r.Len) {
		if it.ReplyTo == 0 {
			continue
		}
		q, mark := g.Quote("방", it.ReplyTo), ""
		switch {
		case it.State == chat.Failed:
			mark = "!"
		case it.State == chat.Pending:
			mark = "?"
		}
		switch {
		case !q.Known:
			all = append(all, mark+it.Text+" < …")
		case q.Deleted:
			all = append(all, mark+it.Text+" < (deleted)")
		default:
			all = append(all, mark+it.Text+" < "+q.Name+" "+q.Text)
		}
	}
	return strings.Join(all, ", ")
}

func (g *guest) answers(seq int64, words string) {
	g.t.Helper()
	if refusal := g.Reply("방", seq, words); refusal != nil {
		g.t.Fatal(refusal)
	}
}

func (g *guest) showsReplies(want string) {
	g.t.Helper()
	g.until("it shows the replies "+want+", not "+g.replies(), func() bool { return g.replies() == want })
}

// A reply waits for the network, also over a reload, and shows all the while
// what it answers; edits and the deletion of that show in it.
func TestGuestsReply(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi, minjun := n.pair(t)
		minjun.says("언제예요?")
		soi.shows("언제예요?")
		at := soi.seq(0)
		<-time.After(written)
		n.away(soi)
		soi.answers(at, "세시")
		soi.showsReplies("?세시 < 민준 언제예요?")
		soi.stop()
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.showsReplies("?세시 < 민준 언제예요?")
		n.serve(i)
		soi.ConnectNow()
		minjun.ConnectNow()
		for _, g := range []*guest{soi, minjun} {
			g.showsReplies("세시 < 민준 언제예요?")
		}
		minjun.Edit("방", at, "몇 시예요?")
		for _, g := range []*guest{soi, minjun} {
			g.showsReplies("세시 < 민준 몇 시예요?")
		}
		minjun.Delete("방", at)
		for _, g := range []*guest{soi, minjun} {
			g.showsReplies("세시 < (deleted)")
		}
		soi.answers(at, "네시")
		soi.showsReplies("세시 < (deleted), !네시 < (deleted)")
		r, _ := soi.Room("방")
		if it := soi.Items("방", r.Len-1, r.Len)[0]; it.Why == nil || it.Why.Code != event.Gone {
			t.Errorf("refused with %v", it.Why)
		} else {
			soi.Retry("방", it.ID)
		}
		for _, g := range []*guest{soi, minjun} {
			g.until("it is sent by itself", func() bool { return strings.HasSuffix(g.texts("방"), " 네시") })
			g.showsReplies("세시 < (deleted)")
		}
		soi.stop()
		minjun.stop()
	})
}

// What a reply answers is far above what is loaded: it is asked for by itself,
// and kept up to date without becoming a line.
func TestGuestsReplyToWhatIsFarAway(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi := n.inside(t, "소이")
		var want []string
		for k := range 200 {
			want = append(want, fmt.Sprint(k))
		}
		soi.says(want...)
		soi.shows(strings.Join(want, " "))
		first, second := soi.seq(0), soi.seq(1)
		soi.answers(first, "하나")
		soi.answers(second, "둘")
		soi.showsReplies("하나 < 소이 0, 둘 < 소이 1")
		minjun := n.guest(t, "민준")
		minjun.Enter("방", "민준")
		minjun.showsReplies("하나 < 소이 0, 둘 < 소이 1")
		if r, _ := minjun.Room("방"); r.Len > 60 || !r.More {
			t.Errorf("%d lines are loaded", r.Len)
		}
		if q := minjun.Quote("방", first); q.Own || q.ID == "" {
			t.Errorf("%+v", q)
		}
		soi.Edit("방", first, "영")
		soi.Delete("방", second)
		minjun.showsReplies("하나 < 소이 영, 둘 < (deleted)")

		if err := i.store.Trim(context.Background(), "방", store.Retention{Count: 10}); err != nil {
			t.Fatal(err)
		}
		late := n.guest(t, "하늘")
		late.Enter("방", "하늘")
		late.showsReplies("하나 < (deleted), 둘 < (deleted)")
		n.away(late)
		if q := late.Quote("방", first+5); q.Known {
			t.Errorf("without a network it knows %+v", q)
		}
		for _, g := range []*guest{soi, minjun, late} {
			g.stop()
		}
	})
}

// In the log that follows one that was lost, nothing answers what has the old
// one's place.
func TestRepliesOfALostLog(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := start(t, database(t), text.Ko)
		n := reach(first)
		soi := n.inside(t, "소이")
		soi.says("하나", "둘")
		soi.shows("하나 둘")
		at := soi.seq(1)
		n.away(soi)
		soi.answers(at, "답")
		first.stop()
		second := start(t, database(t), text.Ko)
		defer second.stop()
		n.serve(second)
		other := n.inside(t, "민준")
		other.says("가", "나", "다")
		other.shows("가 나 다")
		soi.ConnectNow()
		other.shows("가 나 다 답")
		if got := other.replies(); got != "" {
			t.Errorf("another message is answered: %s", got)
		}
		soi.stop()
		other.stop()
	})
}
