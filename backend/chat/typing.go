package chat

import "maru/app/wire/event"

// Typing is what the others hear of somebody who writes, or does no longer.
func Typing(s Seat, stop bool) event.Writing {
	return event.Writing{Room: s.Room, User: s.User, Username: s.Name, Stop: stop}
}
