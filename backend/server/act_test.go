package server

import (
	"context"
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/chat/chattest"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

func (g *guest) unsent() int { r, _ := g.Room("방"); return r.Unsent }

func (g *guest) settled() {
	g.t.Helper()
	g.until("nothing waits", func() bool { return g.unsent() == 0 })
}

// What was changed without a network shows at once, outlives the tab, and is made
// once and in the order it was done, wherever the app is opened again; another tab
// shows it too, and one tab alone sends it.
func TestChangesOfflineOutliveTheTab(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		one, minjun := n.guest(t, "a"), n.guest(t, "민준")
		one.Enter("방", "소이")
		minjun.Enter("방", "민준")
		one.until("inside", one.phase(chat.Inside))
		minjun.until("inside", minjun.phase(chat.Inside))
		one.says("하나", "둘")
		minjun.shows("하나 둘")
		one.shows("하나 둘")
		two := n.reloaded(t, "b", one)
		two.Enter("방", "소이")
		two.until("it has the lines", func() bool { two.Older("방"); return two.texts("방") == "하나 둘" })
		<-time.After(written)
		room, _ := minjun.Room("방")
		before := room.Head

		n.away(one, two, minjun)
		at, second := one.seq(0), one.seq(1)
		one.Edit("방", at, "먼저 고침")
		two.sees(0, "먼저 고침 (edited)")
		two.Edit("방", at, "나중 고침")
		one.sees(0, "나중 고침 (edited)")
		one.React("방", at, "👍", true)
		two.sees(0, "나중 고침 (edited) 👍1")
		one.Delete("방", second)
		two.sees(1, "(deleted)")
		if it := two.Items("방", 0, 9)[0]; !it.Changing || two.unsent() != 4 {
			t.Errorf("the line is %+v, %d wait", it, two.unsent())
		}
		if minjun.line(0) != "하나" {
			t.Errorf("somebody else sees %q", minjun.line(0))
		}
		one.stop()
		two.stop() // no tab is left

		again := n.reloaded(t, "c", one)
		if got := again.Unsent(); len(got) != 1 || got[0] != (chat.Membership{Room: "방", As: "소이"}) {
			t.Errorf("unsent: %v", got)
		}
		again.Enter("방", "소이")
		again.sees(0, "나중 고침 (edited) 👍1")
		again.sees(1, "(deleted)")
		other := n.reloaded(t, "d", one)
		other.Enter("방", "소이")
		other.sees(0, "나중 고침 (edited) 👍1")
		n.serve(i)
		for _, g := range []*guest{again, other, minjun} {
			g.ConnectNow()
			g.sees(0, "나중 고침 (edited) 👍1")
			g.sees(1, "(deleted)")
			g.settled()
		}
		for _, it := range again.Items("방", 0, 9) {
			if it.Changing {
				t.Errorf("still on its way: %+v", it)
			}
		}
		newcomer := n.guest(t, "하늘")
		newcomer.Enter("방", "하늘")
		newcomer.sees(0, "나중 고침 (edited) 👍1")
		newcomer.sees(1, "(deleted)")
		changes, err := i.store.Changes(t.Context(), "방", before, 0, 100)
		made := ""
		for _, e := range changes { // newest first
			made = string(e.Kind) + made
		}
		if err != nil || made != "eerd" {
			t.Errorf("the log has the changes %q, %v", made, err)
		}
		for _, g := range []*guest{again, other, minjun, newcomer} {
			g.stop()
		}
	})
}

// Only the tab that has the right to send sends changes.
func TestOneTabSendsChanges(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi, minjun := n.pair(t)
		soi.says("하나")
		soi.shows("하나")
		minjun.shows("하나")
		<-time.After(time.Second) // the right is given back
		release := soi.device.Occupy()
		soi.Edit("방", soi.seq(0), "고침")
		soi.sees(0, "고침 (edited)")
		<-time.After(time.Minute)
		if minjun.line(0) != "하나" || soi.unsent() != 1 {
			t.Errorf("without the right it is sent: %q, %d wait", minjun.line(0), soi.unsent())
		}
		release()
		minjun.sees(0, "고침 (edited)")
		soi.settled()
		soi.stop()
		minjun.stop()
	})
}

