package chat

import (
	"context"

	"maru/app/wire/event"
	"maru/backend/store"
)

// Delete takes a message of one's own away for everybody; its text is erased
// from the store. Said again with the same id it is done once.
func (r *Rooms) Delete(ctx context.Context, s Seat, q event.DeleteRequest) (event.Sent, error) {
	if err := r.owns(ctx, s, q.Seq); err != nil {
		return event.Sent{}, err
	}
	return r.change(ctx, s, store.Draft{ID: q.ID, Kind: store.Delete, Target: q.Seq})
}
