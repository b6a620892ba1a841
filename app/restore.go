package app

import (
	"slices"

	"maru/app/chat"
	"maru/app/wire/event"
)

// keepRooms notes the rooms that one is in, for a reload.
func (s *state) keepRooms() {
	var rooms []membership
	for _, room := range s.chat.Rooms() {
		r, _ := s.chat.Room(room)
		rooms = append(rooms, membership{room, r.As})
	}
	s.keep.setRooms(rooms)
	s.beLooked()
}

// restore enters the rooms that this tab was in before a reload, and those for
// which messages wait on this device, whichever tab they were written in.
func (s *state) restore() {
	if s.keep.tabName() != "" {
		for _, m := range s.keep.rooms() {
			s.greetings[m.room] = notGreeted
			s.chat.Enter(m.room, m.name)
		}
	}
	for _, m := range s.chat.Unsent() {
		if rooms := s.chat.Rooms(); len(rooms) < event.MaxRooms && !slices.Contains(rooms, m.Room) {
			s.greetings[m.Room] = notGreeted
			s.chat.Enter(m.Room, m.As)
		}
	}
}

// maxTaken leaves some of the rooms that one may be in at a time to be chosen.
const maxTaken = event.MaxRooms - 2

// takeRooms enters the rooms that one is in on this device, newest first, in a tab that
// has none of its own yet: who starts anew is where one was. With a name, only those
// where one has that name: a tab can be somebody else.
func (s *state) takeRooms(name string) {
	for _, m := range s.keep.members() {
		if rooms := s.chat.Rooms(); len(rooms) >= maxTaken || name != "" && m.name != name || slices.Contains(rooms, m.room) {
			continue
		}
		s.greetings[m.room] = notGreeted
		s.chat.Enter(m.room, m.name)
	}
}

// notGreeted is the key of no line: one was in the room before.
const notGreeted = "-"

// greeting returns the key of the welcome that was said at the first entry to a
// room, given lines of it; "" if there was none yet.
func (s *state) greeting(room string, items []chat.Item) string {
	if s.greetings[room] == "" {
		for _, it := range items {
			if it.Kind == chat.Welcome {
				s.greetings[room] = it.Key
				break
			}
		}
	}
	return s.greetings[room]
}
