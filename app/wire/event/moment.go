package event

import "encoding/json"

// TypingRequest says that one writes in a room, or with Stop that one does no
// longer. It counts for TypingFor and is never stored.
type TypingRequest struct {
	Room string
	Stop bool
}

// Append appends r as JSON.
func (r TypingRequest) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("room", r.Room)
	if r.Stop {
		w.yes("stop")
	}
	return append(w.buf, '}')
}

// ParseTyping reads and checks the argument of Typing.
func ParseTyping(raw json.RawMessage) (r TypingRequest, refusal *Error) {
	f := fields(raw)
	r.Room, r.Stop = f.str("room"), f.flag("stop")
	if f.bad {
		return r, Refuse(BadRequest)
	}
	r.Room, refusal = CleanRoom(r.Room)
	return r, refusal
}

// Writing is the payload of Typing as the server sends it, to the others in
// the room. It may get lost, and has no place in the log.
type Writing struct {
	Room     string
	User     string
	Username string
	Stop     bool
}

// Append appends w as JSON.
func (t Writing) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("room", t.Room)
	w.str("user", t.User)
	w.str("username", t.Username)
	if t.Stop {
		w.yes("stop")
	}
	return append(w.buf, '}')
}

// ParseWriting reads the payload of Typing.
func ParseWriting(raw json.RawMessage) (t Writing, err error) {
	f := fields(raw)
	t = Writing{Room: f.str("room"), User: f.str("user"), Username: f.str("username"), Stop: f.flag("stop")}
	if f.bad || t.User == "" {
		return t, ErrForm
	}
	return t, nil
}

// Mark says that one has read a room up to Seq. It is the argument of Read, its
// result, and what the person's other connections in the room are told. A mark
// never goes back: the result is the furthest one.
type Mark struct {
	Room string
	Seq  int64
}

// Append appends m as JSON.
func (m Mark) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("room", m.Room)
	w.num("seq", m.Seq)
	return append(w.buf, '}')
}

// ParseMark reads and checks a mark.
func ParseMark(raw json.RawMessage) (m Mark, refusal *Error) {
	f := fields(raw)
	m.Room, m.Seq = f.str("room"), f.num("seq")
	if f.bad {
		return m, Refuse(BadRequest)
	}
	m.Room, refusal = CleanRoom(m.Room)
	return m, refusal
}
