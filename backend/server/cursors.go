package server

import (
	"encoding/base64"
	"slices"
	"strings"
	"sync"

	"maru/app/wire/event"
	"maru/app/wire/sio"
	"maru/backend/chat"
	"maru/backend/socketio"
	"maru/backend/store"
)

// cursors are the places of one stock client in its rooms. Such a client
// carries only the last event's cursor, so in more than one room each event
// must carry them all. Lock order: after feed.mu.
type cursors struct {
	mu sync.Mutex
	at []cursor
}

type cursor struct {
	room string
	pos  store.Pos
}

func (c *cursors) setLocked(room string, pos store.Pos) {
	for i := range c.at {
		if c.at[i].room == room {
			c.at[i].pos = pos
			return
		}
	}
	c.at = append(c.at, cursor{room, pos})
}

// enter adds a room at a place, and returns the offset that holds from then on.
func (c *cursors) enter(room string, pos store.Pos) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setLocked(room, pos)
	return c.offsetLocked()
}

func (c *cursors) leave(room string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = slices.DeleteFunc(c.at, func(at cursor) bool { return at.room == room })
}

func (c *cursors) offsetLocked() string {
	places := make([]store.Pos, len(c.at))
	for i, at := range c.at {
		places[i] = at.pos
	}
	return chat.Offset(places...)
}

// send sends a line to a socket with the offset that holds after it. shared is
// the line's packet for everybody, which serves as long as there is one room.
func (c *cursors) send(s *socketio.Socket, l chat.Line, shared socketio.Packet, cursor string) error {
	c.mu.Lock()
	defer c.mu.Unlock() // the order of offsets is the order of sending
	c.setLocked(l.Post.Room, l.Pos)
	if len(c.at) > 1 {
		shared = socketio.EncodeEvent(event.Chat, l.Event(), l.Append(nil), sio.AppendString(nil, c.offsetLocked()))
	}
	return s.SendAt(l.Post.Room, cursor, shared)
}

// A pid names a stock client's stay: the id of its first socket, which each
// socket has that is brought back, and the token of its device.
func newPid(socket, token string) string { return socket + "." + token }

// readPid gives nothing of a pid whose id no socket can have had: the client
// brings it, and it becomes a socket's again.
func readPid(pid string) (socket, token string) {
	socket, token, _ = strings.Cut(pid, ".")
	if b, err := base64.RawURLEncoding.DecodeString(socket); err != nil || len(b) != socketIDBytes {
		return "", ""
	}
	return socket, token
}

// socketIDBytes is what is random in the id of a socket.
const socketIDBytes = 15
