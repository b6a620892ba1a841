package socketio

import (
	"maru/app/wire/eio"
	"maru/app/wire/sio"
	"maru/backend/engineio"
)

// messageType starts the text frame of an Engine.IO message.
const messageType = byte(eio.Message)

// Packet is an event that was encoded once and can be sent to any socket of
// its namespace, at the same time. It is never changed.
type Packet struct {
	namespace string
	frames    []engineio.Frame
}

// EncodeEvent encodes an event. Each of args is one JSON value.
func EncodeEvent(namespace, name string, args ...[]byte) Packet {
	return EncodeBinaryEvent(namespace, name, nil, args...)
}

// EncodeBinaryEvent encodes an event with attachments, which it keeps. The
// args hold a placeholder for each (Socket.IO protocol, section "Packet
// encoding"): {"_placeholder":true,"num":0} for the first.
func EncodeBinaryEvent(namespace, name string, attachments [][]byte, args ...[]byte) Packet {
	p := sio.Packet{
		Type: sio.Event, Namespace: namespace, ID: sio.NoID,
		Data: sio.AppendEvent(nil, name, args...), Attachments: attachments,
	}
	if len(attachments) > 0 {
		p.Type = sio.BinaryEvent
	}
	return Packet{namespace: namespace, frames: frames(p)}
}
