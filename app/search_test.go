package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/find"
	"maru/app/wire/text"
)

func TestSearchShowsWhatWasFound(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	c.inside("기획팀")
	s.room, s.search.open, s.search.chosen = "기획팀", true, hitAt{"개발", 3}
	has(t, html(t, s), `id="find"`, `role="combobox"`, text.Ko.T(text.SearchTips))
	long := strings.Repeat("가", 500) + "<b>회의</b>" + strings.Repeat("나", 500)
	from := strings.Index(long, "회의")
	c.found = chat.Findings{Text: "회의", Local: true, Rev: 1, Hits: []chat.Hit{
		{Room: "기획팀", Seq: 7, Name: "<i>민준</i>", Text: "회의 또 회의", At: noon, Marks: []find.Span{{From: 0, To: 6}, {From: 11, To: 17}}},
		{Room: "개발", Seq: 3, Name: "소이", Text: long, At: noon.Add(-48 * time.Hour), Marks: []find.Span{{From: from, To: from + 6}}},
	}}
	page := html(t, s)
	has(t, page, `id="hit-0"`, `id="hit-1"`, `aria-activedescendant="hit-1"`, "2개 찾았어요.", text.Ko.T(text.SearchLocal),
		"&lt;i&gt;민준", "&lt;b&gt;", "…", text.Ko.Clock(noon))
	for _, bad := range []string{"<b>회의", "<i>민준", strings.Repeat("나", 200)} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	if n := strings.Count(page, "<mark>"); n != 3 {
		t.Errorf("%d marks", n)
	}
	c.found = chat.Findings{Text: "없다", Rev: 2}
	has(t, html(t, s), text.Ko.T(text.SearchNone))
}

func TestJumpIsGoneToWhenItIsLoaded(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방", chat.Item{Kind: chat.Gap, Key: "g90", From: 1, To: 90})
	for i := range 200 {
		it := said("a", i)
		it.Seq = int64(91 + i)
		r.add(it)
	}
	m := &messages{State: s, Room: "방"}
	m.choose(r.Room)
	s.jump = 50
	m.choose(r.Room)
	if m.free || s.jump != 50 {
		t.Fatalf("gone to a line that is not loaded: free %v, jump %d", m.free, s.jump)
	}
	s.jump = 120
	m.choose(r.Room)
	if !m.free || s.jump != 0 || rowOf(m.rows, 30) < 0 || m.anchor.index != 30 {
		t.Errorf("free %v, jump %d, anchor %+v, window %v", m.free, s.jump, m.anchor, m.win)
	}
}

func TestDraftsAndWhatIsKeptAreMarked(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	c.inside("하나")
	c.inside("둘")
	s.keep.setDraft("하나", "쓰던 글")
	s.room = "둘"
	if page := html(t, s); strings.Count(page, text.Ko.T(text.RoomDraft)) != 1 {
		t.Error("the room with a draft is not marked, or another one is")
	}
	if s.keep.tab.Get(keepDraft+"하나") != "" || s.keep.browser.Get(keepDraft+"하나") == "" {
		t.Error("a draft does not outlive the tab")
	}
	c.rooms["둘"].Kept = true
	if page := html(t, s); strings.Contains(page, text.Ko.T(text.RoomKept)) {
		t.Error("offline is said although there is a connection")
	}
	c.link.State = chat.Waiting
	page := html(t, s)
	has(t, page, text.Ko.T(text.RoomKept), `class="members kept"`)
	if strings.Contains(page, "접속 중") || strings.Contains(page, "people-count") {
		t.Error("people of then are said to be here now")
	}
}

func TestDeviceKnowsTheRoomsOneIsIn(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.keep.setMember("기획팀", "소이")
	s.open("/r/%EA%B8%B0%ED%9A%8D%ED%8C%80")
	if !s.inRoom() || !slices.Equal(c.calls, []string{"enter 기획팀 소이"}) || s.keep.tabName() != "소이" {
		t.Errorf("a new tab is not let into a room of this device: %v", c.calls)
	}
	s.leave()
	if s.keep.memberOf("기획팀") != "" {
		t.Error("a room that was left is still one's own")
	}
	for i := range 30 {
		s.keep.setMember(strings.Repeat("방", i+1), "소이")
	}
	if n := len(s.keep.members()); n != maxMembers {
		t.Errorf("%d rooms are remembered", n)
	}
}

// Who starts anew is in all rooms of this device; a tab that is entered by the card, in
// those of whom it is entered as.
func TestNewTabTakesTheRooms(t *testing.T) {
	members := func(s *state) {
		for _, m := range []membership{{"하나", "소이"}, {"둘", "소이"}, {"셋", "다른소이"}, {"넷", "소이"}} {
			s.keep.setMember(m.room, m.name)
		}
	}
	c := newFakeChat()
	s, _ := newTestState(c)
	members(s)
	s.open(pathOf("둘"))
	if want := []string{"둘", "넷", "셋", "하나"}; !slices.Equal(c.order, want) {
		t.Errorf("by a link: in %q, want %q", c.order, want)
	}
	c = newFakeChat()
	s, _ = newTestState(c)
	members(s)
	s.ask("소이", "다섯")
	c.inside("다섯")
	s.show(s.refresh())
	if want := []string{"다섯", "넷", "둘", "하나"}; !slices.Equal(c.order, want) {
		t.Errorf("by the card: in %q, want %q", c.order, want)
	}
	s.chat.Exit("둘")
	s.show("넷")
	if slices.Contains(c.order, "둘") {
		t.Error("a room that was left is entered again")
	}
}

// What there is to read is known before the rooms are counted, and is that of all tabs.
func TestUnreadIsKnownFromTheStart(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.keep.setMember("하나", "소이")
	s.keep.setMember("둘", "소이")
	c.inside("하나", said("a", 0))
	c.inside("둘", said("a", 0))
	s.refresh()
	for range 3 {
		c.rooms["둘"].add(said("민지", 1))
	}
	c.rooms["하나"].add(said("민지", 1))
	s.refresh()
	if n := s.keepUnread(s.badge()); n != 4 || s.mostUnread() != "둘" {
		t.Fatalf("%d to read, most in %q", n, s.mostUnread())
	}
	c = newFakeChat()
	keep := s.keep
	s, _ = newTestState(c)
	s.keep = keep
	if n := s.keepUnread(s.badge()); n != 4 || s.mostUnread() != "둘" {
		t.Errorf("at the next start %d, most in %q", n, s.mostUnread())
	}
	c.inside("둘", said("a", 0))
	s.refresh()
	if n := s.keepUnread(s.badge()); n != 1 {
		t.Errorf("once one of the rooms is read there are %d to read, want 1", n)
	}
	s.keep.setMember("하나", "")
	c.rooms["둘"].add(said("민지", 1))
	s.refresh()
	if n := s.keepUnread(s.badge()); n != 1 {
		t.Errorf("with a room that was left there are %d to read, want 1", n)
	}
}

// Messages that wait are sent wherever the app is opened: their rooms are entered.
func TestRoomsWithUnsentMessagesAreEntered(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	c.unsent = []chat.Membership{{Room: "하나", As: "소이"}, {Room: "하나", As: "다른소이"}, {Room: "둘", As: "소이"}}
	s.restore()
	s.open("/")
	if s.inRoom() || !slices.Equal(c.calls, []string{"enter 하나 소이", "enter 둘 소이"}) {
		t.Errorf("in a room: %v, calls %v", s.inRoom(), c.calls)
	}
}
