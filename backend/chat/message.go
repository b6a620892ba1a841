package chat

import (
	"bytes"
	"context"

	"maru/app/wire/event"
	"maru/backend/store"
)

// Post stores a message under the seat's name. Said again with the same id it
// is stored once, and the answer is the first one's. What it answers must be a
// message that is there; of that one nothing but the place is kept with it.
func (r *Rooms) Post(ctx context.Context, s Seat, q event.SendRequest) (event.Sent, error) {
	d := store.Draft{ID: q.ID, Author: s.User, Kind: store.Message, Target: q.ReplyTo, Body: body(s.Name, q.Text)}
	e, _, err := r.store.Append(ctx, s.Room, d)
	if err != nil {
		return event.Sent{}, wrap("post", s.Room, err)
	}
	return event.Sent{ID: q.ID, Room: s.Room, Seq: e.Seq, CreatedAt: e.At.UnixMilli()}, nil
}

// nameEnd stands between the name and the text of a stored message. No name
// has it, since names have no control characters.
const nameEnd = 0

func body(name, text string) []byte {
	b := make([]byte, 0, len(name)+1+len(text))
	b = append(b, name...)
	b = append(b, nameEnd)
	return append(b, text...)
}

func splitBody(b []byte) (name, text string) {
	n, t, _ := bytes.Cut(b, []byte{nameEnd})
	return string(n), string(t)
}
