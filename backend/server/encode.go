package server

import (
	"maru/app/wire/event"
	"maru/app/wire/sio"
	"maru/backend/chat"
	"maru/backend/socketio"
)

// encodeLine makes the packet of a line, for everybody. Its last argument is
// the cursor, as a string, where Socket.IO's own clients look for it.
func encodeLine(l chat.Line) (p socketio.Packet, cursor string) {
	cursor = l.Pos.String()
	return socketio.EncodeEvent(event.Chat, l.Event(), l.Append(nil), sio.AppendString(nil, cursor)), cursor
}

// encodePost makes the packet of what is said to one socket alone. With an
// offset a stock client has its place even before the room's first line.
func encodePost(p event.Post, offset string) socketio.Packet {
	if offset == "" {
		return socketio.EncodeEvent(event.Chat, event.Message, p.Append(nil))
	}
	return socketio.EncodeEvent(event.Chat, event.Message, p.Append(nil), sio.AppendString(nil, offset))
}

// appender is a result that knows its JSON.
type appender interface{ Append([]byte) []byte }

// accept is the ack of something done: (null, result).
func accept(result appender) []byte {
	ack := append([]byte(nil), "[null"...)
	if result != nil {
		ack = result.Append(append(ack, ','))
	}
	return append(ack, ']')
}

// refuse is the ack of something refused: (error).
func refuse(e *event.Error) []byte {
	return append(e.Append([]byte{'['}), ']')
}
