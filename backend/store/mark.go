package store

import (
	"context"
	"fmt"
	"time"
)

// MarkTTL is how long a mark is kept after it was last set or confirmed, by
// the store's wall clock. Presence.Sweep drops those whose time is over.
const MarkTTL = 400 * 24 * time.Hour

// Marks keeps how far each user has read each room, so that all devices of a
// user agree on it.
type Marks interface {
	// Mark says that user has read room up to seq, and returns how far that
	// is now: a mark never goes back, and never beyond the Head. In a room
	// that has not begun it is 0 and keeps nothing. Of several at once the
	// furthest stands. It is durable (see Durability); to make the call again
	// is safe.
	// Errors: ErrInvalid, ErrUnavailable.
	Mark(ctx context.Context, room, user string, seq int64) (int64, error)

	// Marked returns the user's mark in a room; 0 if there is none.
	// Errors: ErrInvalid, ErrUnavailable.
	Marked(ctx context.Context, room, user string) (int64, error)
}

// CheckMark returns an error that wraps ErrInvalid if nobody can have a mark
// at seq.
func CheckMark(room, user string, seq int64) error {
	if err := CheckRoom(room); err != nil {
		return err
	}
	if len(user) < 1 || len(user) > MaxAuthor {
		return fmt.Errorf("%w: user of %d bytes", ErrInvalid, len(user))
	}
	if seq < 0 {
		return fmt.Errorf("%w: mark at %d", ErrInvalid, seq)
	}
	return nil
}
