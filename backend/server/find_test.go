package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/wire/text"
)

// A line far above is loaded with what is around it, and the rest from there.
func TestJumpingToALine(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), Config{Limits: &Limits{}}) // all is said at once
		defer i.stop()
		n := reach(i)
		talker := i.stock("")
		talker.must("join", `{"username":"민준","room":"방"}`)
		var want []string
		for k := range 1300 {
			want = append(want, fmt.Sprint(k))
			talker.must("message", fmt.Sprintf(`"%d"`, k))
		}
		soi := n.guest(t, "소이")
		soi.Enter("방", "소이")
		soi.until("the newest page", func() bool { return strings.HasSuffix(soi.texts("방"), " 1299") })
		at := func(seq int64) string {
			key := ""
			soi.until("the line is loaded", func() bool {
				k, missing := soi.At("방", seq)
				key = k
				return !missing
			})
			return soi.Items("방", soi.Index("방", key), soi.Index("방", key)+1)[0].Text
		}
		if got := at(200); got != "198" { // the coming of who talks is the first line
			t.Errorf("at 200 stands %q", got)
		}
		if got := soi.Missing(); got != 0 {
			t.Errorf("%d lines count as missed", got)
		}
		gap := func() (key string) {
			r, _ := soi.Room("방")
			for i, it := range soi.Items("방", 0, r.Len) {
				if it.Kind == chat.Gap && i > 0 {
					key = it.Key
				}
			}
			return key
		}
		if gap() == "" {
			t.Fatalf("no gap between %.30q and the newest", soi.texts("방"))
		}
		soi.until("the way down and up", func() bool {
			if key := gap(); key != "" {
				soi.FillUp("방", key)
				return false
			}
			r, _ := soi.Room("방")
			if r.More {
				soi.Older("방")
			}
			return !r.More
		})
		soi.shows(strings.Join(want, " "))
		soi.stop()
		talker.bye()
	})
}

// Of what is found more is asked for, page by page, until there is no more.
func TestFindMore(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), Config{Limits: &Limits{}}) // all is said at once
		defer i.stop()
		n := reach(i)
		talker := i.stock("")
		talker.must("join", `{"username":"민준","room":"방"}`)
		var want []string
		for k := range 180 {
			want = append(want, fmt.Sprint("회의 ", k))
			talker.must("message", fmt.Sprintf(`"회의 %d"`, k))
			talker.must("message", fmt.Sprintf(`"점심 %d"`, k))
			<-time.After(time.Millisecond) // they are shown by their time
		}
		slices.Reverse(want)
		soi := n.inside(t, "소이")
		soi.Find("방", "회의")
		for pages := 0; ; pages++ {
			soi.until("found", func() bool { return !soi.Findings().Busy })
			f := soi.Findings()
			var got []string
			for _, h := range f.Hits {
				got = append(got, h.Text)
			}
			if len(got) > len(want) || !slices.Equal(got, want[:len(got)]) || f.Local {
				t.Fatalf("page %d: %q", pages, got)
			}
			if !f.More {
				if len(got) != len(want) || pages < 3 {
					t.Errorf("%d found on %d pages", len(got), pages+1)
				}
				break
			}
			soi.FindMore()
			soi.FindMore() // at once, it is one
		}
		soi.FindMore()
		if soi.Findings().Busy {
			t.Error("after the last page it is looked for more")
		}
		soi.stop()
		talker.bye()
	})
}

