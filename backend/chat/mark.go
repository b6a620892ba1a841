package chat

import (
	"context"

	"maru/app/wire/event"
)

// Mark says how far a person has read a room. Marks are a person's, so all
// connections of a device under one name agree; the answer is the furthest one.
func (r *Rooms) Mark(ctx context.Context, s Seat, seq int64) (event.Mark, error) {
	at, err := r.store.Mark(ctx, s.Room, s.User, seq)
	return event.Mark{Room: s.Room, Seq: at}, wrap("mark", s.Room, err)
}
