// Package chat is what one client knows of its rooms: the timeline and the
// outbox of each, joined to a socket.
//
// It promises that a room's lines stand in the one order of the room, each
// once; that what is missing is shown as missing; and that a message of one's
// own is kept until the server has it. It must not know how things look: it
// runs in a tab and natively.
package chat

import (
	"strconv"
	"time"

	"maru/app/wire/event"
)

// ItemKind says what a line of a room is.
type ItemKind byte

// The kinds of a line.
const (
	Post    ItemKind = iota // what a person wrote
	Came                    // Name came in
	Went                    // Name went away
	Welcome                 // Admin's greeting
	Gap                     // lines From to To are not here
	Reset                   // the room's history was lost; what follows is new
)

// SendState says how far a message of one's own has come.
type SendState byte

// The states of a message. Those of others are always Sent.
const (
	Sent    SendState = iota // the server has it
	Pending                  // kept here, and on its way
	Failed                   // refused: Why says it
)

// Item is one line of a room. Key is unique in the room and stays the same for
// as long as the line is there, also when a pending message is confirmed.
type Item struct {
	Key      string
	Kind     ItemKind
	Seq      int64  // place in the room's log; 0: not of the log, or not yet
	ID       string // of a Post
	User     string // who wrote, came or went
	Name     string
	Text     string
	ReplyTo  int64 // the seq of the message that it answers; 0: none
	At       time.Time
	Own      bool
	State    SendState
	Why      *event.Error
	From, To int64 // of a Gap: the first and last seq that are missing
	Posts    int64 // of a Gap: how many messages are missing, at most

	EditedAt  time.Time // zero: never
	Deleted   bool      // then Text and ReplyTo are gone, and Name may be
	Reactions Reactions
	Changing  bool // shown with a change of one's own that the server does not have yet

	place int64 // what lines are ordered by: Seq, or To of a Gap, or where a line outside of the log was put in

	asOf    int64    // changes up to here are in
	changes *changes // those that came after
}

// Reactions are the emoji on a message. Two that are equal are the same; what
// differs may say the same.
type Reactions struct{ all *[]event.Reaction }

// All is the reactions in the order of their emoji. It is not to be changed.
func (r Reactions) All() []event.Reaction {
	if r.all == nil {
		return nil
	}
	return *r.all
}

func newReactions(all []event.Reaction) Reactions {
	if len(all) == 0 {
		return Reactions{}
	}
	return Reactions{&all}
}

func seqKey(seq int64) string    { return "s" + strconv.FormatInt(seq, 10) }
func gapKey(to int64) string     { return "g" + strconv.FormatInt(to, 10) }
func greetKey(head int64) string { return "w" + strconv.FormatInt(head, 10) }
func ownKey(id string) string    { return "o" + id }

// newItem makes the line of a post that came from the server.
func newItem(p event.Post) Item {
	it := Item{Key: seqKey(p.Seq), Seq: p.Seq, place: p.Seq, ID: p.ID, User: p.User, Name: p.Username, Text: p.Text, ReplyTo: p.ReplyTo, At: time.UnixMilli(p.CreatedAt),
		Deleted: p.Deleted, Reactions: newReactions(p.Reactions)}
	if p.EditedAt > 0 {
		it.EditedAt = time.UnixMilli(p.EditedAt)
	}
	switch p.Kind {
	case event.KindJoin:
		it.Kind, it.Name, it.Text = Came, p.Name, ""
	case event.KindLeave:
		it.Kind, it.Name, it.Text = Went, p.Name, ""
	case event.KindWelcome:
		it.Kind, it.Name = Welcome, p.Name
	}
	return it
}
