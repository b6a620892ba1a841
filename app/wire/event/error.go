package event

import (
	"encoding/json"
	"errors"
	"time"

	"maru/app/wire/sio"
)

// Code names a refusal. The list is closed: a client can translate each.
type Code string

// The codes of refusals.
const (
	BadRequest   Code = "bad_request"    // the payload has not the form that the event asks for
	UnknownEvent Code = "unknown_event"  // no such event
	NameEmpty    Code = "name_empty"     // a name of nothing but blanks
	NameTooLong  Code = "name_too_long"  // over MaxName
	NameInvalid  Code = "name_invalid"   // has characters that can't be seen or that turn the text around
	NameReserved Code = "name_reserved"  // is Admin's, in whatever case or form of its letters
	NameTaken    Code = "name_taken"     // another person in the room has it
	RoomEmpty    Code = "room_empty"     // a room of nothing but blanks
	RoomTooLong  Code = "room_too_long"  // over MaxRoom
	RoomInvalid  Code = "room_invalid"   // has characters that can't be seen or that turn the text around
	TextEmpty    Code = "text_empty"     // a message of nothing but blanks
	TextTooLong  Code = "text_too_long"  // over MaxText or MaxTextBytes
	NotYours     Code = "not_yours"      // another person's message
	Gone         Code = "gone"           // no such message, or it is deleted
	EmojiInvalid Code = "emoji_invalid"  // not one emoji
	TooManyEmoji Code = "too_many_emoji" // the message carries as many reactions as it can
	NotJoined    Code = "not_joined"     // this connection is not in that room
	TooManyRooms Code = "too_many_rooms" // over MaxRooms
	PassInvalid  Code = "pass_invalid"   // the pass has ended, was used by another device, or is none
	Conflict     Code = "conflict"       // the id was used for another message
	RateLimited  Code = "rate_limited"   // too much in too short a time: try again after RetryAfter, with the same id
	Unavailable  Code = "unavailable"    // the server can't store it now: try again with the same id
	Internal     Code = "internal"       // the server's own fault
)

// Codes lists every code, for catalogues that must have a text for each.
var Codes = []Code{BadRequest, UnknownEvent, NameEmpty, NameTooLong, NameInvalid, NameReserved, NameTaken,
	RoomEmpty, RoomTooLong, RoomInvalid, TextEmpty, TextTooLong, NotYours, Gone, EmojiInvalid, TooManyEmoji, NotJoined, TooManyRooms, PassInvalid, Conflict, RateLimited, Unavailable, Internal}

// Error is a refusal: the first argument of an ack. Message is for people who
// read it in a log or a stock client; ours says Code in its own language.
type Error struct {
	Code       Code
	Message    string
	RetryAfter time.Duration // when trying again helps; zero: not said
}

func (e *Error) Error() string { return "refused: " + string(e.Code) }

// Is tells that two refusals are the same if their codes are.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Refuse makes a refusal with a code alone.
func Refuse(code Code) *Error { return &Error{Code: code} }

// Temporary tells whether the same request may be taken later, with nothing
// changed by the person.
func (e *Error) Temporary() bool {
	return e.Code == RateLimited || e.Code == Unavailable || e.Code == Internal
}

// Append appends e as JSON; nil is null.
func (e *Error) Append(dst []byte) []byte {
	if e == nil {
		return append(dst, "null"...)
	}
	w := object{buf: append(dst, '{')}
	w.str("code", string(e.Code))
	w.str("message", e.Message)
	if e.RetryAfter > 0 {
		w.num("retryAfter", e.RetryAfter.Milliseconds())
	}
	return append(w.buf, '}')
}

// ErrAck tells that an ack has not the form (error, result).
var ErrAck = errors.New("event: broken ack")

// ParseAck reads the arguments of an ack. A refusal comes back as *Error, an
// ack of another form as ErrAck. result is nil if there is none.
func ParseAck(args []json.RawMessage) (result json.RawMessage, err error) {
	if len(args) == 0 {
		return nil, ErrAck
	}
	if len(args) > 1 {
		result = args[1]
	}
	if string(args[0]) == "null" {
		return result, nil
	}
	o, err := sio.ParseObject(args[0])
	if err != nil {
		return nil, ErrAck
	}
	code, _, err := o.String("code")
	if err != nil || code == "" {
		return nil, ErrAck
	}
	e := &Error{Code: Code(code)}
	e.Message, _, _ = o.String("message")
	if ms, ok, err := o.Int("retryAfter"); err == nil && ok && ms > 0 {
		e.RetryAfter = time.Duration(min(ms, time.Hour.Milliseconds())) * time.Millisecond
	}
	return nil, e
}
