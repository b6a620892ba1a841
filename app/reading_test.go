package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/wire/event"
)

// attend has the person look at the end of the room in view.
func attend(s *state) { s.gaze.focused, s.gaze.end = true, true }

func TestUnreadCountsOthersOnce(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("둘째", said("a", 0), said("a", 1))
	c.inside("첫째")
	s.enter("첫째")
	attend(s)
	s.refresh()
	if n := s.badge().sum; n != 0 {
		t.Fatalf("%d unread at the start", n)
	}
	own, pending := said("소이", 2), said("소이", 3)
	own.Own, pending.Own, pending.State = true, true, chat.Pending
	r.add(said("a", 2), own, came("b", 2), said("b", 2), pending)
	s.refresh()
	s.refresh()
	if n := s.badge().sum; n != 2 {
		t.Fatalf("%d unread, want 2", n)
	}
	// A line of somebody else comes in above the pending one.
	r.items = slices.Insert(r.items, len(r.items)-1, chat.Item{Key: "x", Kind: chat.Post, Name: "b", Seq: r.Head + 1})
	r.Len, r.Rev, r.Head = len(r.items), r.Rev+1, r.Head+1
	s.refresh()
	if n := s.badge().sum; n != 3 {
		t.Fatalf("%d unread, want 3", n)
	}
	// Older lines are nothing new.
	r.items = slices.Insert(r.items, 0, chat.Item{Key: "old", Kind: chat.Post, Name: "a"})
	r.Len, r.Rev, r.Fills = len(r.items), r.Rev+1, r.Fills+1
	s.refresh()
	if b := s.badge(); b.sum != 3 || s.title(b) != "(3) 첫째 · 마루" || b.rooms["둘째"] != (count{n: 3, bold: true}) {
		t.Errorf("%+v, title %q", b, s.title(b))
	}
}

// A line is read when it was seen for a while by somebody who is there, and not
// before; and each is seen for that long, however many come.
func TestReadIsWhatWasSeenForAWhile(t *testing.T) {
	c := newFakeChat()
	s, now := newTestState(c)
	r := c.inside("방", said("a", 0))
	s.enter("방")
	s.refresh()
	r.add(said("a", 1), said("a", 2))
	s.refresh()
	later := func(d time.Duration) {
		*now = now.Add(d)
		s.look()
	}
	want := func(what string, unread int, calls ...string) {
		t.Helper()
		if n := s.reading["방"].n; n != unread || !slices.Equal(c.calls, calls) {
			t.Fatalf("%s: %d unread, calls %q; want %d, %q", what, n, c.calls, unread, calls)
		}
	}
	later(time.Minute)
	want("nobody is there", 2)
	s.gaze.end = true
	later(time.Minute)
	want("the window has no focus", 2)
	if got := s.title(s.badge()); got != "(2) 방 · 마루" {
		t.Errorf("the title of a room that nobody looks at is %q", got)
	}
	s.gaze.focused = true
	later(0)
	later(gazeFor - time.Millisecond)
	want("not seen for long", 2)
	if !s.unseen() || s.badge().sum != 0 {
		t.Error("what is being looked at counts as unread, or is never looked at again")
	}
	r.add(said("a", 3))
	s.refresh()
	later(time.Millisecond)
	want("the third was not there for as long", 1, "read 방 3")
	later(gazeFor)
	want("all seen", 0, "read 방 3")
	later(tellEvery)
	want("other devices are told now and then", 0, "read 방 3", "read 방 4")
	s.gaze.focused = false
	later(time.Hour)
	s.gaze.focused = true
	r.add(said("a", 9))
	s.refresh()
	later(gazeFor - 1)
	want("time away is not time seen", 1, "read 방 3", "read 방 4")
}

