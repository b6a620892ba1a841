package app

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/event"
)

// What happens in another tab of this browser is told by its storage: what it keeps by
// the value itself, what it did by news that are taken away at once.

// Kinds of news: what the person did to a room under a name.
const (
	newsLeft    = "left"
	newsRenamed = "renamed"
)

// tellTabs tells the other tabs of the person's what was done here.
func (s *state) tellTabs(kind, room, from, to string) {
	s.keep.browser.Set(keepNews, strings.Join([]string{kind, room, from, to}, "\t"))
	s.keep.browser.Set(keepNews, "")
}

// onStorage hears what another tab has put into localStorage or, without a key,
// that it has emptied it.
func (r *root) onStorage(e app.Value) {
	s, key := r.State, e.Get("key")
	if key.Type() != app.TypeString {
		s.chat.ShelfChanged()
		r.ctx.Dispatch(func(app.Context) { s.beginAnew("/", s.chat.Exit) })
		return
	}
	value := func(name string) string {
		if v := e.Get(name); v.Type() == app.TypeString {
			return v.String()
		}
		return ""
	}
	room, draft := strings.CutPrefix(key.String(), keepDraft)
	answered, reply := strings.CutPrefix(key.String(), keepReply)
	was, is := value("oldValue"), value("newValue")
	switch {
	case strings.HasPrefix(key.String(), shelfPrefix):
		s.chat.ShelfChanged()
	case strings.HasPrefix(key.String(), keepLevel):
		r.ctx.Dispatch(func(app.Context) { s.roomsRev++ })
	case draft:
		r.ctx.Dispatch(func(app.Context) { s.draftElsewhere(room) })
	case reply:
		r.ctx.Dispatch(func(app.Context) { delete(s.replies, answered) })
	case key.String() == keepNews && is != "":
		r.ctx.Dispatch(func(app.Context) { s.hear(is) })
	case key.String() == keepToken && was != "" && is != "" && !event.SameDevice(was, is):
		r.ctx.Dispatch(func(app.Context) { s.beginAnew(path(), s.chat.Pause) })
	}
}

// hear does in this tab what the person did in another one, where one is the same person.
func (s *state) hear(news string) {
	part := strings.Split(news, "\t")
	if len(part) != 4 {
		return
	}
	kind, room, from, to := part[0], part[1], part[2], part[3]
	if r, ok := s.chat.Room(room); !ok || r.As != from {
		return
	}
	switch kind {
	case newsLeft:
		here := room == s.room
		next := s.drop(room)
		if s.aside != nil && s.aside.room == room {
			s.aside.room = ""
		}
		if here {
			s.show(next)
		}
	case newsRenamed:
		s.chat.Enter(room, to)
		if s.name == from {
			s.name = to
			s.keep.tab.Set(keepName, to)
		}
		s.keepRooms()
		s.roomsRev++
	}
	if next := s.refresh(); next != "" {
		s.show(next)
	}
}

// draftElsewhere takes over what another tab has made of the draft in view, if nothing
// was written here since.
func (s *state) draftElsewhere(room string) {
	s.roomsRev++
	if room != s.drafted || s.editing.Key != "" || app.Window().Get("maruComposing").Truthy() || !byID("composer").Truthy() || valueOf("composer") != s.filled {
		return
	}
	s.filled = s.keep.draft(room)
	setValue("composer", s.filled)
	grow()
}

// beginAnew loads the page as a new tab would, since this device was forgotten or is
// another person's now: this page keeps nothing any more. out is how it leaves its rooms:
// what is not sent may have been given a new device by the server, and is to be sent yet.
func (s *state) beginAnew(path string, out func(room string)) {
	s.forgotten = true
	for _, room := range s.chat.Rooms() {
		out(room)
	}
	app.Window().Get("sessionStorage").Call("clear")
	app.Window().Get("location").Call("replace", path)
}
