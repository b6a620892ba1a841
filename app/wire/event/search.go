package event

import "encoding/json"

// SearchRequest asks for the posts that have all words of Text, or the
// beginnings of them, in one room, or in all rooms that the connection is in
// if Room is empty. Before is the Next of the answer to go on from.
type SearchRequest struct {
	Room   string
	Text   string
	Before string
	Limit  int
}

// Append appends r as JSON.
func (r SearchRequest) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	if r.Room != "" {
		w.str("room", r.Room)
	}
	w.str("text", r.Text)
	if r.Before != "" {
		w.str("before", r.Before)
	}
	if r.Limit > 0 {
		w.num("limit", int64(r.Limit))
	}
	return append(w.buf, '}')
}

// ParseSearch reads and checks the argument of Search.
func ParseSearch(raw json.RawMessage) (r SearchRequest, refusal *Error) {
	f := fields(raw)
	r.Room, r.Text, r.Before, r.Limit = f.str("room"), f.str("text"), f.str("before"), int(min(f.num("limit"), MaxFound))
	if f.bad {
		return r, Refuse(BadRequest)
	}
	if r.Limit == 0 {
		r.Limit = defaultFound
	}
	if r.Room != "" {
		if r.Room, refusal = CleanRoom(r.Room); refusal != nil {
			return r, refusal
		}
	}
	return r, CheckSearch(r.Text, r.Before)
}

// defaultFound is how many posts an answer has if no limit is asked for.
const defaultFound = 20

// CheckSearch refuses what nothing can be looked for with.
func CheckSearch(text, before string) *Error {
	if len(text) > MaxSearch || len(before) > MaxCursor || CheckText(text) != nil {
		return Refuse(BadRequest)
	}
	return nil
}

// Found is the result of Search: posts, newest first. Next goes on from the
// last one; empty if there are no more.
type Found struct {
	Posts []Post
	Next  string
}

// Append appends f as JSON.
func (f Found) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.posts("messages", f.Posts)
	if f.Next != "" {
		w.str("next", f.Next)
	}
	return append(w.buf, '}')
}

// ParseFound reads the result of Search.
func ParseFound(raw json.RawMessage) (out Found, err error) {
	f := fields(raw)
	out.Next, out.Posts = f.str("next"), f.posts("messages")
	if f.bad {
		return out, ErrForm
	}
	return out, nil
}
