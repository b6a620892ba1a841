package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

func TestAskChecksWhatWasTyped(t *testing.T) {
	tests := []struct {
		name, room string
		want       event.Code
	}{
		{"", "방", event.NameEmpty}, {strings.Repeat("이", 25), "방", event.NameTooLong}, {"a\u202eb", "방", event.NameInvalid},
		{"소이", " ", event.RoomEmpty}, {"소이", strings.Repeat("방", 41), event.RoomTooLong},
	}
	for _, test := range tests {
		c := newFakeChat()
		s, _ := newTestState(c)
		s.ask(test.name, test.room)
		if s.refusal == nil || s.refusal.Code != test.want || len(c.calls) > 0 {
			t.Errorf("%q in %q: %v, calls %v; want %s", test.name, test.room, s.refusal, c.calls, test.want)
		}
	}
}

func TestCardWaitsForTheAnswer(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.ask("  소이 ", "기획팀")
	if s.inRoom() || s.asked != "기획팀" || !slices.Equal(c.calls, []string{"enter 기획팀 소이"}) {
		t.Fatalf("asked %q, calls %v", s.asked, c.calls)
	}
	if room := s.refresh(); room != "" {
		t.Fatalf("let in before the answer, to %q", room)
	}
	c.rooms["기획팀"].Phase = chat.Inside
	if room := s.refresh(); room != "기획팀" {
		t.Fatalf("let in to %q", room)
	}
	s.show("기획팀")
	if !s.inRoom() || s.keep.tabName() != "소이" || !slices.Equal(s.keep.recent(), []string{"기획팀"}) {
		t.Errorf("inRoom %v, name %q, recent %v", s.inRoom(), s.keep.tabName(), s.keep.recent())
	}
}

func TestRefusalReturnsToTheCard(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.keep.setName("소이")
	s.name = "소이"
	s.open("/r/%EA%B8%B0%ED%9A%8D%ED%8C%80")
	if !s.inRoom() {
		t.Fatal("a tab with a name did not go straight in")
	}
	c.rooms["기획팀"].Phase, c.rooms["기획팀"].Refusal = chat.Refused, event.Refuse(event.NameTaken)
	s.refresh()
	if s.inRoom() || refusalOf(s) != string(event.NameTaken) || s.room != "기획팀" || len(c.order) > 0 {
		t.Errorf("inRoom %v, refusal %q, room %q, still in %v", s.inRoom(), refusalOf(s), s.room, c.order)
	}
}

func TestDeepLinkWithoutANameAsks(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.keep.browser.Set(keepName, "소이")
	s.open("/r/%EA%B8%B0%ED%9A%8D%ED%8C%80")
	if s.inRoom() || s.room != "기획팀" || len(c.calls) > 0 {
		t.Errorf("inRoom %v, room %q, calls %v", s.inRoom(), s.room, c.calls)
	}
}

func TestRoomsAreEnteredAgainAfterAReload(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.keep.setName("소이")
	s.keep.tab.Set(keepRooms, "하나\n둘\t다른소이")
	s.name = "소이"
	s.restore()
	s.open("/r/둘")
	if !slices.Equal(c.order, []string{"하나", "둘"}) {
		t.Errorf("in %v", c.order)
	}
	if !slices.Equal(c.calls, []string{"enter 하나 소이", "enter 둘 다른소이", "enter 둘 다른소이"}) {
		t.Errorf("calls %v", c.calls)
	}
	s.open("/r/하나") // the way back
	if last := c.calls[len(c.calls)-1]; last != "enter 하나 소이" {
		t.Errorf("the way back: %s", last)
	}
	s.open("/r/둘")
	if next := s.leave(); next != "하나" || !slices.Equal(s.keep.rooms(), []membership{{"하나", "소이"}}) {
		t.Errorf("after leaving: next %q, kept %v", next, s.keep.rooms())
	}
}

func TestPaths(t *testing.T) {
	for _, room := range []string{"기획팀", "a/b", "점심 뭐 먹지?", "100%", "...", "#1", "\"><script>"} {
		if got := roomAt(pathOf(room)); got != room {
			t.Errorf("%q came back as %q from %q", room, got, pathOf(room))
		}
	}
	for _, path := range []string{"/", "", "/r/", "/r/%zz", "/r/%20", "/x/y", "/r/" + strings.Repeat("a", 41), "/r/a%00b"} {
		if got := roomAt(path); got != "" {
			t.Errorf("%q leads to %q", path, got)
		}
	}
}

func TestKeptListsAreBoundedAndClean(t *testing.T) {
	k := kept{browser: memory{keepRecent: "  하나 \n\n\u202e\n" + strings.Repeat("x\n", 50)}, tab: memory{}}
	rooms := k.recent()
	if len(rooms) != maxRecent || rooms[0] != "하나" {
		t.Errorf("%q", rooms)
	}
	for _, room := range []string{"a", "b", "a", "c"} {
		k.visited(room, "소이")
	}
	if rooms := k.recent(); !slices.Equal(rooms[:3], []string{"c", "a", "b"}) || len(rooms) > maxRecent {
		t.Errorf("%q", rooms)
	}
	if k.lang("en-US,en") != text.En || k.lang("") != text.Ko {
		t.Error("the browser's language is not taken")
	}
	k.browser.Set(keepLang, "ko")
	if k.lang("en-US,en") != text.Ko {
		t.Error("the chosen language is not taken")
	}
}

