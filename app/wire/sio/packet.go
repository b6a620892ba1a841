// Package sio is the wire of Socket.IO v5, over Engine.IO messages: packets,
// namespaces, ack ids, binary attachments and bounded JSON arguments, for both
// ends.
//
// It promises never to panic on any input, to decode each key and value once,
// and never to keep more than its limits. The JSON inside is checked once, by
// Args, EventArgs or ParseObject, when somebody asks for it. It knows no I/O, no clock and no
// goroutine. It follows the Socket.IO protocol, revision 5.
package sio

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Type says what a packet is; its value is the byte on the wire.
type Type byte

// The packet types of the specification, section "Packet types".
const (
	Connect      Type = '0'
	Disconnect   Type = '1'
	Event        Type = '2'
	Ack          Type = '3'
	ConnectError Type = '4'
	BinaryEvent  Type = '5'
	BinaryAck    Type = '6'
)

// NoID is the ID of a packet that asks for no acknowledgement.
const NoID = -1

// Limits of the decoder, for both ends.
const (
	MaxNamespace   = 200     // bytes, query included
	MaxAttachments = 10      // of one packet
	maxID          = 1 << 53 // what a JavaScript number counts exactly
)

// Errors of the decoder. All of them are the peer's fault: the session ends.
var (
	ErrEmpty       = errors.New("sio: empty packet")
	ErrType        = errors.New("sio: unknown packet type")
	ErrUTF8        = errors.New("sio: text is not UTF-8")
	ErrNamespace   = errors.New("sio: broken or over-long namespace")
	ErrID          = errors.New("sio: broken ack id")
	ErrAttachments = errors.New("sio: broken or too many attachments")
	ErrPayload     = errors.New("sio: the payload does not fit the packet type")
	ErrUnexpected  = errors.New("sio: binary data that no packet announced")
	ErrPending     = errors.New("sio: text while attachments are due")
)

// Packet is one Socket.IO packet.
type Packet struct {
	Type        Type
	Namespace   string // "/" is the main one; Query stands beside it
	Query       string // of a Connect to "/ns?query", without the question mark
	ID          int64  // ack id, or NoID
	Data        []byte // JSON: an array for events and acks, an object for Connect and ConnectError, or empty
	Attachments [][]byte
}

// Append appends the text part of p. The attachments follow as binary messages
// of their own; their number stands in the text.
func Append(dst []byte, p Packet) []byte {
	dst = append(dst, byte(p.Type))
	if p.Type == BinaryEvent || p.Type == BinaryAck {
		dst = strconv.AppendInt(dst, int64(len(p.Attachments)), 10)
		dst = append(dst, '-')
	}
	if p.Query != "" || p.Namespace != "/" && p.Namespace != "" {
		dst = append(dst, p.Namespace...)
		if p.Query != "" {
			dst = append(dst, '?')
			dst = append(dst, p.Query...)
		}
		dst = append(dst, ',')
	}
	if p.ID != NoID {
		dst = strconv.AppendInt(dst, p.ID, 10)
	}
	return append(dst, p.Data...)
}

// parse reads the text part of a packet. n is the number of attachments that
// must follow.
func parse(text []byte) (p Packet, n int, err error) {
	if len(text) == 0 {
		return p, 0, ErrEmpty
	}
	if !utf8.Valid(text) {
		return p, 0, ErrUTF8
	}
	p = Packet{Type: Type(text[0]), Namespace: "/", ID: NoID}
	rest := text[1:]
	if p.Type < Connect || p.Type > BinaryAck {
		return p, 0, ErrType
	}
	if p.Type == BinaryEvent || p.Type == BinaryAck {
		if n, rest, err = parseCount(rest); err != nil {
			return p, 0, err
		}
	}
	if rest, err = p.parseNamespace(rest); err != nil {
		return p, 0, err
	}
	if rest, err = p.parseID(rest); err != nil {
		return p, 0, err
	}
	p.Data = rest
	return p, n, p.check()
}

func parseCount(b []byte) (n int, rest []byte, err error) {
	i := 0
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		if n = n*10 + int(b[i]-'0'); n > MaxAttachments {
			return 0, nil, ErrAttachments
		}
		i++
	}
	if i == 0 || i == len(b) || b[i] != '-' {
		return 0, nil, ErrAttachments
	}
	return n, b[i+1:], nil
}

func (p *Packet) parseNamespace(b []byte) ([]byte, error) {
	if len(b) == 0 || b[0] != '/' {
		return b, nil
	}
	end := len(b)
	for i, c := range b {
		if c == ',' {
			end = i
			break
		}
		if c < ' ' || c == 0x7f {
			return nil, ErrNamespace
		}
	}
	if end > MaxNamespace {
		return nil, ErrNamespace
	}
	p.Namespace, p.Query, _ = strings.Cut(string(b[:end]), "?")
	return b[min(end+1, len(b)):], nil
}

func (p *Packet) parseID(b []byte) ([]byte, error) {
	i, id := 0, int64(0)
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		if id = id*10 + int64(b[i]-'0'); id > maxID {
			return nil, ErrID
		}
		i++
	}
	if i > 0 {
		p.ID = id
	}
	return b[i:], nil
}
