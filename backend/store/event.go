package store

import (
	"bytes"
	"fmt"
	"time"
	"unicode/utf8"
)

// The limits that every implementation enforces with ErrInvalid, or with
// ErrTooMany where that is said. Lengths are in bytes.
const (
	MaxRoom   = 200      // the name of a room; at least 1
	MaxID     = 64       // Draft.ID; at least 1
	MaxAuthor = 200      // Draft.Author and Member.User; at least 1
	MaxBody   = 64 << 10 // Draft.Body
	MaxEmoji  = 64       // Draft.Body of a reaction; at least 1, valid UTF-8
	MaxPage   = 1000     // the n, limit or number of seqs of one read; at least 1

	// MaxReacts is how many different emoji one message carries, and
	// MaxReactors how many reactions in all; above that React is refused
	// with ErrTooMany.
	MaxReacts   = 20
	MaxReactors = 1000
)

// Kind says what an Event is.
type Kind byte

// The kinds. Joined and Left are written by Presence only.
const (
	Message Kind = 'm' // answers Target, if it has one
	Edit    Kind = 'e' // Body replaces the text of Target
	Delete  Kind = 'd' // the text of Target is erased from storage; Body is empty
	React   Kind = 'r' // Body is the emoji
	Unreact Kind = 'u' // Body is the emoji
	Joined  Kind = 'j' // Body is the Info of the connection that came
	Left    Kind = 'l' // Body is the Info of the connection that went
)

// Changes reports whether an Event of the kind changes its Target.
func (k Kind) Changes() bool { return k == Edit || k == Delete || k == React || k == Unreact }

// Draft is an Event that has no number yet. Author and ID together are the
// idempotency key in a room: within the retained log a second Append of the
// same Draft returns the first one's Event.
type Draft struct {
	ID     string // chosen by the sender, 1 to MaxID bytes
	Author string
	Kind   Kind
	Target int64 // the Seq of the message that it changes, or that a Message answers; else 0
	Body   []byte
}

// Check returns an error that wraps ErrInvalid if d is outside the limits or
// of a kind that Append does not take. Implementations call it first.
func (d Draft) Check() error {
	switch {
	case len(d.ID) < 1 || len(d.ID) > MaxID:
		return fmt.Errorf("%w: ID of %d bytes", ErrInvalid, len(d.ID))
	case len(d.Author) < 1 || len(d.Author) > MaxAuthor:
		return fmt.Errorf("%w: author of %d bytes", ErrInvalid, len(d.Author))
	case len(d.Body) > MaxBody:
		return fmt.Errorf("%w: body of %d bytes", ErrInvalid, len(d.Body))
	}
	switch d.Kind {
	case Message, Edit:
		return nil
	case Delete:
		if len(d.Body) > 0 {
			return fmt.Errorf("%w: a deletion with a body", ErrInvalid)
		}
		return nil
	case React, Unreact:
		if n := len(d.Body); n < 1 || n > MaxEmoji || !utf8.Valid(d.Body) {
			return fmt.Errorf("%w: emoji of %d bytes", ErrInvalid, n)
		}
		return nil
	}
	return fmt.Errorf("%w: kind %q", ErrInvalid, d.Kind)
}

// Same reports whether d and first, which share Author and ID, say the same.
// erased means that the body of first is gone: then bodies are not compared.
func (d Draft) Same(first Draft, erased bool) bool {
	return d.Kind == first.Kind && d.Target == first.Target &&
		(erased || bytes.Equal(d.Body, first.Body))
}

// Event is a Draft with its place in the room: Seq counts 1, 2, 3, … without
// a gap, and At, in whole milliseconds and UTC, never decreases even if the
// clock does. The Body of a message that was deleted, and of its edits, is
// empty from then on.
type Event struct {
	Draft
	Seq int64
	At  time.Time
}

// Post is a message as it is now: its Event, with the Body of its last edit.
type Post struct {
	Event
	EditedAt time.Time // zero: never
	Deleted  bool      // then Body and Reacts are empty and EditedAt is zero
	// Reacts has for each emoji the authors who react with it, in the order
	// in which they began to. It is nil when there are none.
	Reacts map[string][]string
}

// CheckRoom returns an error that wraps ErrInvalid if room cannot be the name
// of a room. Any string of 1 to MaxRoom bytes can, whatever its bytes are.
func CheckRoom(room string) error {
	if len(room) < 1 || len(room) > MaxRoom {
		return fmt.Errorf("%w: room name of %d bytes", ErrInvalid, len(room))
	}
	return nil
}

// CheckPage returns an error that wraps ErrInvalid if n is not within 1 and
// MaxPage.
func CheckPage(n int) error {
	if n < 1 || n > MaxPage {
		return fmt.Errorf("%w: %d at once", ErrInvalid, n)
	}
	return nil
}
