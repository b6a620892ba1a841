package app

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// What one device gives is what another one is told; what is too much for a picture is
// left out, the room in view last.
func TestDeviceIsToldOfTheRooms(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	for _, m := range []membership{{"셋", "다른 소이"}, {"둘", "소이"}, {"하나", "소이"}} {
		s.keep.setMember(m.room, m.name)
	}
	c.inside("둘")
	s.room = "둘"
	a, ok := parseGiven(s.given("abc-_1"))
	if want := []membership{{"둘", "소이"}, {"하나", "소이"}, {"셋", "다른 소이"}}; !ok || a.pass != "abc-_1" || !slices.Equal(a.rooms, want) {
		t.Errorf("told %+v, %v", a, ok)
	}
	for i := range maxMembers {
		s.keep.setMember(strings.Repeat("긴", 40-i), strings.Repeat("이", 24))
	}
	given := s.given(strings.Repeat("x", 80))
	if a, ok := parseGiven(given); !ok || a.rooms[0].room != "둘" || len(given) > 80+maxGiven*4/3+32 {
		t.Errorf("%d bytes: %+v", len(given), a)
	}
	if path, size := qrPath("https://maru.example/#" + given); path == "" || size > 90 {
		t.Errorf("the picture has %d modules a side", size)
	}
}

func TestGivenByWhomever(t *testing.T) {
	rooms := func(lines string) string { return base64.RawURLEncoding.EncodeToString([]byte(lines)) }
	many := strings.Repeat("방\t소이\n", 100)
	for _, bad := range []string{"", "120", "pass=abc", "pass=&rooms=" + rooms("방\t소이\n"), "pass=a.b&rooms=" + rooms("방\t소이\n"), "pass=abc&rooms=%", "pass=abc&rooms=*",
		"pass=" + strings.Repeat("x", event.MaxPass+1) + "&rooms=" + rooms("방\t소이\n"),
		"pass=abc&rooms=" + rooms("방\tAdmin\u202e\n"), "pass=abc&rooms=" + rooms("\t\n"), "pass=abc&rooms=" + rooms(many+many)} {
		if a, ok := parseGiven(bad); ok {
			t.Errorf("%q is read as %+v", bad, a)
		}
	}
	if a, ok := parseGiven("pass=abc&rooms=" + rooms(strings.Repeat("방\t소이\n", 60))); !ok || len(a.rooms) != maxMembers {
		t.Errorf("%d rooms", len(a.rooms))
	}
}

// Nothing is taken unasked; what the server refuses is said; what it gives is taken over
// for the page that begins then.
func TestArrival(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	given := "pass=abc&rooms=" + base64.RawURLEncoding.EncodeToString([]byte("기획팀\t<b>소이</b>\n점심\t소이\n"))
	if !s.arriveWith(given) || len(c.calls) > 0 {
		t.Fatalf("calls %q", c.calls)
	}
	page := html(t, s)
	has(t, page, `id="arrive-yes"`, `id="arrive-not"`, "&lt;b&gt;소이")
	c.passing = chat.Passing{Taken: true} // of an older one
	if s.refresh(); s.arriving.pass == "" {
		t.Fatal("taken before it was asked for")
	}
	s.arriving.busy = true
	c.passing = chat.Passing{Refusal: event.Refuse(event.PassInvalid)}
	has(t, html(t, s), text.Refusal(text.Ko, event.PassInvalid), `id="arrive-error"`)
	s.keep.setMember("옛 방", "옛 이름")
	s.keep.visited("옛 방", "옛 이름")
	c.unsent = []chat.Membership{{Room: "옛 방", As: "옛 이름"}}
	has(t, html(t, s), text.Ko.T(text.ArriveUnsent), `disabled`)
	c.unsent, c.calls = nil, nil
	c.passing = chat.Passing{Taken: true}
	s.refresh()
	want := []membership{{"기획팀", "<b>소이</b>"}, {"점심", "소이"}}
	if !slices.Equal(c.calls, []string{"become"}) || !slices.Equal(s.keep.members(), want) || !slices.Equal(s.keep.visits(), want) || s.keep.name() != "<b>소이</b>" || !s.forgotten {
		t.Errorf("kept %+v and %+v, name %q, calls %q", s.keep.members(), s.keep.visits(), s.keep.name(), c.calls)
	}
}

// Who cancels is who they were, whatever the server answers then.
func TestArrivalIsCancelled(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.arriveWith("pass=abc&rooms=" + base64.RawURLEncoding.EncodeToString([]byte("기획팀\t소이\n")))
	v := &arrival{State: s}
	v.onYes(app.Context{}, app.Event{})
	v.onNo(app.Context{}, app.Event{})
	c.passing = chat.Passing{Taken: true}
	s.refresh()
	if want := []string{"take abc", "drop pass"}; !slices.Equal(c.calls, want) || len(s.keep.members()) > 0 {
		t.Errorf("calls %q, want %q; kept %+v", c.calls, want, s.keep.members())
	}
}

// What is done in one tab is done in the others, where one is the same person.
func TestOtherTabsDoTheSame(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	for _, room := range []string{"하나", "둘", "셋"} {
		c.inside(room)
	}
	c.rooms["셋"].As = "다른 소이"
	s.name, s.room, c.calls = "소이", "하나", nil
	for _, news := range []string{"left\t둘\t소이\t", "left\t셋\t소이\t", "left\t넷\t소이\t", "renamed\t하나\t소이\t새소이", "renamed\t하나\t소이", "?\t하나\t소이\t", ""} {
		s.hear(news)
	}
	if want := []string{"exit 둘", "enter 하나 새소이"}; !slices.Equal(c.calls, want) || s.name != "새소이" || s.room != "하나" {
		t.Errorf("calls %q, want %q; name %q in %q", c.calls, want, s.name, s.room)
	}
}
