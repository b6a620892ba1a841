package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/chat"
	"maru/app/chat/chattest"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// written is longer than it takes a client to keep what changed.
const written = 2 * time.Second

// A client that starts without a network knows what the one before it knew, and
// goes on from there: nothing is missing, and nothing there twice.
func TestKeptRoomIsReadableOffline(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi, minjun := n.pair(t)
		soi.says("하나")
		minjun.says("둘")
		soi.until("both said", func() bool {
			said := soi.texts("방")
			return len(strings.Fields(said)) == 2 && !strings.Contains(said, "?")
		})
		before := soi.texts("방")
		<-time.After(written)
		soi.stop()
		n.serve(nil)
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.shows(before)
		if r, _ := soi.Room("방"); !r.Kept || r.Phase != chat.Joining || len(r.Users) != 2 || r.More {
			t.Errorf("offline the room is %+v", r)
		}
		for _, it := range soi.Items("방", 0, 99) {
			if it.Kind == chat.Post && it.Own != (it.Name == "소이") {
				t.Errorf("%q of %s: own is %v", it.Text, it.Name, it.Own)
			}
		}
		minjun.says("셋", "넷")
		minjun.shows(before + " 셋 넷")
		n.serve(i)
		soi.ConnectNow()
		soi.shows(before + " 셋 넷")
		if r, _ := soi.Room("방"); r.Kept || r.More {
			t.Errorf("online the room is %+v", r)
		}
		soi.stop()
		minjun.stop()
	})
}

// A line that was kept and got lost leaves a gap, which is loaded.
func TestLostLineOfWhatWasKeptIsAGap(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi := n.inside(t, "소이")
		soi.says("하나", "둘", "셋", "넷")
		soi.shows("하나 둘 셋 넷")
		<-time.After(written)
		lines := soi.device.Lines("방")
		for _, lost := range []int{1, 3} { // one in the middle, and the last
			soi.device.Lose("방", lines[lost])
		}
		soi.stop()
		n.serve(nil)
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.shows("하나 … 셋 …")
		n.serve(i)
		soi.ConnectNow()
		soi.shows("하나 둘 셋 넷")
		soi.stop()
	})
}

// What is kept is bounded, and goes when the room is left or the device is to
// forget.
func TestKeptIsBoundedAndForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi := n.guest(t, "소이")
		soi.Enter("방", "소이")
		soi.Enter("둘", "소이")
		soi.until("inside", soi.phase(chat.Inside))
		var want []string
		for k := range 620 {
			want = append(want, fmt.Sprint(k))
		}
		soi.says(want...)
		soi.shows(strings.Join(want, " "))
		<-time.After(written)
		if lines := soi.device.Lines("방"); len(lines) != 500 {
			t.Errorf("%d lines are kept", len(lines))
		}
		saves := soi.device.Saves()
		if saves > 40 {
			t.Errorf("kept in %d writes", saves)
		}
		soi.Exit("방")
		<-time.After(written)
		if lines := soi.device.Lines("방"); len(lines) > 0 {
			t.Errorf("%d lines are kept of a room that was left", len(lines))
		}
		soi.stop()

		n.serve(nil)
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("둘", "소이")
		if refusal := soi.Post("둘", "nicht gesendet"); refusal != nil {
			t.Fatal(refusal)
		}
		if got := soi.Unsent(); !slices.Equal(got, []chat.Membership{{Room: "둘", As: "소이"}}) {
			t.Errorf("unsent: %v", got)
		}
		if err := soi.Forget(context.Background()); err != nil {
			t.Error(err)
		}
		<-time.After(written)
		notes, err := soi.device.Rooms(context.Background())
		if err != nil || len(notes) > 0 || len(soi.Unsent()) > 0 || len(soi.Rooms()) > 0 {
			t.Errorf("not forgotten: %v, %v, %v, %v", notes, soi.Unsent(), soi.Rooms(), err)
		}
		soi.stop()
	})
}

