package chat

import (
	"context"
	"errors"

	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/store"
)

// Reading is what somebody reads who is not in the room: lines, oldest first,
// and the place to go on from.
type Reading struct {
	Lines  []Line
	Cursor store.Pos
	Reset  bool // the cursor is of a log that is gone, or older than what is kept: load the room anew
}

// Read gives up to limit lines after the cursor. If there are none it waits
// for one until ctx ends, which is no error.
func (r *Rooms) Read(ctx, wait context.Context, room, cursor string, limit int, lang text.Lang) (Reading, error) {
	var out Reading
	from, err := store.ParsePos(cursor)
	if err != nil {
		return out, event.Refuse(event.BadRequest)
	}
	lines, err := r.Lines(ctx, room, from, limit, lang)
	if errors.Is(err, store.ErrReset) || errors.Is(err, store.ErrTrimmed) {
		out.Reset = true
		out.Cursor, err = r.Head(ctx, room)
		return out, err
	}
	if err == nil && len(lines) == 0 {
		lines, err = r.awaitLine(ctx, wait, room, from, limit, lang)
	}
	if err != nil {
		return out, err
	}
	out.Lines, out.Cursor = lines, from
	if n := len(lines); n > 0 {
		out.Cursor = lines[n-1].Pos
	}
	return out, nil
}

// awaitLine waits for the first line after from, and gives it with those that
// came together with it.
func (r *Rooms) awaitLine(ctx, wait context.Context, room string, from store.Pos, limit int, lang text.Lang) ([]Line, error) {
	for _, err := range r.Follow(wait, room, from, lang) {
		switch {
		case err == nil:
			return r.Lines(ctx, room, from, limit, lang)
		case wait.Err() != nil:
			return nil, nil
		}
		return nil, wrap("wait", room, err)
	}
	return nil, nil
}

// Head is the place after the newest line of a room.
func (r *Rooms) Head(ctx context.Context, room string) (store.Pos, error) {
	head, err := r.store.Head(ctx, room)
	return head, wrap("head", room, err)
}
