package chat

import (
	"context"
	"errors"
	"time"

	"maru/app/wire/event"
	"maru/backend/store"
)

// Entry is what a join gives: the seat, the answer, and the place from which
// the newcomer is to be told everything.
type Entry struct {
	Seat   Seat
	Answer event.Joined
	From   store.Pos
	Head   store.Pos // the newest line's place, at most a moment ago
	Fresh  bool      // no cursor was brought: greet
}

// Join takes a connection into a room under a name. now is only for telling
// how long a name stays taken.
func (r *Rooms) Join(ctx context.Context, c Conn, q event.JoinRequest, now time.Time) (Entry, error) {
	if err := checkName(q.Username); err != nil {
		return Entry{}, err
	}
	e := Entry{Seat: Seat{Room: q.Room, Conn: c.ID, User: c.Device.Person(q.Username), Name: q.Username}, Fresh: q.After == ""}
	if err := r.enter(ctx, e.Seat); err != nil {
		return Entry{}, notEntered(q.Room, err, now)
	}
	head, err := r.store.Head(ctx, q.Room)
	if err != nil {
		return Entry{}, wrap("head", q.Room, err)
	}
	e.From, e.Head = head, head
	e.Answer = event.Joined{Room: q.Room, User: e.Seat.User, Username: q.Username}
	if !e.Fresh {
		if err := r.resume(ctx, q, head, &e); err != nil {
			return Entry{}, err
		}
	}
	if e.Answer.Read, err = r.store.Marked(ctx, q.Room, e.Seat.User); err != nil {
		return Entry{}, wrap("marked", q.Room, err)
	}
	e.Answer.Seq, e.Answer.Cursor = e.From.Seq, e.From.String()
	return e, nil
}

// maxCounted is how many events are looked at to say how many messages were missed. Of
// more, all those before may be messages: nobody reads that number, and anybody can ask.
const maxCounted = 20_000

// resume finds out whether the newcomer can go on from its cursor.
func (r *Rooms) resume(ctx context.Context, q event.JoinRequest, head store.Pos, e *Entry) error {
	after, err := store.ParsePos(q.After)
	if err != nil {
		e.Answer.Reset = true
		return nil
	}
	_, _, err = r.store.Events(ctx, q.Room, after, 1)
	switch {
	case errors.Is(err, store.ErrReset):
		e.Answer.Reset = true
	case errors.Is(err, store.ErrTrimmed), err == nil && head.Seq-after.Seq > event.MaxMissed:
		e.Answer.Skipped = true
		from := max(after.Seq, head.Seq-maxCounted)
		n, err := r.store.Count(ctx, q.Room, from, head.Seq)
		if err != nil {
			return wrap("count", q.Room, err)
		}
		e.Answer.Missed = n + from - after.Seq
	case err != nil:
		return wrap("resume", q.Room, err)
	default:
		e.From = after
	}
	return nil
}

// notEntered is wrap for a claim of a name: it adds when the name is free
// unless its holder stays.
func notEntered(room string, err error, now time.Time) error {
	var taken *store.NameTakenError
	if errors.As(err, &taken) {
		return &event.Error{Code: event.NameTaken, RetryAfter: max(taken.Until.Sub(now), time.Second)}
	}
	return wrap("join", room, err)
}
