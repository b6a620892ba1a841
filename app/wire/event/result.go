package event

import (
	"encoding/json"
	"errors"

	"maru/app/wire/sio"
)

// ErrForm tells that the other end sent something that is not of the form
// agreed on.
var ErrForm = errors.New("event: broken payload")

// User is one person in a room. ID is the same for all connections of that
// person in that room, over reconnects.
type User struct {
	ID       string
	Username string
	Room     string
}

func (u User) append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("id", u.ID)
	w.str("username", u.Username)
	w.str("room", u.Room)
	return append(w.buf, '}')
}

// People is the payload of RoomData: who is in a room. Users is cut to
// MaxUsers; Count is not.
type People struct {
	Room  string
	Users []User
	Count int
}

// Append appends p as JSON.
func (p People) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("room", p.Room)
	list(&w, "users", p.Users, User.append)
	w.num("count", int64(p.Count))
	return append(w.buf, '}')
}

// ParsePeople reads the payload of RoomData.
func ParsePeople(raw json.RawMessage) (p People, err error) {
	f := fields(raw)
	p.Room, p.Count = f.str("room"), int(f.num("count"))
	for _, item := range f.list("users") {
		g := fields(item)
		p.Users = append(p.Users, User{g.str("id"), g.str("username"), g.str("room")})
		f.bad = f.bad || g.bad
	}
	if f.bad {
		return p, ErrForm
	}
	return p, nil
}

// Post is one line of a room: what a person wrote, or what Admin says. Seq is
// its place in the room's log; 0 for what is not of the log. User is the ID of
// the person who wrote it, or who came or went; Name that person's name if
// Admin speaks.
type Post struct {
	Username  string
	Text      string
	CreatedAt int64 // ms since 1970, by the server's clock
	ID        string
	Room      string
	Seq       int64
	User      string
	Kind      Kind
	Name      string

	ReplyTo   int64      // the seq of the message that it answers; 0: none
	EditedAt  int64      // ms since 1970; 0: never. Text is the last edit's
	Deleted   bool       // then Text, ReplyTo and Reactions are gone, and Username may be
	Reactions []Reaction // by emoji
}

// Append appends p as JSON.
func (p Post) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("username", p.Username)
	w.str("text", p.Text)
	w.num("createdAt", p.CreatedAt)
	w.str("room", p.Room)
	if p.ID != "" {
		w.str("id", p.ID)
	}
	if p.Seq > 0 {
		w.num("seq", p.Seq)
	}
	if p.User != "" {
		w.str("user", p.User)
	}
	if p.Kind != KindText {
		w.str("kind", string(p.Kind))
		w.str("name", p.Name)
	}
	if p.ReplyTo > 0 {
		w.num("replyTo", p.ReplyTo)
	}
	if p.EditedAt > 0 {
		w.num("editedAt", p.EditedAt)
	}
	if p.Deleted {
		w.yes("deleted")
	}
	if len(p.Reactions) > 0 {
		list(&w, "reactions", p.Reactions, Reaction.append)
	}
	return append(w.buf, '}')
}

// ParsePost reads the payload of Message, or one post of a page.
func ParsePost(raw json.RawMessage) (p Post, err error) {
	f := fields(raw)
	p = Post{Username: f.str("username"), Text: f.str("text"), CreatedAt: f.num("createdAt"), ID: f.str("id"),
		Room: f.str("room"), Seq: f.num("seq"), User: f.str("user"), Kind: Kind(f.str("kind")), Name: f.str("name"),
		ReplyTo: f.num("replyTo"), EditedAt: f.num("editedAt"), Deleted: f.flag("deleted"), Reactions: f.reactions("reactions")}
	if f.bad || p.ReplyTo > 0 && p.ReplyTo >= p.Seq {
		return p, ErrForm
	}
	return p, nil
}

// Joined is the result of Join. Seq and Cursor are the place from which live
// events follow, or the place asked for by After if the missed ones follow
// first. Skipped tells that more than MaxMissed were missed and are not sent:
// History has them, and Missed messages are among them, at most; -1: nobody says, as
// servers did at first. Reset tells that After is of a log that is gone. Read is how far
// the person has read the room, by any connection; 0 if that was never told.
type Joined struct {
	Room     string
	User     string
	Username string
	Seq      int64
	Cursor   string
	Skipped  bool
	Missed   int64
	Reset    bool
	Read     int64
}

// Append appends j as JSON.
func (j Joined) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("room", j.Room)
	w.str("user", j.User)
	w.str("username", j.Username)
	w.num("seq", j.Seq)
	w.str("cursor", j.Cursor)
	if j.Skipped {
		w.yes("skipped")
		w.num("missed", j.Missed)
	}
	if j.Reset {
		w.yes("reset")
	}
	if j.Read > 0 {
		w.num("read", j.Read)
	}
	return append(w.buf, '}')
}

// ParseJoined reads the result of Join.
func ParseJoined(raw json.RawMessage) (j Joined, err error) {
	f := fields(raw)
	j = Joined{Room: f.str("room"), User: f.str("user"), Username: f.str("username"), Seq: f.num("seq"),
		Cursor: f.str("cursor"), Skipped: f.flag("skipped"), Missed: f.num("missed"), Reset: f.flag("reset"), Read: f.num("read")}
	if _, told, _ := f.o.Int("missed"); j.Skipped && !told {
		j.Missed = -1
	}
	if f.bad || j.Room == "" || j.User == "" {
		return j, ErrForm
	}
	return j, nil
}

