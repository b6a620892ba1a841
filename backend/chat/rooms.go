// Package chat is the rules of the rooms: who may come in under which name,
// what may be said, what a newcomer gets. One file has one verb.
//
// It promises that nothing it accepted is lost and that no two people in a
// room have the same name. It takes and gives plain values: it must not know
// sockets, JSON or the clock. A refusal is an *event.Error; any other error is
// the server's own.
package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"maru/app/wire/event"
	"maru/backend/store"
)

// Rooms applies the rules to a store. It keeps nothing itself, so that any
// number of them may work on one store. It is safe for concurrent use.
type Rooms struct {
	store store.Store
	lease time.Duration
}

// New makes Rooms whose members stay for lease after they were last renewed.
func New(s store.Store, lease time.Duration) *Rooms { return &Rooms{store: s, lease: lease} }

// Conn is who asks: one connection of one device.
type Conn struct {
	ID     string // unique for ever
	Device Device
}

// Seat is a connection's place in a room.
type Seat struct {
	Room string
	Conn string
	User string // the person's ID in this room
	Name string
}

// Renew keeps connections in their rooms. conns has the connections of each
// room; the ones that had ended already come back in the same form.
func (r *Rooms) Renew(ctx context.Context, conns map[string][]string) (gone map[string][]string, err error) {
	gone, err = r.store.Renew(ctx, r.lease, conns)
	return gone, wrap("renew", "", err)
}

// Return puts a seat back whose lease had ended.
func (r *Rooms) Return(ctx context.Context, s Seat) error {
	return wrap("return", s.Room, r.enter(ctx, s))
}

// Sweep ends the leases whose time is over, and tells when the next one ends.
func (r *Rooms) Sweep(ctx context.Context) (next time.Time, err error) {
	_, next, err = r.store.Sweep(ctx)
	return next, wrap("sweep", "", err)
}

func (r *Rooms) enter(ctx context.Context, s Seat) error {
	m := store.Member{Conn: s.Conn, User: s.User, Key: nameKey(s.Name), Info: []byte(s.Name)}
	return r.store.Enter(ctx, s.Room, m, r.lease)
}

// wrap turns an error of the store into a refusal where it is one, and else
// says what was tried.
func wrap(verb, room string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNameTaken):
		return event.Refuse(event.NameTaken)
	case errors.Is(err, store.ErrConflict):
		return event.Refuse(event.Conflict)
	case errors.Is(err, store.ErrNoTarget):
		return event.Refuse(event.Gone)
	case errors.Is(err, store.ErrTooMany):
		return event.Refuse(event.TooManyEmoji)
	case errors.Is(err, store.ErrInvalid):
		return event.Refuse(event.BadRequest)
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return &Unavailable{fmt.Errorf("%s %q: %w", verb, room, err)}
	}
	return fmt.Errorf("%s %q: %w", verb, room, err)
}

// retryAfter is when it is worth asking a store again that did not answer.
const retryAfter = 2 * time.Second

// Unavailable is a refusal that has a cause to be logged: the store could not
// do it now.
type Unavailable struct{ cause error }

func (u *Unavailable) Error() string { return u.cause.Error() }

// Unwrap gives the refusal and the cause.
func (u *Unavailable) Unwrap() []error {
	return []error{&event.Error{Code: event.Unavailable, RetryAfter: retryAfter}, u.cause}
}