// Messages are found in the rooms one is in and in those that are kept.
func TestFindWithoutANetwork(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi := n.guest(t, "소이")
		soi.Enter("방", "소이")
		soi.Enter("둘", "소이")
		soi.until("inside", soi.phase(chat.Inside))
		soi.says("어제 회의록을 봤어요", "점심")
		<-time.After(written)
		if refusal := soi.Post("둘", "회의는 내일"); refusal != nil {
			t.Fatal(refusal)
		}
		<-time.After(written)
		soi.stop()
		n.serve(nil)
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.until("it shows the room", func() bool { return soi.texts("방") != "" })
		finds := func(room, words string, want ...string) {
			t.Helper()
			soi.Find(room, words)
			soi.until("found "+words, func() bool { return !soi.Findings().Busy })
			var got []string
			for _, h := range soi.Findings().Hits {
				got = append(got, h.Room+": "+h.Text)
				if len(h.Marks) == 0 || !h.Own || h.Seq == 0 {
					t.Errorf("hit %+v", h)
				}
			}
			if f := soi.Findings(); !slices.Equal(got, want) || !f.Local {
				t.Errorf("%q in %q: %q, want %q; local %v", words, room, got, want, f.Local)
			}
		}
		finds("", "회으", "둘: 회의는 내일", "방: 어제 회의록을 봤어요")
		finds("방", "회으", "방: 어제 회의록을 봤어요")
		finds("", "ㅎㅇㄹ", "방: 어제 회의록을 봤어요")
		finds("", "회읠", "방: 어제 회의록을 봤어요") // on the way to 회의로
		finds("", "없다")
		// As it is once what was changed without a network has arrived.
		if refusal := soi.Edit("방", soi.seq(1), "저녁 회의"); refusal != nil {
			t.Fatal(refusal)
		}
		if refusal := soi.Delete("방", soi.seq(0)); refusal != nil {
			t.Fatal(refusal)
		}
		finds("방", "점심")
		finds("", "회의", "둘: 회의는 내일", "방: 저녁 회의")
		soi.Find("", "")
		if f := soi.Findings(); f.Busy || len(f.Hits) > 0 {
			t.Errorf("after the end there is %+v", f)
		}
		soi.stop()
	})
}

// What was deleted is gone from the device, too, and what was edited is there
// as it is now.
func TestChangesReachWhatIsKept(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		soi := n.inside(t, "소이")
		soi.says("비밀", "오타")
		soi.shows("비밀 오타")
		<-time.After(written)
		lines := soi.device.Lines("방")
		soi.Delete("방", lines[0])
		if refusal := soi.Edit("방", lines[1], "고침"); refusal != nil {
			t.Fatal(refusal)
		}
		soi.until("both are done", func() bool {
			return strings.HasSuffix(soi.texts("방"), "고침") && !strings.Contains(soi.texts("방"), "비밀")
		})
		<-time.After(written)
		_, kept, err := soi.device.Load(context.Background(), "방")
		if all := strings.Join(kept, "\n"); err != nil || strings.Contains(all, "비밀") || strings.Contains(all, "오타") {
			t.Errorf("kept is %s, %v", all, err)
		}
		soi.stop()
		n.serve(nil)
		soi = n.reloaded(t, "소이", soi)
		soi.Enter("방", "소이")
		soi.until("it shows what was kept", func() bool { return strings.HasSuffix(soi.texts("방"), "고침") })
		r, _ := soi.Room("방")
		items := soi.Items("방", 0, r.Len)
		if !slices.ContainsFunc(items, func(it chat.Item) bool { return it.Deleted }) || items[len(items)-1].EditedAt.IsZero() {
			t.Errorf("restored: %+v", items)
		}
		soi.stop()
	})
}

// What this device does not have the server has, and says so without being told
// twice.
func TestFindAsksTheServer(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n := reach(i)
		talker := i.stock("")
		talker.must("join", `{"username":"민준","room":"방"}`)
		talker.must("message", `"아주 오래된 회의록"`)
		for k := range 200 {
			talker.must("message", fmt.Sprintf(`"말 %d"`, k))
		}
		talker.must("message", `"새 회의록"`)
		soi := n.guest(t, "소이")
		soi.Enter("방", "소이")
		soi.until("the newest page", func() bool { return strings.HasSuffix(soi.texts("방"), "회의록") })
		for _, room := range []string{"방", ""} {
			soi.Find(room, "회의록")
			soi.until("found", func() bool { return !soi.Findings().Busy })
			f := soi.Findings()
			if len(f.Hits) != 2 || f.Hits[0].Text != "새 회의록" || f.Hits[1].Text != "아주 오래된 회의록" || len(f.Hits[1].Marks) != 1 || f.Local {
				t.Errorf("in %q: %+v", room, f)
			}
		}
		soi.stop()
		talker.bye()
	})
}
