// Package store says what a chat server needs of its storage, and the laws
// that every implementation keeps.
//
// A room is one log. Everything that changes the room is an Event of that log:
// a message, an edit, a deletion, a reaction, a join, a leave. So one order
// covers all of them, and whoever has read the log up to a place knows the
// room as it was there. Log is that history, Presence says who is in a room
// now, Notes keeps what somebody will want who comes back, Marks how far people
// have read, Finder finds what was said, Signals carries what is not kept at all,
// Sessions has each request served by whichever instance it reaches, and Store is
// all of them together.
//
// The laws stand on the methods; package storetest checks them, so that the
// test of an implementation is a constructor and one call.
//
// The package knows nothing of chat rules: who may edit what, and what a text
// may look like, is decided above it. Bodies are opaque bytes. It knows no
// sockets either.
package store

import (
	"context"
	"errors"
)

// Store is what a server needs. All methods of a Store, also those of its parts,
// may be called by many goroutines at once. Every call returns soon after its
// context has ended, with the context's error.
type Store interface {
	Log
	Presence
	Notes
	Marks
	Finder
	Signals
	Sessions

	// Durability says what a successful write has survived.
	Durability() Durability

	// Ping reports whether the store can take a write now. It is meant for
	// a readiness check and is cheap while all is well.
	// Errors: ErrUnavailable.
	Ping(ctx context.Context) error

	// Close ends all running Follows, Moves and calls with ErrUnavailable, and
	// returns when nothing of the Store runs any more. A second Close does
	// nothing.
	Close() error
}

// Durability is what a successful write has survived.
type Durability int

// The durabilities, each stronger than the one before.
const (
	Memory  Durability = iota // nothing: it is gone with the process
	Disk                      // loss of power: it was synced to the disk
	Replica                   // loss of the machine: another one has it as well
)

// The errors that callers tell apart, with errors.Is.
var (
	// ErrInvalid: an argument is outside the limits of this package. The
	// same call never succeeds.
	ErrInvalid = errors.New("store: invalid argument")
	// ErrConflict: the idempotency key belongs to another content, or the id
	// to another session.
	ErrConflict = errors.New("store: this ID was used for something else")
	// ErrNoTarget: the Target is no message that is there.
	ErrNoTarget = errors.New("store: no such message")
	// ErrTooMany: the message has as many reactions as it can carry.
	ErrTooMany = errors.New("store: too many reactions")
	// ErrNameTaken: see NameTakenError.
	ErrNameTaken = errors.New("store: the name is taken")
	// ErrReset: the log is not the one that the position was taken from.
	ErrReset = errors.New("store: the room's log was reset; load it anew")
	// ErrTrimmed: events after the position are gone.
	ErrTrimmed = errors.New("store: the position is older than the retained log")
	// ErrNoSession: the session has ended, or never was.
	ErrNoSession = errors.New("store: no such session")
	// ErrBusy: another holder is busy with the session; see Sessions.Claim.
	ErrBusy = errors.New("store: the session is busy")
	// ErrLostTurn: another holder has the session now.
	ErrLostTurn = errors.New("store: another one has the session")
	// ErrUnavailable: the store cannot do it now (a full disk, a broken
	// file, a closed Store). A write that failed so may have happened or
	// not; it is safe to make it again.
	ErrUnavailable = errors.New("store: unavailable, outcome unknown")
)