func TestTroubleComesSlowlyAndGoes(t *testing.T) {
	c := newFakeChat()
	s, now := newTestState(c)
	s.refresh()
	c.link = chat.Link{State: chat.Waiting}
	s.refresh()
	lost := *now
	for _, step := range []struct {
		after time.Duration
		want  trouble
	}{{0, noTrouble}, {1900 * time.Millisecond, noTrouble}, {2 * time.Second, dotTrouble}, {4900 * time.Millisecond, dotTrouble}, {5 * time.Second, bannerTrouble}, {time.Hour, bannerTrouble}} {
		*now = lost.Add(step.after)
		if got := s.trouble(); got != step.want {
			t.Errorf("after %v: %d, want %d", step.after, got, step.want)
		}
	}
	c.link.RetryAt = now.Add(2100 * time.Millisecond)
	if got := s.retryIn(); got != 3 {
		t.Errorf("retry in %d s, want 3", got)
	}
	c.link = chat.Link{State: chat.Online}
	s.refresh()
	if s.trouble() != backTrouble || !s.ticking() {
		t.Error("its coming back is not said")
	}
	*now = now.Add(3 * time.Second)
	if s.trouble() != noTrouble || s.ticking() {
		t.Error("something is still said of it")
	}
}

func TestAShortLossIsNotTold(t *testing.T) {
	c := newFakeChat()
	s, now := newTestState(c)
	s.refresh()
	c.link.State = chat.Connecting
	s.refresh()
	*now = now.Add(3 * time.Second)
	c.link.State = chat.Online
	s.refresh()
	if got := s.trouble(); got != noTrouble {
		t.Errorf("%d", got)
	}
}

func TestTakenNameIsChangedWithoutLosingTheRoom(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	pending := said("소이", 1)
	pending.Own, pending.State = true, chat.Pending
	r := c.inside("기획팀", said("a", 0), pending)
	s.room, s.name = "기획팀", "소이"
	s.refresh()
	r.Phase, r.Refusal = chat.Joining, event.Refuse(event.NameTaken)
	s.refresh()
	page := html(t, s)
	has(t, page, text.Ko.T(text.BannerTaken), `id="rename"`, text.Ko.T(text.SendWhenBack))
	if strings.Contains(page, text.Ko.T(text.Sending)) {
		t.Error("it says that it is sending")
	}
	s.rename()
	s.refresh()
	has(t, html(t, s), `id="join"`, text.Refusal(text.Ko, event.NameTaken))
	s.ask("다른소이", "기획팀")
	if c.order[0] != "기획팀" || !slices.Equal(c.calls, []string{"enter 기획팀 다른소이"}) {
		t.Errorf("in %v, calls %v", c.order, c.calls)
	}
	s.refresh()
	if s.refusal == nil || s.inRoom() {
		t.Error("a second name that is taken is not refused on the card")
	}
	r.Phase, r.Refusal = chat.Inside, nil
	s.refresh()
	if !s.inRoom() || s.refusal != nil {
		t.Error("the room is not shown although one is in it")
	}
}

func TestRefusalKeepsWhatIsNotSent(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("기획팀")
	s.room = "기획팀"
	r.Phase, r.Refusal = chat.Refused, event.Refuse(event.NameTaken)
	s.refresh()
	if !slices.Equal(c.calls, []string{"pause 기획팀"}) {
		t.Errorf("calls %v", c.calls)
	}
}

func TestLeavingWithUnsentMessagesIsAsked(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("기획팀")
	s.room = "기획팀"
	if s.askToLeave() {
		t.Error("asked although all is sent")
	}
	r.Unsent = 1
	if !s.askToLeave() {
		t.Fatal("not asked")
	}
	has(t, html(t, s), "아직 보내지 못한 것이 1개 있어요. 그래도 나갈까요?", `id="leave-anyway"`, `id="leave-not"`)
	r.Unsent = 0
	if strings.Contains(html(t, s), "leave-anyway") {
		t.Error("still asked when all has been sent")
	}
	s.leave()
	if s.leaving || !slices.Equal(c.calls, []string{"exit 기획팀"}) {
		t.Errorf("calls %v", c.calls)
	}
}

func TestAddressesThatLeadNowhereAreExplained(t *testing.T) {
	for path, want := range map[string]string{
		"/r/" + strings.Repeat("a", 41): text.Refusal(text.Ko, event.RoomTooLong), "/r/a%00b": text.Refusal(text.Ko, event.RoomInvalid),
		"/r/a/b": text.Ko.T(text.JoinLost), "/xyz": text.Ko.T(text.JoinLost), "/r/%zz": text.Ko.T(text.JoinLost),
	} {
		s, _ := newTestState(newFakeChat())
		s.open(path)
		has(t, html(t, s), `role="alert"`, want)
	}
	for _, path := range []string{"/", "", "/r/", "/r/%20", "/r/a"} {
		s, _ := newTestState(newFakeChat())
		s.open(path)
		if strings.Contains(html(t, s), `role="alert"`) {
			t.Errorf("%q is refused", path)
		}
	}
}

// A page is renewed unasked only where nobody would notice.
func TestUnnoticed(t *testing.T) {
	c := newFakeChat()
	s, now := newTestState(c)
	r := c.inside("방", said("a", 0))
	s.show("방")
	s.refresh()
	step := func(what string, want bool, set func()) {
		t.Helper()
		if set(); s.unnoticed() != want {
			t.Errorf("%s: %v", what, !want)
		}
	}
	step("in view", false, func() {})
	step("just hidden", false, func() { s.hiddenAt = s.now() })
	step("hidden for a while", true, func() { *now = now.Add(hiddenFor) })
	step("a message is not sent", false, func() { r.Unsent = 1 })
	step("a draft", false, func() { r.Unsent = 0; s.keep.setDraft("방", "쓰던 글") })
	step("no draft", true, func() { s.keep.setDraft("방", "") })
	step("an edit", false, func() { s.editing = chat.Item{Key: "s1"} })
	step("the card", false, func() { s.editing = chat.Item{}; s.show("") })
}