// A change that the server refuses is taken back, in every tab, and that is said.
func TestRefusedChangeIsTakenBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi, minjun := n.pair(t)
		soi.says("하나")
		minjun.shows("하나")
		tab := n.reloaded(t, "b", minjun)
		tab.Enter("방", "민준")
		tab.until("it has the line", func() bool { tab.Older("방"); return tab.texts("방") == "하나" })
		n.away(minjun, tab)
		at := minjun.seq(0)
		minjun.Edit("방", at, "내 것")
		minjun.React("방", at, "🎉", true)
		tab.sees(0, "내 것 (edited) 🎉1")
		n.serve(i)
		minjun.ConnectNow()
		tab.ConnectNow()
		for _, g := range []*guest{minjun, tab} {
			g.sees(0, "하나 🎉1")
			g.settled()
		}
		denied := 0
		for _, g := range []*guest{minjun, tab} {
			if r, _ := g.Room("방"); r.Denied != nil {
				denied++
				if r.Denied.Code != event.NotYours {
					t.Errorf("refused with %v", r.Denied)
				}
			}
		}
		if denied != 1 {
			t.Errorf("%d tabs say that it was refused, want the one that sent it", denied)
		}
		for _, g := range []*guest{soi, minjun, tab} {
			g.stop()
		}
	})
}

// What was changed under a name is that person's, and goes with another name, when the room is left,
// when the device is to forget, and with the log that it was of.
func TestChangesAreForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		n := reach(i)
		soi := n.inside(t, "소이")
		soi.says("하나")
		soi.shows("하나")
		<-time.After(written)
		n.away(soi)
		at := soi.seq(0)
		soi.Edit("방", at, "고침")
		soi.sees(0, "고침 (edited)")
		soi.Enter("방", "다른 이름")
		soi.sees(0, "하나")
		if r, _ := soi.Room("방"); r.Unsent != 0 || len(soi.Unsent()) > 0 || r.Denied == nil || r.Denied.Code != event.NotYours {
			t.Errorf("a change of another name: %d wait, refused with %v", r.Unsent, r.Denied)
		}
		soi.Enter("방", "소이")
		soi.sees(0, "하나")
		soi.Edit("방", at, "고침")
		soi.sees(0, "고침 (edited)")
		soi.Pause("방")
		if len(soi.Unsent()) != 1 {
			t.Error("it is lost with a pause")
		}
		soi.Enter("방", "소이")
		soi.Exit("방")
		if got := soi.Unsent(); len(got) > 0 {
			t.Errorf("the room was left, and there is %v", got)
		}
		soi.Enter("방", "소이")
		soi.Delete("방", at)
		if err := soi.Forget(context.Background()); err != nil || len(soi.Unsent()) > 0 {
			t.Errorf("not forgotten: %v, %v", soi.Unsent(), err)
		}
		soi.stop()
		i.stop()
	})
}

// A change of a message of a log that was lost must not change another message
// that has its number now.
func TestChangeOfALostLog(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := start(t, database(t), text.Ko)
		n := reach(first)
		soi := n.inside(t, "소이")
		soi.says("하나", "둘")
		soi.shows("하나 둘")
		<-time.After(written)
		n.away(soi)
		soi.React("방", soi.seq(0), "🎉", true)
		soi.React("방", soi.seq(1), "🎉", true)
		soi.stop()
		first.stop()
		second := start(t, database(t), text.Ko)
		defer second.stop()
		n.serve(second)
		minjun := n.inside(t, "민준")
		minjun.says("새로", "또")
		minjun.shows("새로 또")
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.shows("새로 또")
		<-time.After(time.Minute)
		for _, g := range []*guest{soi, minjun} {
			if g.unsent() != 0 || g.line(0) != "새로" || g.line(1) != "또" {
				t.Errorf("%d wait, the lines are %q and %q", g.unsent(), g.line(0), g.line(1))
			}
			g.stop()
		}
	})
}

// What an earlier version has put on the shelf is still sent, and what is no entry
// of any version is left alone.
func TestShelfOfEarlierVersions(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		device := chattest.New()
		tab := device.Tab(func() {})
		tab.Set("x1", `["방","소이","옛 버전의 글",1000,""]`)
		strange := map[string]string{"x2": `[]`, "x3": `["소이"]`, "x4": `["소이",{"kind":"edit"}]`, "x5": `{`, "x6": `["소이",{"kind":"boo","room":"방","seq":2,"target":1,"id":"x6","user":"","createdAt":1}]`}
		for id, entry := range strange {
			tab.Set(id, entry)
		}
		soi := n.reloaded(t, "소이", &guest{device: device})
		if got := soi.Unsent(); len(got) != 1 {
			t.Errorf("unsent: %v", got)
		}
		soi.Enter("방", "소이")
		soi.shows("옛 버전의 글")
		soi.settled()
		for id, entry := range strange {
			if got := tab.Entries()[id]; got != entry {
				t.Errorf("%s has become %q", id, got)
			}
		}
		soi.stop()
	})
}
