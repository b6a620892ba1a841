package chat

import (
	"context"

	"maru/app/wire/event"
	"maru/backend/store"
)

// Edit gives a message of one's own another text. Said again with the same id
// it is done once, and the answer is the first one's.
func (r *Rooms) Edit(ctx context.Context, s Seat, q event.EditRequest) (event.Sent, error) {
	if err := r.owns(ctx, s, q.Seq); err != nil {
		return event.Sent{}, err
	}
	return r.change(ctx, s, store.Draft{ID: q.ID, Kind: store.Edit, Target: q.Seq, Body: body(s.Name, q.Text)})
}

// owns refuses a message that is not the person's own. One that is deleted
// passes: the store knows whether this is the deletion said again.
func (r *Rooms) owns(ctx context.Context, s Seat, seq int64) error {
	posts, err := r.store.Get(ctx, s.Room, seq)
	switch {
	case err != nil:
		return wrap("find a message", s.Room, err)
	case len(posts) == 0:
		return event.Refuse(event.Gone)
	case posts[0].Author != s.User:
		return event.Refuse(event.NotYours)
	}
	return nil
}

// change stores what changes a message.
func (r *Rooms) change(ctx context.Context, s Seat, d store.Draft) (event.Sent, error) {
	d.Author = s.User
	e, _, err := r.store.Append(ctx, s.Room, d)
	if err != nil {
		return event.Sent{}, wrap("change", s.Room, err)
	}
	return event.Sent{ID: d.ID, Room: s.Room, Seq: e.Seq, CreatedAt: e.At.UnixMilli()}, nil
}