// Sent is the result of Send: the message's place in the room's log. It is also
// that of Edit, Delete and React: the place of the change.
type Sent struct {
	ID        string
	Room      string
	Seq       int64
	CreatedAt int64
}

// Append appends s as JSON.
func (s Sent) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("id", s.ID)
	w.str("room", s.Room)
	w.num("seq", s.Seq)
	w.num("createdAt", s.CreatedAt)
	return append(w.buf, '}')
}

// ParseSent reads the result of Send.
func ParseSent(raw json.RawMessage) (s Sent, err error) {
	f := fields(raw)
	s = Sent{f.str("id"), f.str("room"), f.num("seq"), f.num("createdAt")}
	if f.bad || s.ID == "" || s.Seq == 0 {
		return s, ErrForm
	}
	return s, nil
}

// Page is the result of History: posts, newest first, as they were when the log
// ended at Head. Everything of the room from From up to the Before asked for is
// in it: the posts, and as Changes what was done there to older ones. Done tells
// that nothing older is kept.
type Page struct {
	Room    string
	Posts   []Post
	Changes []Change // oldest first
	From    int64
	Head    int64
	Done    bool
}

// Append appends p as JSON.
func (p Page) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	w.str("room", p.Room)
	w.posts("messages", p.Posts)
	if len(p.Changes) > 0 {
		list(&w, "changes", p.Changes, Change.Append)
	}
	w.num("from", p.From)
	w.num("head", p.Head)
	if p.Done {
		w.yes("done")
	}
	return append(w.buf, '}')
}

// ParsePage reads the result of History.
func ParsePage(raw json.RawMessage) (p Page, err error) {
	f := fields(raw)
	p.Room, p.Posts, p.From, p.Head, p.Done = f.str("room"), f.posts("messages"), f.num("from"), f.num("head"), f.flag("done")
	for _, item := range f.list("changes") {
		c, err := ParseChange(item)
		f.bad = f.bad || err != nil
		p.Changes = append(p.Changes, c)
	}
	if f.bad {
		return p, ErrForm
	}
	return p, nil
}

// posts reads posts of the log.
func (f *reader) posts(key string) (posts []Post) {
	for _, item := range f.list(key) {
		p, err := ParsePost(item)
		f.bad = f.bad || err != nil || p.Seq == 0
		posts = append(posts, p)
	}
	return posts
}

// Auth is what our client says in its CONNECT: the token it was given before,
// and the language it would like refusals in. Keeps tells that it keeps tokens,
// although it may have none yet: it will be known again.
//
// Pid and Offset are what Socket.IO's own clients bring after a lost connection,
// of the pid in their last CONNECT reply and the last event's cursor.
type Auth struct {
	Token  string
	Keeps  bool
	Lang   string
	Pid    string
	Offset string
}

// Append appends a as JSON.
func (a Auth) Append(dst []byte) []byte {
	w := object{buf: append(dst, '{')}
	if a.Keeps {
		w.str("token", a.Token)
	}
	if a.Lang != "" {
		w.str("lang", a.Lang)
	}
	return append(w.buf, '}')
}

// ParseAuth reads the auth of a CONNECT. Anything that is not of the form is
// as if it were absent: a stock client may send what it likes.
func ParseAuth(raw json.RawMessage) (a Auth) {
	o, err := sio.ParseObject(raw)
	if err != nil {
		return Auth{}
	}
	a.Token, a.Keeps, _ = o.String("token")
	a.Lang, _, _ = o.String("lang")
	a.Pid, _, _ = o.String("pid")
	a.Offset, _, _ = o.String("offset")
	if len(a.Token) > MaxToken {
		a.Token = ""
	}
	if len(a.Pid) > MaxToken || len(a.Offset) > MaxRooms*MaxCursor {
		a.Pid, a.Offset = "", ""
	}
	return a
}

// Welcome is what the server adds to its CONNECT reply: the token to bring next
// time, the version of the app that belongs to this server, and the name of what
// keeps the rooms, for people to see; empty is not told. Pid is for clients that
// keep no token: the same one as before tells them that they were brought back
// to where they were.
type Welcome struct {
	Token   string
	Version string
	Pid     string
	Store   string
}

// AppendMembers appends w as members of a JSON object, without its braces.
func (w Welcome) AppendMembers(dst []byte) []byte {
	o := object{buf: dst}
	o.str("token", w.Token)
	o.str("version", w.Version)
	if w.Pid != "" {
		o.str("pid", w.Pid)
	}
	if w.Store != "" {
		o.str("store", w.Store)
	}
	return o.buf
}

// ParseWelcome reads the data of a CONNECT reply.
func ParseWelcome(raw json.RawMessage) (w Welcome) {
	if o, err := sio.ParseObject(raw); err == nil {
		w.Token, _, _ = o.String("token")
		w.Version, _, _ = o.String("version")
		w.Pid, _, _ = o.String("pid")
		w.Store, _, _ = o.String("store")
	}
	return w
}
