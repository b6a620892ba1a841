package chat

import (
	"context"
	"encoding/json"

	"maru/app/wire/event"
	"maru/app/wire/sio"
)

// Keep is where this device keeps its rooms for when there is no network. It
// takes strings and need not understand them. All methods may block, end with
// ctx, and are safe for concurrent use; what fails leaves things as they were,
// and the chat goes on without. A Keep that forgets is allowed.
type Keep interface {
	// Rooms returns the note of every room that is kept, by its name.
	Rooms(ctx context.Context) (map[string]string, error)
	// Load returns a room's note and lines by seq; "" and none if it isn't kept.
	Load(ctx context.Context, room string) (note string, lines []string, err error)
	// Save makes a change to a room, all of it or nothing.
	Save(ctx context.Context, room string, change Change) error
	// Drop forgets a room.
	Drop(ctx context.Context, room string) error
	// Clear forgets everything.
	Clear(ctx context.Context) error
}

// Change is what changes of a room that is kept: first the lines below Above
// go, then Lines are put in or replaced.
type Change struct {
	Note  string
	Above int64
	Lines map[int64]string // by seq
}

// How much is kept.
const (
	keptLines = 500 // of one room, the newest
	keptRooms = 20  // those that changed last
)

// note is what is kept of a room beside its lines.
type note struct {
	as, me string
	cursor string // of the last event that is known
	head   int64  // its seq
	tail   int64  // of the last line: nothing is missing between it and head
	at     int64  // when it was kept, ms since 1970
	people event.People
	read   int64 // up to this seq the person has read
}

func (n note) append() string {
	return string(sio.AppendArgs(nil, sio.AppendString(nil, n.as), sio.AppendString(nil, n.me), sio.AppendString(nil, n.cursor),
		sio.AppendInt(nil, n.head), sio.AppendInt(nil, n.tail), sio.AppendInt(nil, n.at), n.people.Append(nil), sio.AppendInt(nil, n.read)))
}

func parseNote(s string) (n note, ok bool) {
	var raw []json.RawMessage
	if json.Unmarshal([]byte(s), &raw) != nil || len(raw) < 7 {
		return n, false
	}
	into := []any{&n.as, &n.me, &n.cursor, &n.head, &n.tail, &n.at}
	for i, v := range into {
		if json.Unmarshal(raw[i], v) != nil {
			return n, false
		}
	}
	people, err := event.ParsePeople(raw[len(into)])
	n.people = people
	if at := len(into) + 1; len(raw) > at && json.Unmarshal(raw[at], &n.read) != nil { // the first releases kept none
		return n, false
	}
	return n, err == nil && n.head >= 0 && n.tail >= 0 && n.tail <= n.head && len(n.cursor) <= event.MaxCursor
}

// known is a line that is kept: of everything from From up to the line itself,
// it is all there is. So lines that were lost, by whatever fault, leave a gap
// that shows.
type known struct {
	from int64
	post event.Post
}

func (k known) append() string {
	return string(sio.AppendArgs(nil, sio.AppendInt(nil, k.from), k.post.Append(nil)))
}

func parseKnown(s string) (k known, ok bool) {
	var raw []json.RawMessage
	if json.Unmarshal([]byte(s), &raw) != nil || len(raw) != 2 || json.Unmarshal(raw[0], &k.from) != nil {
		return k, false
	}
	post, err := event.ParsePost(raw[1])
	k.post = post
	return k, err == nil && k.from > 0 && k.from <= post.Seq
}
