package app

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// What a person has chosen for this browser. Each is one short word; none is the
// default. The look is read by boot.js as well, before the first paint.
const (
	keepTheme  = "maru.theme"  // light or dark; else as the system is
	keepSize   = "maru.size"   // of text: s, l or xl
	keepMotion = "maru.motion" // less
	keepEnter  = "maru.enter"  // line: Enter breaks the line, and sends with Ctrl
	keepSpeak  = "maru.speak"  // what a screen reader is told: mentions or none
	keepAsked  = "maru.asked"  // yes: whether to notify was asked
)

// pref returns what was chosen, and sets it.
func (k kept) pref(key string) string     { return k.browser.Get(key) }
func (k kept) setPref(key, choice string) { k.browser.Set(key, choice) }

// choose takes a choice over at once.
func (s *state) choose(key, choice string) {
	if key == keepLang {
		l, _ := text.FromTag(choice)
		s.setLang(l)
		return
	}
	s.keep.setPref(key, choice)
	applyLook()
}

// applyLook has the page look as it was chosen; boot.js knows how.
func applyLook() {
	if look := app.Window().Get("maruLook"); look.Truthy() {
		look.Invoke()
	}
}

// another is another name that was chosen in a room, and what one was called before.
type another struct{ room, from, to string }

// setName gives the person another name in the room in view, and once one has it there,
// in all rooms where one was called the same. In a room where somebody has it, one waits
// to have it, and is told.
func (s *state) setName(name string) *event.Error {
	name, refusal := event.CleanName(name)
	if refusal != nil {
		return refusal
	}
	from := s.nameIn(s.room)
	if s.another.room == s.room && s.another.to == from {
		from = s.another.from // with that one, one was not let in
	}
	s.another = another{s.room, from, name}
	s.name = name
	s.chat.Enter(s.room, name)
	s.keepRooms()
	s.roomsRev++
	return nil
}

// renameRest takes the new name over in the other rooms, now that it was let in.
func (s *state) renameRest() {
	change := s.another
	if r, _ := s.chat.Room(change.room); change.room == "" || r.Phase != chat.Inside || r.As != change.to {
		return
	}
	s.another = another{}
	s.keep.setName(change.to)
	rooms := []string{change.room}
	for _, room := range s.chat.Rooms() {
		if r, _ := s.chat.Room(room); r.As == change.from && r.As != change.to {
			s.chat.Enter(room, change.to)
			rooms = append(rooms, room)
		}
	}
	s.keep.rename(rooms, change.to)
	for _, room := range rooms {
		s.tellTabs(newsRenamed, room, change.from, change.to)
	}
	s.keepRooms()
	s.roomsRev++
}

// forget leaves all rooms and takes away what this browser keeps.
func (s *state) forget() {
	for _, room := range s.chat.Rooms() {
		s.chat.Exit(room)
	}
	s.forgotten = true
	if forget := app.Window().Get("maruForget"); forget.Truthy() {
		forget.Invoke()
	}
}
