package app

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

func TestToolsOfAMessage(t *testing.T) {
	own := said("소이", 1)
	own.Own, own.Seq = true, 1
	deleted, pending, theirs := own, own, said("a", 1)
	deleted.Deleted, pending.State, theirs.Seq = true, chat.Pending, 2
	tests := []struct {
		name string
		item chat.Item
		want string // what can be done
	}{{"one's own", own, "react reply copy link edit delete"}, {"another's", theirs, "react reply copy link"}, {"a deleted one", deleted, ""}, {"one on its way", pending, ""}}
	for _, test := range tests {
		page := ""
		if tools := (&line{Active: true}).tools(test.item); tools != nil {
			page = app.HTMLString(tools)
		}
		var does []string
		for _, do := range []string{"react", "reply", "copy", "link", "edit", "delete"} {
			if strings.Contains(page, `data-do="`+do+`"`) {
				does = append(does, do)
			}
		}
		if got := strings.Join(does, " "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestDeletedAndEditedMessages(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	gone, changed := said("a", 1), said("a", 2)
	gone.Deleted, gone.Text = true, "지워진 비밀"
	changed.EditedAt = noon
	c.inside("방", gone, changed)
	s.room = "방"
	page := html(t, s)
	has(t, page, text.Ko.T(text.Deleted), text.Ko.T(text.Edited))
	if strings.Contains(page, "지워진 비밀") {
		t.Error("a deleted message can be read")
	}
}

func TestTheLastOwnMessageIsEdited(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	first, second, failed := said("소이", 1), said("소이", 2), said("소이", 4)
	first.Own, second.Own, failed.Own, failed.State = true, true, true, chat.Failed
	second.Text = "고칠 말"
	c.inside("방", first, second, said("a", 3), failed)
	s.room = "방"
	if !s.editLast() || s.editing.Text != "고칠 말" {
		t.Errorf("%+v is edited", s.editing)
	}
	c.inside("조용한 방", said("a", 1))
	s.room = "조용한 방"
	if s.editLast() {
		t.Error("somebody else's message is edited")
	}
}

func TestBeforeCaret(t *testing.T) {
	for caret, want := range map[int]string{-1: "", 0: "", 3: "👍@", 4: "👍@민", 9: "👍@민"} {
		if got := beforeCaret("👍@민", caret); got != want {
			t.Errorf("before %d: %q, want %q", caret, got, want)
		}
	}
}

func TestCallingPeople(t *testing.T) {
	users := []event.User{{ID: "me", Username: "민"}, {ID: "a", Username: "민준"}, {ID: "b", Username: "민지"}, {ID: "c", Username: "Jules Verne"}, {ID: "d", Username: "지수"}}
	tests := []struct{ before, want string }{
		{"@", "민준 민지 Jules Verne 지수"}, {"안녕 @민", "민준 민지"}, {"@민준", "민준"}, {"@jules v", "Jules Verne"}, {"@민아", ""},
		{"@미", "민준 민지"}, {"@민ㅈ", "민준 민지"}, {"@짓", "지수"}, {"@ㅁㅈ", "민준 민지"}, {"@준", "민준"}, {"@ㅈ", "지수 민준 민지"}, {"@verne", "Jules Verne"}, {"@민준 ", ""}, {"@민준 ㅁ", ""},
		{"me@", ""}, {"@민\n", ""}, {"안녕", ""}, {"@민준 그리고 @민지", "민지"}, {"@" + strings.Repeat("가", 30), ""},
	}
	for _, test := range tests {
		var names []string
		for _, u := range callingIn(test.before, users, "me").people {
			names = append(names, u.Username)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%q calls %q, want %q", test.before, got, test.want)
		}
	}
}

// The grid has rows of four, then two of another kind.
func TestGridSteps(t *testing.T) {
	place := func(i int) (x, y float64) {
		if i >= 6 {
			return float64(i-6) * 40, 120
		}
		return float64(i%4) * 40, float64(i/4) * 40
	}
	tests := []struct {
		key      string
		at, want int
	}{
		{"ArrowRight", 0, 1}, {"ArrowRight", 7, 7}, {"ArrowLeft", 0, 0}, {"Home", 5, 0}, {"End", 0, 7},
		{"ArrowDown", 1, 5}, {"ArrowDown", 3, 5}, {"ArrowDown", 5, 7}, {"ArrowDown", 6, 6}, {"ArrowUp", 5, 1}, {"ArrowUp", 2, 2},
		{"ArrowUp", 7, 5}, {"ArrowDown", -1, 0},
	}
	for _, test := range tests {
		if got := gridStep(test.key, test.at, 8, place); got != test.want {
			t.Errorf("%s from %d leads to %d, want %d", test.key, test.at, got, test.want)
		}
	}
}

func TestRecentEmoji(t *testing.T) {
	k := kept{browser: memory{}, tab: memory{}}
	for _, kind := range emoji {
		for e := range strings.FieldsSeq(kind.all) {
			if refusal := event.CheckEmoji(e); refusal != nil {
				t.Errorf("%q can't be a reaction: %v", e, refusal)
			}
			k.usedEmoji(e)
		}
	}
	k.usedEmoji("👍")
	k.usedEmoji("🎉")
	k.usedEmoji("👍")
	if got := k.recentEmoji(); len(got) != maxRecentEmoji || !slices.Equal(got[:2], []string{"👍", "🎉"}) {
		t.Errorf("%q", got)
	}
}

func TestNoticedByLevel(t *testing.T) {
	r := chat.Room{Name: "방", As: "소이"}
	named, other := said("a", 1), said("b", 2)
	named.Text = "@소이 봐요"
	for _, test := range []struct {
		level level
		want  string
	}{{levelAll, other.Text}, {levelMentions, named.Text}, {levelNone, ""}} {
		if it, ok := noticed(newFakeChat(), test.level, []chat.Item{named, other}, r); it.Text != test.want || ok != (test.want != "") {
			t.Errorf("level %d: %q, %v", test.level, it.Text, ok)
		}
	}
}

func TestSharedAndWanted(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.name = "소이"
	s.keep.visited("최근", "소이")
	r := c.inside("방", said("a", 0))
	s.refresh()
	s.goThere("/?recent")
	if s.room != "최근" {
		t.Errorf("the recent room is %q", s.room)
	}
	if s.goThere("/?open=" + url.QueryEscape("web+maru://"+url.PathEscape("점심")+"/")); s.room != "점심" {
		t.Errorf("a link of the app's own leads to %q", s.room)
	}
	s.show("최근")
	s.goThere("/?unread")
	if s.room != "최근" {
		t.Errorf("without anything to read it is %q", s.room)
	}
	r.add(said("a", 1))
	s.refresh()
	s.goThere("/?unread")
	if s.room != "방" {
		t.Errorf("the room with something to read is %q", s.room)
	}
	s.keep.setDraft("최근", "쓰던 글")
	s.goThere("/?title=T&text=T%20x&url=https%3A%2F%2Fa.kr")
	if s.room != "" || s.shared != "T\nT x\nhttps://a.kr" {
		t.Errorf("in %q, shared %q", s.room, s.shared)
	}
	has(t, html(t, s), `id="shared"`)
	s.show("최근")
	if got := s.keep.draft("최근"); got != "쓰던 글\nT\nT x\nhttps://a.kr" || s.shared != "" {
		t.Errorf("the draft is %q", got)
	}
	for _, bad := range []string{"", "%zz", "/r/%zz", "/?text=%20", "https://evil.example/?x"} {
		s.goThere(bad)
		if s.room != "최근" || s.shared != "" {
			t.Errorf("%q leads to %q, shared %q", bad, s.room, s.shared)
		}
	}
}

func TestNobodyEntersWithoutAName(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	if s.goThere("/r/other"); len(c.calls) > 0 || s.room != "other" || s.inRoom() {
		t.Errorf("in %q, calls %q", s.room, c.calls)
	}
}

func TestSettingsPage(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	c.inside("<방>")
	s.room, s.drawer = "<방>", settingsDrawer
	s.keep.setPref(keepTheme, "dark")
	s.keep.setPref(keepSize, "broken")
	page := html(t, s)
	has(t, page, `id="settings"`, `id="my-name"`, "&lt;방&gt;", `id="forget"`, `name="maru.theme"`)
	for name, want := range map[string]string{"maru.theme-dark": "checked", "maru.size-": "checked", "maru.theme-light": ""} {
		_, rest, ok := strings.Cut(page, `id="`+name+`"`)
		tag, _, _ := strings.Cut(rest, ">")
		before := page[:len(page)-len(rest)]
		tag = before[strings.LastIndex(before, "<"):] + tag
		if !ok || strings.Contains(tag, "checked") != (want != "") {
			t.Errorf("%s: %s", name, tag)
		}
	}
	s.room = ""
	if strings.Contains(html(t, s), `id="my-name"`) {
		t.Error("the settings ask for a name beside the card")
	}
}

// A new name is taken where one is let in with it; then also where one was called the same.
func TestNameIsSetInAllRooms(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	for _, room := range []string{"하나", "둘", "셋"} {
		c.inside(room)
	}
	c.rooms["셋"].As = "민지"
	s.room, c.calls = "하나", nil
	if refusal := s.setName("a\u202eb"); refusal == nil || len(c.calls) > 0 {
		t.Errorf("%v, calls %q", refusal, c.calls)
	}
	step := func(when, want string) {
		t.Helper()
		s.refresh()
		if got := strings.Join(c.calls, ", "); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	if refusal := s.setName(" 새이름 "); refusal != nil || s.keep.name() != "" {
		t.Errorf("%v, kept %q before one was let in", refusal, s.keep.name())
	}
	step("while it is asked for", "enter 하나 새이름")
	c.rooms["하나"].As = "새이름"
	step("let in", "enter 하나 새이름, enter 둘 새이름")
	if s.keep.name() != "새이름" {
		t.Errorf("kept %q", s.keep.name())
	}
	c.rooms["둘"].As, c.calls = "새이름", nil
	// One that is taken does not stay between the one before and the next.
	s.setName("남의이름")
	c.rooms["하나"].As, c.rooms["하나"].Phase = "남의이름", chat.Joining
	step("taken", "enter 하나 남의이름")
	s.setName("또새이름")
	c.rooms["하나"].As, c.rooms["하나"].Phase = "또새이름", chat.Inside
	step("the next", "enter 하나 남의이름, enter 하나 또새이름, enter 둘 또새이름")
	c.rooms["둘"].As, c.calls = "또새이름", nil
	s.setName("Admin")
	c.rooms["하나"].As, c.rooms["하나"].Phase = "Admin", chat.Refused
	step("refused", "enter 하나 Admin, pause 하나")
	if s.keep.name() != "또새이름" {
		t.Errorf("the refused name is kept: %q", s.keep.name())
	}
}

func TestSpeechIsAsChosen(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	r := c.inside("방")
	s.room = "방"
	s.refresh()
	named := said("a", 1)
	named.Text = "@소이 봐요"
	s.keep.setPref(keepSpeak, "mentions")
	r.add(said("b", 1), named)
	s.refresh()
	if !strings.Contains(s.spoken.said, "봐요") || strings.Contains(s.spoken.said, "…") {
		t.Errorf("said %q", s.spoken.said)
	}
	s.spoken = speech{}
	s.keep.setPref(keepSpeak, "none")
	r.add(said("b", 2))
	s.refresh()
	if s.spoken.said != "" {
		t.Errorf("said %q", s.spoken.said)
	}
}
