package sio

import "bytes"

// Decoder puts packets together from the messages of one session: a text, then
// as many binary messages as it announced. The zero Decoder is ready. It is
// not safe for concurrent use.
type Decoder struct {
	// MaxBytes bounds what the attachments of one packet may sum up to;
	// zero means that each message's own limit is enough.
	MaxBytes int

	pending Packet
	due     int // attachments that have not come yet
	size    int
}

// Text takes a text message. done tells that p is whole; otherwise its
// attachments must follow. p.Data aliases text if p has no attachments.
func (d *Decoder) Text(text []byte) (p Packet, done bool, err error) {
	if d.due > 0 {
		return Packet{}, false, ErrPending
	}
	p, n, err := parse(text)
	if err != nil {
		return Packet{}, false, err
	}
	if n == 0 {
		return p, true, nil
	}
	p.Data = bytes.Clone(p.Data)
	d.pending, d.due, d.size = p, n, 0
	return Packet{}, false, nil
}

// Pending is the packet whose attachments have not all come yet; ok tells that
// there is one. Its Attachments are those that have.
func (d *Decoder) Pending() (p Packet, ok bool) { return d.pending, d.due > 0 }

// Binary takes a binary message, which it copies.
func (d *Decoder) Binary(data []byte) (p Packet, done bool, err error) {
	if d.due == 0 {
		return Packet{}, false, ErrUnexpected
	}
	if d.size += len(data); d.MaxBytes > 0 && d.size > d.MaxBytes {
		return Packet{}, false, ErrAttachments
	}
	d.pending.Attachments = append(d.pending.Attachments, bytes.Clone(data))
	if d.due--; d.due > 0 {
		return Packet{}, false, nil
	}
	p, d.pending = d.pending, Packet{}
	return p, true, nil
}
