package event

import "encoding/json"

// Peeked is the result of Peek: what is told of a room to those who are not in it.
// Nobody in it and no LastAt is a room that there is not yet, or of which nothing is kept.
type Peeked struct {
	Room   string
	Count  int   // the people in it
	LastAt int64 // when the last message was written, ms since 1970; 0: none is kept
}

// Append appends p as JSON.
func (p Peeked) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("room", p.Room)
	w.num("count", int64(p.Count))
	if p.LastAt > 0 {
		w.num("lastAt", p.LastAt)
	}
	return append(w.buf, '}')
}

// ParsePeeked reads the result of Peek.
func ParsePeeked(raw json.RawMessage) (p Peeked, err error) {
	f := fields(raw)
	p = Peeked{Room: f.str("room"), Count: int(f.num("count")), LastAt: f.num("lastAt")}
	if f.bad || p.Room == "" {
		return p, ErrForm
	}
	return p, nil
}