// A room that is shown as it was kept says where reading had stopped, before the
// server is asked; what it then says is no news. With it the visit begins: the line
// stands where the server says, also for somebody who is there already.
func TestKeptRoomSaysWhatIsUnread(t *testing.T) {
	tests := []struct {
		what                string
		kept, told          int64 // read up to
		more                bool  // another line has come since
		n, line, then, last int64
	}{
		{"as it was kept", 1, 1, false, 2, 1, 2, 1},
		{"more was read", 1, 2, false, 2, 1, 1, 2},
		{"all was read", 1, 3, false, 2, 1, 0, 0},
		{"more was read, and more has come", 1, 3, true, 2, 1, 1, 3},
		{"all was read, and more has come", 3, 3, true, 0, 0, 1, 3},
	}
	for _, test := range tests {
		c := newFakeChat()
		s, now := newTestState(c)
		r := c.inside("방", said("a", 0), said("a", 1), said("a", 2))
		r.Phase, r.Kept, r.Room.Read = chat.Joining, true, test.kept
		s.enter("방")
		attend(s)
		s.refresh()
		g := s.reading["방"]
		if int64(g.n) != test.n || g.line != test.line || len(g.fresh) > 0 {
			t.Errorf("%s: kept: %d unread behind %d, news %v; want %d behind %d, none", test.what, g.n, g.line, g.fresh, test.n, test.line)
		}
		r.Phase, r.Kept, r.Room.Read = chat.Inside, false, test.told
		s.refresh()
		if test.more { // what was missed comes by and by
			*now = now.Add(openingFor / 2)
			r.add(said("a", 3))
		}
		s.refresh()
		if int64(g.n) != test.then || g.line != test.last || !test.more && s.spoken.said != "" {
			t.Errorf("%s: inside: %d unread behind %d, said %q; want %d behind %d", test.what, g.n, g.line, s.spoken.said, test.then, test.last)
		}
		// From now on it stays, whatever is read here or elsewhere, or is said.
		*now = now.Add(openingFor)
		r.Room.Read = r.Head
		s.refresh()
		if g.n != 0 || g.line != test.last {
			t.Errorf("%s: read: %d unread behind %d, want none behind %d", test.what, g.n, g.line, test.last)
		}
		r.add(said("a", 4))
		s.refresh()
		if g.line != test.last {
			t.Errorf("%s: a message that comes while one looks is behind a line at %d, want %d", test.what, g.line, test.last)
		}
	}
}

// What was read just before a reload is read, although neither the room's note nor the
// server knew of it in time; and what is kept says so, so that no line comes and goes.
func TestReadingGoesOnOverAReload(t *testing.T) {
	c := newFakeChat()
	s, now := newTestState(c)
	r := c.inside("방", said("a", 0))
	s.enter("방")
	s.refresh()
	attend(s)
	r.add(said("a", 1), said("a", 2))
	s.refresh()
	*now = now.Add(gazeFor)
	s.look()
	r.Room.Read = 1                      // as the note was written
	for _, head := range []int64{3, 2} { // what was kept may be shorter than what was read
		r.Phase, r.Kept, r.Head = chat.Joining, true, head
		s = newState(c, s.probe, s.keep, s.now)
		s.enter("방")
		s.refresh()
		if g := s.reading["방"]; g.n != 0 || g.line != 0 || g.read != head {
			t.Errorf("kept up to %d: %d unread behind %d, read to %d", head, g.n, g.line, g.read)
		}
	}
}

func TestReadMarksOfOtherDevicesOnlyGoForth(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방", said("a", 0))
	c.inside("다른")
	s.enter("다른")
	s.refresh()
	r.add(said("a", 1), said("a", 2), said("a", 3))
	s.refresh()
	for _, step := range []struct {
		mark int64
		n    int
	}{{0, 3}, {2, 2}, {1, 2}, {4, 0}, {3, 0}} {
		r.Room.Read = step.mark
		s.refresh()
		if n := s.reading["방"].n; n != step.n {
			t.Errorf("mark %d: %d unread, want %d", step.mark, n, step.n)
		}
	}
}

// A room that has grown very long is trimmed, unless somebody is reading further up.
func TestLongRoomsAreTrimmedWhereNobodyReads(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방", said("a", 0))
	c.inside("다른")
	s.enter("방")
	for _, step := range []struct {
		what string
		set  func()
		want bool
	}{
		{"not so long", func() { r.Len = chat.LongRoom; s.gaze.end = true }, false},
		{"at the end", func() { r.Len = chat.LongRoom + 1 }, true},
		{"on the way to a line", func() { s.jump = 1 }, false},
		{"further up", func() { s.jump, s.gaze.end = 0, false }, false},
		{"not in view", func() { s.enter("다른") }, true},
	} {
		c.calls = nil
		step.set()
		s.refresh()
		if got := slices.Contains(c.calls, "trim 방"); got != step.want {
			t.Errorf("%s: %q", step.what, c.calls)
		}
	}
}

func TestGapsCountForWhatMayBeInThem(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방", said("a", 0))
	s.refresh()
	r.add(chat.Item{Kind: chat.Gap, From: 2, To: 5000, Posts: 4999}, said("a", 1))
	s.refresh()
	if n := s.reading["방"].n; n != 5000 {
		t.Fatalf("%d unread, want 5000", n)
	}
	// The newer end is loaded: of ten lines six were of others.
	items := []chat.Item{r.items[0], {Kind: chat.Gap, Key: "g", From: 2, To: 4990, Posts: 4989}}
	for i := range 6 {
		items = append(items, chat.Item{Key: string(rune('a' + i)), Kind: chat.Post, Name: "a", Seq: int64(4991 + i)})
	}
	r.items = append(items, r.items[2])
	r.Len, r.Rev, r.Fills = len(r.items), r.Rev+1, r.Fills+1
	s.refresh()
	if n := s.reading["방"].n; n != 4989+6+1 {
		t.Errorf("%d unread, want %d", n, 4989+6+1)
	}
	if len(s.reading["방"].fresh) > 0 || s.spoken.said != "" {
		t.Error("what was loaded is taken for new")
	}
}

