package event

import (
	"encoding/json"

	"maru/app/wire/sio"
)

// JoinRequest asks to be in a room under a name. With After, the cursor of the
// last event that the client has, the missed events follow the ack.
type JoinRequest struct {
	Username string
	Room     string
	After    string
}

// Append appends r as JSON.
func (r JoinRequest) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("username", r.Username)
	w.str("room", r.Room)
	if r.After != "" {
		w.str("after", r.After)
	}
	return append(w.buf, '}')
}

// ParseJoin reads and cleans the argument of Join.
func ParseJoin(raw json.RawMessage) (r JoinRequest, refusal *Error) {
	f := fields(raw)
	r.Username, r.Room, r.After = f.str("username"), f.str("room"), f.str("after")
	if f.bad || len(r.After) > MaxCursor {
		return r, Refuse(BadRequest)
	}
	if r.Username, refusal = CleanName(r.Username); refusal != nil {
		return r, refusal
	}
	r.Room, refusal = CleanRoom(r.Room)
	return r, refusal
}

// RoomRequest names a room: to be out of it (Leave), or to be told of it (Peek).
type RoomRequest struct{ Room string }

// Append appends r as JSON.
func (r RoomRequest) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("room", r.Room)
	return append(w.buf, '}')
}

// ParseRoom reads and cleans the argument of Leave and of Peek.
func ParseRoom(raw json.RawMessage) (r RoomRequest, refusal *Error) {
	f := fields(raw)
	r.Room = f.str("room")
	if f.bad {
		return r, Refuse(BadRequest)
	}
	r.Room, refusal = CleanRoom(r.Room)
	return r, refusal
}

// SendRequest is a message to a room. An empty Room means the one joined last.
// ID makes it known when it is sent again; without one it is a new message
// each time. ReplyTo is the seq of the message of that room that it answers;
// 0: none.
type SendRequest struct {
	Room    string
	ID      string
	Text    string
	ReplyTo int64
}

// Append appends r as JSON.
func (r SendRequest) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	if r.Room != "" {
		w.str("room", r.Room)
	}
	if r.ID != "" {
		w.str("id", r.ID)
	}
	w.str("text", r.Text)
	if r.ReplyTo > 0 {
		w.num("replyTo", r.ReplyTo)
	}
	return append(w.buf, '}')
}

// ParseSend reads and checks the argument of Send: a string, or an object.
func ParseSend(raw json.RawMessage) (r SendRequest, refusal *Error) {
	if len(raw) > 0 && raw[0] == '"' {
		if json.Unmarshal(raw, &r.Text) != nil {
			return r, Refuse(BadRequest)
		}
		return r, CheckText(r.Text)
	}
	f := fields(raw)
	r.Room, r.ID, r.Text, r.ReplyTo = f.str("room"), f.str("id"), f.str("text"), f.num("replyTo")
	if f.bad || len(r.ID) > MaxID {
		return r, Refuse(BadRequest)
	}
	if r.Room != "" {
		if r.Room, refusal = CleanRoom(r.Room); refusal != nil {
			return r, refusal
		}
	}
	return r, CheckText(r.Text)
}

// HistoryRequest asks for the posts of a room before a seq (0: the newest).
type HistoryRequest struct {
	Room   string
	Before int64
	Limit  int
}

// Append appends r as JSON.
func (r HistoryRequest) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("room", r.Room)
	if r.Before > 0 {
		w.num("before", r.Before)
	}
	if r.Limit > 0 {
		w.num("limit", int64(r.Limit))
	}
	return append(w.buf, '}')
}

// defaultPage is the length of a history page when none is asked for.
const defaultPage = 50

// ParseHistory reads and checks the argument of History.
func ParseHistory(raw json.RawMessage) (r HistoryRequest, refusal *Error) {
	f := fields(raw)
	r.Room, r.Before, r.Limit = f.str("room"), f.num("before"), int(min(f.num("limit"), MaxPage))
	if f.bad {
		return r, Refuse(BadRequest)
	}
	if r.Limit == 0 {
		r.Limit = defaultPage
	}
	r.Room, refusal = CleanRoom(r.Room)
	return r, refusal
}

// object reading: each key once, by its exact name; what is absent is zero,
// what is of another type makes the whole bad.
type reader struct {
	o   sio.Object
	bad bool
}

func fields(raw json.RawMessage) *reader {
	o, err := sio.ParseObject(raw)
	return &reader{o: o, bad: err != nil}
}

func (f *reader) str(key string) string {
	s, _, err := f.o.String(key)
	f.bad = f.bad || err != nil
	return s
}

func (f *reader) num(key string) int64 {
	n, _, err := f.o.Int(key)
	f.bad = f.bad || err != nil || n < 0
	return n
}

func (f *reader) flag(key string) bool {
	b, _, err := f.o.Bool(key)
	f.bad = f.bad || err != nil
	return b
}

func (f *reader) strs(key string) (all []string) {
	for _, raw := range f.list(key) {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			f.bad = true
		}
		all = append(all, s)
	}
	return all
}

func (f *reader) list(key string) []json.RawMessage {
	raw, ok := f.o[key]
	if !ok {
		return nil
	}
	var l []json.RawMessage
	if json.Unmarshal(raw, &l) != nil {
		f.bad = true
	}
	return l
}
