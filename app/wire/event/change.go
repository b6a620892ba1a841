package event

import "encoding/json"

// EditRequest gives a message of one's own another text. ID makes it known
// when it is sent again, as that of a message does.
type EditRequest struct {
	Room string
	ID   string
	Seq  int64 // of the message
	Text string
}

// Append appends r as JSON.
func (r EditRequest) Append(dst []byte) []byte {
	w := target(dst, r.Room, r.ID, r.Seq)
	w.str("text", r.Text)
	return append(w.buf, '}')
}

// ParseEdit reads and checks the argument of Edit.
func ParseEdit(raw json.RawMessage) (r EditRequest, refusal *Error) {
	f := fields(raw)
	r.Text = f.str("text")
	if r.Room, r.ID, r.Seq, refusal = f.target(); refusal != nil {
		return r, refusal
	}
	return r, CheckText(r.Text)
}

// DeleteRequest takes a message of one's own away, for everybody and for good.
type DeleteRequest struct {
	Room string
	ID   string
	Seq  int64 // of the message
}

// Append appends r as JSON.
func (r DeleteRequest) Append(dst []byte) []byte {
	w := target(dst, r.Room, r.ID, r.Seq)
	return append(w.buf, '}')
}

// ParseDelete reads and checks the argument of Delete.
func ParseDelete(raw json.RawMessage) (r DeleteRequest, refusal *Error) {
	r.Room, r.ID, r.Seq, refusal = fields(raw).target()
	return r, refusal
}

// ReactRequest puts an emoji on a message, or takes one's own away again. To
// put it there twice, or to take away what is not there, changes nothing.
type ReactRequest struct {
	Room   string
	ID     string
	Seq    int64 // of the message
	Emoji  string
	Remove bool
}

// Append appends r as JSON.
func (r ReactRequest) Append(dst []byte) []byte {
	w := target(dst, r.Room, r.ID, r.Seq)
	w.str("emoji", r.Emoji)
	if r.Remove {
		w.yes("remove")
	}
	return append(w.buf, '}')
}

// ParseReact reads and checks the argument of React.
func ParseReact(raw json.RawMessage) (r ReactRequest, refusal *Error) {
	f := fields(raw)
	r.Emoji, r.Remove = f.str("emoji"), f.flag("remove")
	if r.Room, r.ID, r.Seq, refusal = f.target(); refusal != nil {
		return r, refusal
	}
	return r, CheckEmoji(r.Emoji)
}

func target(dst []byte, room, id string, seq int64) object {
	w := object{buf: append(dst, '{')}
	w.str("room", room)
	if id != "" {
		w.str("id", id)
	}
	w.num("seq", seq)
	return w
}

// target reads what all requests have that change a message.
func (f *reader) target() (room, id string, seq int64, refusal *Error) {
	room, id, seq = f.str("room"), f.str("id"), f.num("seq")
	if f.bad || len(id) > MaxID || seq == 0 {
		return room, id, seq, Refuse(BadRequest)
	}
	room, refusal = CleanRoom(room)
	return room, id, seq, refusal
}

// Change is the payload of Edit, Delete and React as the server sends them: an
// event of the room's log that changes the message at Target. It has a place
// of its own in the log, Seq, which whoever counts must count.
type Change struct {
	Kind      Kind // KindEdit, KindDelete, KindReact or KindUnreact
	Room      string
	Seq       int64
	Target    int64  // the seq of the message
	ID        string // as the request had it
	User      string // who did it
	CreatedAt int64  // ms since 1970, by the server's clock
	Text      string // of an edit; empty if the message was deleted since
	Emoji     string // of a reaction
}

// Event is the name of the event that c is the payload of.
func (c Change) Event() string {
	switch c.Kind {
	case KindEdit:
		return Edit
	case KindDelete:
		return Delete
	}
	return React
}

// Append appends c as JSON.
func (c Change) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("kind", string(c.Kind))
	w.str("room", c.Room)
	w.num("seq", c.Seq)
	w.num("target", c.Target)
	w.str("id", c.ID)
	w.str("user", c.User)
	w.num("createdAt", c.CreatedAt)
	switch c.Kind {
	case KindEdit:
		w.str("text", c.Text)
	case KindReact, KindUnreact:
		w.str("emoji", c.Emoji)
	}
	return append(w.buf, '}')
}

// ParseChange reads the payload of a change.
func ParseChange(raw json.RawMessage) (c Change, err error) {
	f := fields(raw)
	c = Change{Kind: Kind(f.str("kind")), Room: f.str("room"), Seq: f.num("seq"), Target: f.num("target"), ID: f.str("id"),
		User: f.str("user"), CreatedAt: f.num("createdAt"), Text: f.str("text"), Emoji: f.str("emoji")}
	switch c.Kind {
	case KindEdit, KindDelete, KindReact, KindUnreact:
	default:
		f.bad = true
	}
	if f.bad || c.Seq == 0 || c.Target == 0 || c.Target >= c.Seq {
		return c, ErrForm
	}
	return c, nil
}

// Reaction is an emoji on a message and the people who put it there, in the
// order in which they did.
type Reaction struct {
	Emoji string
	Users []string
}

func (r Reaction) append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("emoji", r.Emoji)
	w.strs("users", r.Users)
	return append(w.buf, '}')
}

func (f *reader) reactions(key string) (out []Reaction) {
	for _, item := range f.list(key) {
		g := fields(item)
		out = append(out, Reaction{g.str("emoji"), g.strs("users")})
		f.bad = f.bad || g.bad
	}
	return out
}
