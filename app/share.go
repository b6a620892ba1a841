package app

import (
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/event"
)

// goThere follows an address that came from outside of the page: a notification,
// another start of the app, or something that was shared.
func (s *state) goThere(to string) {
	u, err := url.Parse(to)
	if err != nil {
		return
	}
	if s.arriveWith(u.Fragment) {
		return
	}
	room := roomAt(u.EscapedPath())
	if room == "" {
		room = s.wanted(u.Query())
	}
	if room != "" && s.nameIn(room) == "" {
		s.open(pathOf(room)) // the card asks for a name
		return
	}
	if s.shared != "" || u.Query().Has("new") || room != "" && (room != s.room || !s.inRoom()) {
		s.show(room)
		s.refresh()
	}
}

// wanted reads what the query of an address asks for: the room to show, "" if it
// is the card. What was shared waits for a room to be chosen.
func (s *state) wanted(query url.Values) (room string) {
	if shared := sharedText(query); shared != "" {
		s.shared = shared
		return ""
	}
	switch {
	case query.Has("open"):
		return linked(query.Get("open"))
	case query.Has("unread"):
		if room = s.mostUnread(); room != "" {
			return room
		}
		fallthrough
	case query.Has("recent"):
		if recent := s.keep.recent(); len(recent) > 0 && s.name != "" {
			return recent[0]
		}
	}
	return ""
}

// linked returns the room that a link with a scheme of the app's own leads to, as
// web+maru:ROOM; "" if it leads to none.
func linked(link string) string {
	_, name, _ := strings.Cut(link, ":")
	name, err := url.PathUnescape(strings.Trim(name, "/"))
	room, refusal := event.CleanRoom(name)
	if err != nil || refusal != nil {
		return ""
	}
	return room
}

// mostUnread returns the room with the most to read; "" if there is nothing. Of a room
// that is not counted yet it is known what there was.
func (s *state) mostUnread() (room string) {
	most := 0
	for _, u := range s.unread(s.badge()) {
		if u.n > most {
			room, most = u.room, u.n
		}
	}
	return room
}

// sharedText is what another app shares, as one message: title, text, address.
func sharedText(query url.Values) string {
	var lines []string
	for _, key := range []string{"title", "text", "url"} {
		part := strings.TrimSpace(query.Get(key))
		if part != "" && !strings.Contains(strings.Join(lines, "\n"), part) {
			lines = append(lines, part)
		}
	}
	shared := []rune(strings.Join(lines, "\n"))
	return string(shared[:min(len(shared), event.MaxText)])
}

// takeShared puts what was shared behind the draft of the room that was chosen
// for it.
func (s *state) takeShared(room string) {
	if s.shared == "" {
		return
	}
	draft := s.keep.draft(room)
	if draft != "" {
		draft += "\n"
	}
	s.keep.setDraft(room, draft+s.shared)
	s.shared = ""
}

// addressQuery returns the query of the page's address, with its question mark.
func addressQuery() string {
	search := app.Window().Get("location").Get("search")
	if !search.Truthy() {
		return ""
	}
	return search.String()
}
