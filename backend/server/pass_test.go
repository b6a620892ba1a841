package server

import (
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// passes is the pass that a guest has had made.
func (g *guest) passes() string {
	g.t.Helper()
	g.MakePass()
	g.until("there is a pass", func() bool { return g.Passing().Pass != "" })
	return g.Passing().Pass
}

// refusedPass tells that a pass is not taken.
func (g *guest) refusedPass(pass string) {
	g.t.Helper()
	g.TakePass(pass)
	g.until("it is refused", func() bool { return g.Passing().Refusal != nil })
	if p := g.Passing(); p.Taken || p.Refusal.Code != event.PassInvalid {
		g.t.Errorf("%q: %+v", pass, p)
	}
}

func (g *guest) who() chat.Room { r, _ := g.Room("방"); return r }

// Another device becomes the same person by a pass: under the same name, in the same
// room, with what was read. It may ask for it without a connection. A pass is good for
// one device, and ends.
func TestAnotherDeviceIsTheSamePerson(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi, minjun := n.pair(t)
		pass := soi.passes()
		if left := time.Until(soi.Passing().Until); left <= event.PassTime-time.Minute || left > event.PassTime {
			t.Errorf("it is good for %v", left)
		}
		n.cut()
		phone := n.guest(t, "폰")
		phone.TakePass(pass)
		n.serve(i)
		phone.until("it is taken", func() bool { return phone.Passing().Taken })
		phone.Become()
		phone.stop()
		phone = n.reloaded(t, "폰", phone)
		phone.Enter("방", "소이")
		phone.until("inside", phone.phase(chat.Inside))
		soi.until("inside", soi.phase(chat.Inside))
		minjun.until("inside", minjun.phase(chat.Inside))
		was, _ := soi.Room("방")
		is, _ := phone.Room("방")
		if is.Me != was.Me || is.Count != 2 {
			t.Errorf("the phone is %s, not %s; %d people", is.Me, was.Me, is.Count)
		}
		minjun.says("하나")
		phone.shows("하나")
		soi.shows("하나")
		phone.Read("방", phone.seq(0))
		soi.until("what the phone has read is read", func() bool { r, _ := soi.Room("방"); return r.Read == phone.seq(0) })
		if refusal := phone.Edit("방", phone.seq(0), "남의 말"); refusal != nil {
			t.Fatal(refusal)
		}
		phone.until("another's message is not one's own", func() bool { r, _ := phone.Room("방"); return r.Denied != nil })

		// It is used up: who reads it from a screen or a history comes too late.
		minjun.refusedPass(pass)

		// What was given up is not taken, though it was asked for.
		pass = soi.passes()
		n.away(minjun)
		was = minjun.who()
		minjun.TakePass(pass)
		minjun.DropPass()
		n.serve(i)
		minjun.until("inside", minjun.phase(chat.Inside))
		minjun.Become()
		n.away(minjun)
		n.serve(i)
		minjun.until("inside again", minjun.phase(chat.Inside))
		if is := minjun.who(); is.Me != was.Me {
			t.Errorf("who gave it up is %s, not %s", is.Me, was.Me)
		}

		for _, bad := range []string{"", "없는", "AAAA", pass + "A"} {
			minjun.refusedPass(bad)
		}
		<-time.After(event.PassTime)
		minjun.refusedPass(pass)
		for _, g := range []*guest{soi, minjun, phone} {
			g.stop()
		}
	})
}

// Two tabs of a browser that is new here are one device, whichever was first.
func TestTwoNewTabsAreOneDevice(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(nil)
		one := n.guest(t, "a")
		two := n.reloaded(t, "b", one)
		one.Enter("방", "소이")
		two.Enter("방", "소이")
		n.serve(i)
		one.until("inside", one.phase(chat.Inside))
		two.until("inside", two.phase(chat.Inside))
		one.until("there is one person", func() bool { return one.who().Count == 1 })
		if a, b := one.who(), two.who(); a.Me != b.Me {
			t.Errorf("the tabs are %s and %s", a.Me, b.Me)
		}
		one.stop()
		two.stop()
	})
}
