package chat

import (
	"context"

	"maru/app/wire/event"
)

// Say stores a message of somebody who is not in the room, such as a script.
// It comes under a name that nobody else in the room has at that moment.
func (r *Rooms) Say(ctx context.Context, d Device, q event.SendRequest, name string) (event.Sent, error) {
	if err := checkName(name); err != nil {
		return event.Sent{}, err
	}
	s := Seat{Room: q.Room, User: d.Person(name), Name: name}
	members, _, err := r.store.Members(ctx, q.Room)
	if err != nil {
		return event.Sent{}, wrap("say", q.Room, err)
	}
	key := nameKey(name)
	for _, m := range members {
		if m.Key == key && m.User != s.User {
			return event.Sent{}, event.Refuse(event.NameTaken)
		}
	}
	return r.Post(ctx, s, q)
}
