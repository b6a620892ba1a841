package server

import (
	"bytes"
	"slices"
	"time"

	"maru/app/wire/event"
	"maru/backend/socketio"
)

// signal is a moment on its way from one instance to all: what is told, in
// which room, and of whom.
type signal struct {
	event   string
	room    string
	user    string
	conn    string // the connection that it comes from, which is not told
	payload []byte
}

// signalEnd stands after each part but the last. None of them has it, as names
// have no control characters.
const signalEnd = 0

func (s signal) append(dst []byte) []byte {
	for _, part := range []string{s.event, s.room, s.user, s.conn} {
		dst = append(append(dst, part...), signalEnd)
	}
	return append(dst, s.payload...)
}

func parseSignal(words []byte) (s signal, ok bool) {
	parts := bytes.SplitN(words, []byte{signalEnd}, 5)
	if len(parts) != 5 {
		return s, false
	}
	return signal{string(parts[0]), string(parts[1]), string(parts[2]), string(parts[3]), parts[4]}, true
}

// signalRetry is how long an instance is deaf that can't hear the others.
const signalRetry = time.Second

// hear tells the people here what is signalled.
func (h *hub) hear() {
	for h.ctx.Err() == nil {
		for words, err := range h.rooms.Signals(h.ctx) {
			if err != nil {
				break
			}
			if s, ok := parseSignal(words); ok {
				h.pass(s)
			}
		}
		timer := time.NewTimer(signalRetry)
		select {
		case <-timer.C:
		case <-h.ctx.Done():
			timer.Stop()
		}
	}
}

// pass tells a room of somebody who types, or a person's other connections how
// far it has read. Only the former may be dropped.
func (h *hub) pass(s signal) {
	mine := s.event == event.Read
	to := slices.DeleteFunc(h.members(s.room), func(m *member) bool {
		return m.seat.Conn == s.conn || (m.seat.User == s.user) != mine
	})
	if len(to) == 0 {
		return
	}
	packet := socketio.EncodeEvent(event.Chat, s.event, s.payload)
	for _, m := range to {
		// A socket that can't take it is closed by its own session.
		if mine {
			_ = m.socket.Send(packet)
		} else {
			_, _ = m.socket.SendVolatile(packet)
		}
	}
}
