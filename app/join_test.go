package app

import (
	"testing"
	"time"

	"maru/app/chat"
	"maru/app/wire/text"
)

// The card tells what goes on in the room that stands in it, and of no other one.
func TestRoomHint(t *testing.T) {
	s, now := newTestState(newFakeChat())
	for _, test := range []struct {
		typed  string
		g      chat.Glance
		ko, en string
	}{
		{"방", chat.Glance{Room: "방"}, "없는 방이면 새로 만들어져요.", "A room that isn't there yet will be made."},
		{"다른 방", chat.Glance{Room: "방", Known: true, Count: 2}, "없는 방이면 새로 만들어져요.", "A room that isn't there yet will be made."},
		{"", chat.Glance{Known: true}, "없는 방이면 새로 만들어져요.", "A room that isn't there yet will be made."},
		{" 방 ", chat.Glance{Room: "방", Known: true}, "아무도 없고 메시지도 없는 방이에요.", "Nobody and nothing is in this room yet."},
		{"방", chat.Glance{Room: "방", Known: true, Count: 1}, "지금 1명이 있어요", "1 person is here"},
		{"방", chat.Glance{Room: "방", Known: true, Count: 3, LastAt: now.Add(-5 * time.Minute)}, "지금 3명이 있어요 · 마지막 메시지 5분 전", "3 people are here · last message 5 minutes ago"},
		{"방", chat.Glance{Room: "방", Known: true, LastAt: now.Add(-time.Second)}, "지금은 아무도 없어요 · 마지막 메시지 방금", "Nobody is here right now · last message just now"},
	} {
		for l, want := range map[text.Lang]string{text.Ko: test.ko, text.En: test.en} {
			if got := s.roomHint(l, test.typed, test.g); got != want {
				t.Errorf("%q, %+v: %q, want %q", test.typed, test.g, got, want)
			}
		}
	}
}

// A room that was left is entered again under the name that one had there.
func TestNameIsRememberedForTheRoom(t *testing.T) {
	c := newFakeChat()
	s, _ := newTestState(c)
	s.ask("소이", "방")
	s.enter("방")
	s.entered("방")
	s.leave()
	s.ask("박소이", "회사")
	s.enter("회사")
	s.entered("회사")
	for room, want := range map[string]string{"방": "소이", "회사": "박소이", "처음": "박소이"} {
		if got := s.nameIn(room); got != want {
			t.Errorf("in %s one is %q, want %q", room, got, want)
		}
	}
	// In another tab, which has no name yet, the card is filled in with it.
	other := newState(s.chat, s.probe, kept{browser: s.keep.browser, tab: memory{}}, s.now)
	if other.name != "박소이" {
		t.Errorf("a new tab has the name %q", other.name)
	}
	if other.open(pathOf("방")); other.name != "소이" || other.inRoom() {
		t.Errorf("at the card of the room the name is %q", other.name)
	}
	// A tab that has another name goes by that one.
	twin := newState(s.chat, s.probe, kept{browser: s.keep.browser, tab: memory{keepName: "민준"}}, s.now)
	if got := twin.nameIn("방"); got != "민준" {
		t.Errorf("a tab of 민준 enters as %q", got)
	}
	// Who takes another name takes it in the rooms that one is in.
	if refusal := s.setName("소이 과장"); refusal != nil {
		t.Fatal(refusal)
	}
	c.rooms["회사"].As, c.rooms["회사"].Phase = "소이 과장", chat.Inside
	s.refresh()
	for room, want := range map[string]string{"방": "소이", "회사": "소이 과장"} {
		if got := s.keep.recentName(room); got != want {
			t.Errorf("after a change one is %q in %s, want %q", got, room, want)
		}
	}
}
