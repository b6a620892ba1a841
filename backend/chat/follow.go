package chat

import (
	"context"
	"iter"
	"time"

	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/store"
)

// Line is an event of a room's log as it is told: the post, or the change of
// one, the place after it, and whether the people in the room may have changed.
// Of a change Post has the room, the seq and the user.
type Line struct {
	Post   event.Post
	Pos    store.Pos
	People bool
	Change event.Change // if it has a Kind
}

// Event is the name under which the line is told.
func (l Line) Event() string {
	if l.Change.Kind != "" {
		return l.Change.Event()
	}
	return event.Message
}

// Append appends what is told.
func (l Line) Append(dst []byte) []byte {
	if l.Change.Kind != "" {
		return l.Change.Append(dst)
	}
	return l.Post.Append(dst)
}

// Follow yields every line of a room after from, for ever, in the words of
// lang; see store.Log for how it ends.
func (r *Rooms) Follow(ctx context.Context, room string, from store.Pos, lang text.Lang) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		pos := from
		for e, err := range r.store.Follow(ctx, room, from) {
			if err != nil {
				yield(Line{}, err)
				return
			}
			pos = r.after(ctx, room, pos, e)
			if !yield(line(room, e, pos, lang), nil) {
				return
			}
		}
	}
}

// after is the place after e. A room that had not begun got its epoch with its
// first event.
func (r *Rooms) after(ctx context.Context, room string, pos store.Pos, e store.Event) store.Pos {
	if pos.Epoch == "" {
		if head, err := r.store.Head(ctx, room); err == nil {
			pos.Epoch = head.Epoch
		}
	}
	return pos.After(e)
}

// Lines gives up to limit lines after from, for one newcomer to catch up with
// the others.
func (r *Rooms) Lines(ctx context.Context, room string, from store.Pos, limit int, lang text.Lang) ([]Line, error) {
	events, head, err := r.store.Events(ctx, room, from, limit)
	if err != nil {
		return nil, wrap("lines", room, err)
	}
	lines := make([]Line, len(events))
	pos := from
	pos.Epoch = head.Epoch
	for i, e := range events {
		pos = pos.After(e)
		lines[i] = line(room, e, pos, lang)
	}
	return lines, nil
}

func line(room string, e store.Event, pos store.Pos, lang text.Lang) Line {
	switch e.Kind {
	case store.Joined:
		return Line{Post: notice(room, e, event.KindJoin, lang), Pos: pos, People: true}
	case store.Left:
		return Line{Post: notice(room, e, event.KindLeave, lang), Pos: pos, People: true}
	case store.Message:
		return Line{Post: message(room, e), Pos: pos}
	}
	return Line{Post: event.Post{Room: room, Seq: e.Seq, User: e.Author}, Pos: pos, Change: change(room, e)}
}

func notice(room string, e store.Event, kind event.Kind, lang text.Lang) event.Post {
	name := string(e.Body)
	return event.Post{Username: event.Admin, Text: text.Admin(lang, kind, name, room), CreatedAt: e.At.UnixMilli(),
		ID: e.ID, Room: room, Seq: e.Seq, User: e.Author, Kind: kind, Name: name}
}

// Greeting is what Admin says to a newcomer alone.
func Greeting(s Seat, now time.Time, lang text.Lang) event.Post {
	return event.Post{Username: event.Admin, Text: text.Admin(lang, event.KindWelcome, s.Name, s.Room),
		CreatedAt: now.UnixMilli(), Room: s.Room, Kind: event.KindWelcome, Name: s.Name}
}
