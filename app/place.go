package app

import (
	"net/url"
	"strings"

	"maru/app/wire/event"
)

// roomPath is where a room's page is: the name follows, escaped.
const roomPath = "/r/"

// connectionPath is where the connection page is.
const connectionPath = "/connection"

// pathOf returns the address of a room's page, and that of the join page for
// no room.
func pathOf(room string) string {
	if room == "" {
		return "/"
	}
	return roomPath + url.PathEscape(room)
}

// roomAt returns the room that a path, as it is written in the address, leads
// to. A path that leads to none gives the join page's "".
func roomAt(path string) string {
	room, _, _ := resolve(path)
	return room
}

// resolve tells where a path leads: to a room, to the join page, or, for a
// reason or lost, nowhere.
func resolve(path string) (room string, refusal *event.Error, lost bool) {
	escaped, ok := strings.CutPrefix(path, roomPath)
	if !ok || strings.Contains(escaped, "/") {
		return "", nil, path != "" && path != "/"
	}
	name, err := url.PathUnescape(escaped)
	if err != nil {
		return "", nil, true
	}
	room, refusal = event.CleanRoom(name)
	switch {
	case refusal == nil:
		return room, nil, false
	case refusal.Code == event.RoomEmpty:
		return "", nil, false
	}
	return "", refusal, false
}
