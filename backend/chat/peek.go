package chat

import (
	"context"

	"maru/app/wire/event"
)

// Peek tells those who may come what goes on in a room: how many are there and when
// the last message was written, but neither who nor what.
func (r *Rooms) Peek(ctx context.Context, room string) (event.Peeked, error) {
	people, err := r.People(ctx, room)
	if err != nil {
		return event.Peeked{}, err
	}
	last, err := r.store.Page(ctx, room, 0, 1)
	if err != nil {
		return event.Peeked{}, wrap("peek", room, err)
	}
	p := event.Peeked{Room: room, Count: people.Count}
	for _, post := range last {
		p.LastAt = post.At.UnixMilli()
	}
	return p, nil
}
