package chat

import (
	"context"

	"maru/backend/store"
)

// Trim drops what is not to be kept any longer, in all rooms, and stops at the
// first room where it can't. Any number may do it at once.
func (r *Rooms) Trim(ctx context.Context, keep store.Retention) error {
	for room, err := range r.store.Rooms(ctx) {
		if err == nil {
			err = r.store.Trim(ctx, room, keep)
		}
		if err != nil {
			return wrap("trim", room, err)
		}
	}
	return nil
}
