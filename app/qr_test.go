package app

import (
	"net/url"
	"strings"
	"testing"

	"maru/app/wire/event"
)

// A link is shown so that people can read it, and leads to the same room.
func TestShownLinkLeadsToTheSame(t *testing.T) {
	for room, want := range map[string]string{"기획팀": "/r/기획팀", "두 낱말": "/r/두%20낱말", "C#": "/r/C%23", "질문?": "/r/질문%3F", "a/b 50%": "/r/a%2Fb%2050%25", "🙂": "/r/🙂"} {
		got := shownLink(pathOf(room))
		if got != want {
			t.Errorf("%q is shown as %q, want %q", room, got, want)
		}
		u, err := url.Parse("https://chat.example" + got)
		if err != nil || roomAt(u.EscapedPath()) != room || u.Fragment != "" || u.RawQuery != "" {
			t.Errorf("%q leads to %v, %v", got, u, err)
		}
	}
	if got := shownLink("/r/%ff%EA"); got != "/r/%ff%EA" {
		t.Errorf("bytes that are no text are shown as %q", got)
	}
}

// Every room has a code, also one with the longest name there can be.
func TestEveryRoomHasACode(t *testing.T) {
	for _, room := range []string{"방", strings.Repeat("힣", event.MaxRoom), strings.Repeat("𝒜", event.MaxRoom)} {
		link := "https://a-service-with-a-long-name-abcdefghij-du.a.run.app" + pathOf(room)
		path, size := qrPath(link)
		if size == 0 || (size-17)%4 != 0 || !strings.HasPrefix(path, "M0 0h7v1h-7z") {
			t.Errorf("a link of %d bytes has a code of %d modules that begins with %.20s", len(link), size, path)
		}
	}
	if _, size := qrPath(strings.Repeat("x", 3000)); size != 0 {
		t.Errorf("3,000 bytes fit into %d modules", size)
	}
}