func TestALogThatBeginsAnewIsUnread(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방", said("a", 0), said("a", 1), said("a", 2))
	s.refresh()
	r.items, r.Head = nil, 0
	r.Fills++
	r.add(said("a", 9))
	s.refresh()
	if n := s.reading["방"].n; n != 1 {
		t.Errorf("%d unread, want 1", n)
	}
}

func TestUnreadLine(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방", said("a", 0), said("a", 1))
	c.inside("다른")
	s.enter("다른")
	s.refresh()
	rows := func() string {
		m := &messages{State: s, Room: "방"}
		m.choose(r.Room)
		var out []row
		for _, r := range m.rows {
			out = append(out, *r)
		}
		return draw(out)
	}
	want := func(what, want string) {
		t.Helper()
		if got := rows(); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	own := said("소이", 2)
	own.Own = true
	r.add(came("b", 1), own, said("a", 2), said("a", 3))
	s.refresh()
	s.enter("방")
	attend(s)
	want("on entering", "day P p n P unread P p") // never above one's own
	s.readAll()
	want("when the person says that all is read", "day P p n P P p")
	s.enter("다른")
	r.add(said("a", 4))
	s.refresh()
	s.enter("방")
	want("at the next visit", "day P p n P P p unread P")
	s.markRead(r.Room, s.reading["방"], r.Head)
	s.refresh()
	want("it stays while it is read", "day P p n P P p unread P")
	s.enter("다른")
	s.enter("방")
	want("and goes with the visit", "day P p n P P p p")
	r.add(said("a", 5))
	s.refresh()
	want("none for what comes while one looks", "day P p n P P p p p")
	r.Room.Read = r.Head
	s.refresh()
	s.gaze.focused = false
	r.add(said("a", 6))
	s.refresh()
	want("one for what comes while one is away", "day P p n P P p p p unread P")
	r.items[len(r.items)-1] = chat.Item{Key: "g", Kind: chat.Gap, From: r.Head, To: r.Head + 2, Posts: 3}
	r.Head += 2
	r.Fills++
	s.refresh()
	if page := html(t, s); strings.Count(page, `class="unread-line"`) != 1 {
		t.Errorf("the line is not drawn once:\n%s", page)
	}
	want("it stands above a gap", "day P p n P P p p p unread gap")
}

func TestLevelsSayWhatCounts(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방")
	s.refresh()
	hello := said("a", 1)
	hello.Text = "@소이 안녕하세요"
	r.add(said("a", 0), hello, said("b", 2))
	s.refresh()
	for _, test := range []struct {
		level level
		want  count
		sum   int
	}{{levelAll, count{1, true, true}, 3}, {levelMentions, count{1, true, true}, 1}, {levelNone, count{bold: true}, 0}} {
		s.setLevel("방", test.level)
		if b := s.badge(); b.rooms["방"] != test.want || b.sum != test.sum {
			t.Errorf("level %d: %+v", test.level, b)
		}
	}
	s.keep.browser.Set(keepLevel+"방", "x9")
	if got := s.keep.level("방"); got != levelAll {
		t.Errorf("a broken level is %d", got)
	}
}

func TestMentions(t *testing.T) {
	users := []event.User{{Username: "민준"}, {Username: "민"}, {Username: "Jules"}, {Username: "Jules Verne"}}
	tests := []struct {
		text, name string
		want       bool
	}{
		{"@민준 안녕", "민준", true}, {"@민준님이요", "민준", true}, {"그럼@민준", "민준", true}, {"@민준", "민", false},
		{"@민아", "민", true}, {"민준", "민준", false}, {"@jules, hi", "Jules", true}, {"@Julesy", "Jules", false},
		{"me@Jules", "Jules", false}, {"@Jules Verne", "Jules", false}, {"@Jules Verne and @Jules", "Jules", true},
		{"@Jules님", "Jules", true}, {"@", "민", false}, {"@민준", "", false}, {"@@민준", "민준", true},
	}
	for _, test := range tests {
		if got := mentions(test.text, test.name, users); got != test.want {
			t.Errorf("%q names %q: %v", test.text, test.name, got)
		}
	}
	if from, to := mentioned("안녕 @Jules Verne씨", users); "안녕 @Jules Verne씨"[from:to] != "@Jules Verne" {
		t.Errorf("%d to %d", from, to)
	}
}
