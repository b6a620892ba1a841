package server

import (
	"testing"

	"maru/app/chat"
	"maru/app/wire/text"
)

// What was written without a network goes out under the name that one takes meanwhile,
// once and in order, and outlives the tab as it is.
func TestUnsentMessagesTakeTheNewName(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi, minjun := n.pair(t)
		n.away(soi, minjun)
		soi.says("하나", "둘")
		soi.shows("?하나 ?둘")
		soi.Enter("방", "새 이름")
		soi.shows("?하나 ?둘")
		if got := soi.Unsent(); len(got) != 1 || got[0].As != "새 이름" {
			t.Errorf("it waits as %v", got)
		}
		soi.stop()
		soi = n.reloaded(t, "b", soi)
		soi.Enter("방", "새 이름")
		soi.shows("?하나 ?둘")
		n.serve(i)
		minjun.shows("하나 둘")
		soi.shows("하나 둘")
		r, _ := minjun.Room("방")
		for _, it := range minjun.Items("방", 0, r.Len) {
			if it.Kind == chat.Post && it.Name != "새 이름" {
				t.Errorf("%q is by %s", it.Text, it.Name)
			}
		}
		soi.stop()
		minjun.stop()
	})
}

// A name that the server refuses takes nothing with it: what was written meanwhile goes out
// under the one that is taken then.
func TestUnsentMessagesOutliveARefusedName(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi, minjun := n.pair(t)
		n.away(soi, minjun)
		soi.says("하나", "둘")
		soi.Enter("방", "Admin")
		soi.shows("?하나 ?둘")
		n.serve(i)
		soi.until("refused", soi.phase(chat.Refused))
		soi.Pause("방")
		soi.Enter("방", "소이")
		soi.shows("하나 둘")
		minjun.shows("하나 둘")
		if got := soi.Unsent(); len(got) > 0 {
			t.Errorf("there is still %v", got)
		}
		soi.stop()
		minjun.stop()
	})
}
