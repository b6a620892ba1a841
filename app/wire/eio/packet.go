// Package eio is the wire of Engine.IO v4: packets, the payload of HTTP
// long-polling, the handshake and the errors, for both ends.
//
// It promises never to panic on any input, and never to keep more than it was
// given. It knows no I/O, no clock and no goroutine. It follows the Engine.IO
// protocol, revision 4 (sections "Packet encoding" and "Protocol").
package eio

import (
	"bytes"
	"encoding/base64"
	"errors"
	"iter"
)

// Protocol is the revision that the EIO query parameter names.
const Protocol = "4"

// Type says what a packet is; its value is the byte on the wire.
type Type byte

// The packet types of the specification, section "Packet encoding".
const (
	Open    Type = '0'
	Close   Type = '1'
	Ping    Type = '2'
	Pong    Type = '3'
	Message Type = '4'
	Upgrade Type = '5'
	Noop    Type = '6'
)

// Separator stands between the packets of a long-polling payload.
const Separator = '\x1e'

var separator = []byte{Separator}

// binaryMark starts a binary message inside a long-polling payload.
const binaryMark = 'b'

// Errors of the decoders. All of them are the peer's fault: the session ends.
var (
	ErrEmpty   = errors.New("eio: empty packet")
	ErrType    = errors.New("eio: unknown packet type")
	ErrBase64  = errors.New("eio: broken base64 in a binary packet")
	ErrTooMany = errors.New("eio: too many packets in a payload")
)

// Packet is one Engine.IO packet. A Binary packet is always a Message; on
// WebSocket it travels as a binary frame of just Data, in a payload as "b" and
// base64.
type Packet struct {
	Type   Type
	Binary bool
	Data   []byte
}

// Append appends p as it stands in a text frame: its type, then its data. A
// binary packet is appended in its base64 form.
func Append(dst []byte, p Packet) []byte {
	if p.Binary {
		dst = append(dst, binaryMark)
		return base64.StdEncoding.AppendEncode(dst, p.Data)
	}
	dst = append(dst, byte(p.Type))
	return append(dst, p.Data...)
}

// Parse reads one packet from a text frame or from one part of a payload. Data
// aliases text but for base64.
func Parse(text []byte) (Packet, error) {
	if len(text) == 0 {
		return Packet{}, ErrEmpty
	}
	if text[0] == binaryMark {
		data, err := base64.StdEncoding.AppendDecode(nil, text[1:])
		if err != nil {
			return Packet{}, ErrBase64
		}
		return Packet{Type: Message, Binary: true, Data: data}, nil
	}
	t := Type(text[0])
	if t < Open || t > Noop {
		return Packet{}, ErrType
	}
	return Packet{Type: t, Data: text[1:]}, nil
}

// AppendPayload appends packets as one long-polling payload (section "HTTP
// long-polling").
func AppendPayload(dst []byte, packets ...Packet) []byte {
	for i, p := range packets {
		if i > 0 {
			dst = append(dst, Separator)
		}
		dst = Append(dst, p)
	}
	return dst
}

// Payload yields the packets of a long-polling payload, at most limit of them.
// It stops after the first error.
func Payload(data []byte, limit int) iter.Seq2[Packet, error] {
	return func(yield func(Packet, error) bool) {
		for n := 0; ; n++ {
			if n == limit {
				yield(Packet{}, ErrTooMany)
				return
			}
			part, rest, more := bytes.Cut(data, separator)
			p, err := Parse(part)
			if !yield(p, err) || err != nil || !more {
				return
			}
			data = rest
		}
	}
}
