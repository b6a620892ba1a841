package chat

import (
	"context"

	"maru/app/wire/event"
	"maru/backend/store"
)

// React puts a person's emoji on a message, or takes it away again. What
// changes nothing is an event of the room like any other.
func (r *Rooms) React(ctx context.Context, s Seat, q event.ReactRequest) (event.Sent, error) {
	kind := store.React
	if q.Remove {
		kind = store.Unreact
	}
	return r.change(ctx, s, store.Draft{ID: q.ID, Kind: kind, Target: q.Seq, Body: []byte(q.Emoji)})
}