// A log that was lost takes what was kept of it along.
func TestResetClearsWhatWasKept(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := start(t, database(t), text.Ko)
		n := reach(first)
		soi := n.inside(t, "소이")
		soi.says("하나", "둘", "셋")
		soi.shows("하나 둘 셋")
		<-time.After(written)
		n.cut()
		first.stop()
		second := start(t, database(t), text.Ko)
		defer second.stop()
		n.serve(second)
		soi.until("away", soi.phase(chat.Joining))
		soi.ConnectNow()
		soi.until("inside again", soi.phase(chat.Inside))
		soi.says("새로")
		soi.shows("새로")
		<-time.After(written)
		soi.stop()
		n.serve(nil)
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.shows("새로")
		soi.stop()
	})
}

// Who was away for long keeps the newest page, not what was there before: that
// may have changed meanwhile.
func TestWhatWasMissedIsNotKeptAsKnown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), Config{Limits: &Limits{}}) // all is said at once
		defer i.stop()
		n := reach(i)
		soi := n.inside(t, "소이")
		soi.says("처음")
		soi.shows("처음")
		<-time.After(written)
		talker := i.stock("")
		talker.must("join", `{"username":"민준","room":"방"}`)
		n.cut()
		soi.until("away", soi.phase(chat.Joining))
		last := ""
		for k := range event.MaxMissed + 100 {
			last = fmt.Sprint(k)
			talker.must("message", fmt.Sprintf(`"%d"`, k))
		}
		n.serve(i)
		soi.ConnectNow()
		soi.until("the newest page", func() bool { return strings.HasSuffix(soi.texts("방"), last) })
		<-time.After(written)
		shown := soi.texts("방")
		soi.stop()
		n.serve(nil)
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.until("what was kept", func() bool { return strings.HasSuffix(soi.texts("방"), last) })
		if got, want := soi.texts("방"), strings.TrimPrefix(shown, "처음 "); got != want {
			t.Errorf("kept %.60q, want %.60q", got, want)
		}
		soi.stop()
		talker.bye()
	})
}

// A device that keeps nothing is no reason not to talk.
func TestBrokenDeviceDoesNotBreakTheChat(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		before := &guest{device: chattest.New()}
		before.device.Break(true)
		soi := n.reloaded(t, "소이", before)
		soi.Enter("방", "소이")
		soi.until("inside", soi.phase(chat.Inside))
		soi.says("하나", "둘")
		soi.shows("하나 둘")
		<-time.After(written)
		soi.device.Break(false)
		soi.says("셋")
		soi.shows("하나 둘 셋")
		<-time.After(written)
		soi.stop()
		n.serve(nil)
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.shows("… 셋") // what was not kept is not claimed
		n.serve(i)
		soi.ConnectNow()
		soi.until("all of it", func() bool {
			soi.Older("방")
			r, _ := soi.Room("방")
			return !r.More
		})
		soi.shows("하나 둘 셋")
		soi.stop()
	})
}

// Two tabs: each shows what the other one writes, and what one leaves behind the
// other one sends, in the order of writing.
func TestTabsShareWhatIsNotSent(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		one := n.guest(t, "a")
		one.Enter("방", "소이")
		one.until("inside", one.phase(chat.Inside)) // and the device has its token
		two := n.reloaded(t, "b", one)
		two.Enter("방", "소이")
		two.until("inside", two.phase(chat.Inside))
		one.says("처음")
		for _, g := range []*guest{one, two} {
			g.until("it is there", func() bool { return strings.HasSuffix(g.texts("방"), "처음") && g.phase(chat.Inside)() })
			g.until("all is there", func() bool { g.Older("방"); return g.texts("방") == "처음" })
		}
		n.cut()
		for _, g := range []*guest{one, two} {
			g.until("away", g.phase(chat.Joining))
		}
		one.says("하나")
		two.shows("처음 ?하나")
		two.says("둘")
		one.shows("처음 ?하나 ?둘")
		one.says("셋")
		one.shows("처음 ?하나 ?둘 ?셋")
		two.shows("처음 ?하나 ?둘 ?셋")
		r, _ := one.Room("방")
		one.Discard("방", one.Items("방", r.Len-1, r.Len)[0].ID)
		two.shows("처음 ?하나 ?둘")
		one.stop()
		n.serve(i)
		two.ConnectNow()
		two.shows("처음 하나 둘")
		one = n.reloaded(t, "c", one)
		one.Enter("방", "소이")
		one.shows("처음 하나 둘")
		one.says("넷")
		two.shows("처음 하나 둘 넷")
		one.stop()
		two.stop()
		synctest.Wait()
	})
}
