package chat

import "context"

// Leave gives up a seat. To give it up twice is no error.
func (r *Rooms) Leave(ctx context.Context, s Seat) error {
	return wrap("leave", s.Room, r.store.Leave(ctx, s.Room, s.Conn))
}
