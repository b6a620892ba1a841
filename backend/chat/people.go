package chat

import (
	"cmp"
	"context"
	"slices"

	"maru/app/wire/event"
)

// People tells who is in a room, each person once.
func (r *Rooms) People(ctx context.Context, room string) (event.People, error) {
	members, _, err := r.store.Members(ctx, room)
	if err != nil {
		return event.People{}, wrap("people", room, err)
	}
	users := make([]event.User, len(members))
	for i, m := range members {
		users[i] = event.User{ID: m.User, Username: string(m.Info), Room: room}
	}
	slices.SortFunc(users, func(a, b event.User) int {
		return cmp.Or(cmp.Compare(a.Username, b.Username), cmp.Compare(a.ID, b.ID))
	})
	users = slices.CompactFunc(users, func(a, b event.User) bool { return a.ID == b.ID })
	return event.People{Room: room, Users: users[:min(len(users), event.MaxUsers)], Count: len(users)}, nil
}
