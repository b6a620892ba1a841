package store

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Log is the history of rooms. A room begins with its first write; until then
// reading it finds nothing, which is no error. Every method refuses a name
// that CheckRoom refuses.
type Log interface {
	// Append gives d the next Seq, stores it durably (see Durability), makes
	// every Follow of the room yield it, and only then returns. dup reports
	// that d had been appended before; ev is the first one's Event then. The
	// same Author and ID with another content are an ErrConflict; of what
	// has been erased since, only Kind and Target are compared.
	//
	// Target must be a message of the retained log that is not deleted, else
	// the answer is ErrNoTarget; a Message may do without. What becomes of the
	// message that it answers later changes nothing of it. A Delete erases the Body of its target and
	// of all its edits, and drops its reactions. To react twice with the
	// same emoji, or to take back what was not there, is an Event like any
	// other and changes nothing. Append keeps no reference to d.Body.
	//
	// On any error but a refusal d may or may not have been appended: the
	// caller retries with the same Draft.
	// Errors: ErrInvalid, ErrConflict, ErrNoTarget, ErrTooMany (refusals),
	// ErrUnavailable.
	Append(ctx context.Context, room string, d Draft) (ev Event, dup bool, err error)

	// Head is the place after the newest Event of room; the zero Pos if the
	// room has not begun.
	// Errors: ErrInvalid, ErrUnavailable.
	Head(ctx context.Context, room string) (Pos, error)

	// Events returns up to limit Events after from, in order, and the Head
	// that was true at that moment. It lets one connection catch up without
	// a Follow of its own. Fewer than limit means that the head was reached.
	// Errors: ErrInvalid, ErrReset, ErrTrimmed, ErrUnavailable.
	Events(ctx context.Context, room string, from Pos, limit int) ([]Event, Pos, error)

	// Follow yields every Event after from, in order, each once, for ever.
	// Times when the store is unavailable pass silently: the range just
	// blocks. It ends by yielding one error: ErrReset, ErrTrimmed, the
	// context's error, or ErrUnavailable once the Store is closed.
	//
	// A slow consumer costs no memory: the store reads the log again for it.
	// The Body is shared between readers and must not be changed.
	Follow(ctx context.Context, room string, from Pos) iter.Seq2[Event, error]

	// Page returns up to n posts with Seq < before (0: from the newest),
	// newest first. Fewer than n means that the beginning was reached; the
	// posts of deleted messages are in it, marked.
	// Errors: ErrInvalid, ErrUnavailable.
	Page(ctx context.Context, room string, before int64, n int) ([]Post, error)

	// Count tells how many messages there are with after < Seq <= upTo, those
	// that are deleted included. It reads none of them.
	// Errors: ErrInvalid, ErrUnavailable.
	Count(ctx context.Context, room string, after, upTo int64) (int64, error)

	// Get returns posts by Seq, in the order asked; what is absent, or no
	// message, is left out.
	// Errors: ErrInvalid, ErrUnavailable.
	Get(ctx context.Context, room string, seqs ...int64) ([]Post, error)

	// Changes returns up to n Events that change a message, of those with
	// after < Seq < before (0: up to the newest), newest first: of the kinds
	// Edit, Delete, React and Unreact. Fewer than n means that there are no
	// more after after.
	// Errors: ErrInvalid, ErrUnavailable.
	Changes(ctx context.Context, room string, after, before int64, n int) ([]Event, error)

	// Rooms yields the name of every room that has begun, in no special order;
	// one may come twice. It ends early by yielding one error.
	// Errors: ErrUnavailable.
	Rooms(ctx context.Context) iter.Seq2[string, error]

	// Trim drops Events by age and count, oldest first. Numbering, Head, and
	// the idempotency of what is kept are untouched.
	// Errors: ErrInvalid, ErrUnavailable.
	Trim(ctx context.Context, room string, keep Retention) error
}

// Retention says what Trim keeps: the newest Count Events, of those the ones
// not older than Age. A zero field sets no bound.
type Retention struct {
	Count int64
	Age   time.Duration
}

// Check returns an error that wraps ErrInvalid if a bound is negative.
func (r Retention) Check() error {
	if r.Count < 0 || r.Age < 0 {
		return fmt.Errorf("%w: retention %d, %v", ErrInvalid, r.Count, r.Age)
	}
	return nil
}
