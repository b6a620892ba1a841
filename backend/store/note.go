package store

import (
	"context"
	"fmt"
	"time"
)

// The limits of a note, enforced with ErrInvalid. Lengths are in bytes.
const (
	MaxNoteKey = 200                  // of a key; at least 1
	MaxNote    = 16 << 10             // of a value
	MaxNoteTTL = 400 * 24 * time.Hour // at least a millisecond
)

// Notes keeps small values for a while, for whoever comes back: what a client
// that cannot carry it itself was doing. Keys are opaque bytes, compared as
// they are, and stand beside the rooms: no key belongs to a room.
//
// The time of a note is that of the store's wall clock, in whole milliseconds,
// since it goes on while the server is down. A step of the clock forward ends
// notes that much earlier, a step back that much later; and a note whose time
// was over before a step back may be there again, unless a Sweep came first.
//
// Presence.Sweep drops from storage the notes whose time is over.
type Notes interface {
	// Note keeps value under key for ttl, in place of what was there, durably
	// (see Durability). An empty value forgets what was there; ttl says
	// nothing then. Of several at once one is the last, whole. Note keeps no
	// reference to value. After any error but ErrInvalid either value may be
	// there; to make the call again is safe.
	// Errors: ErrInvalid, ErrUnavailable.
	Note(ctx context.Context, key string, value []byte, ttl time.Duration) error

	// Noted returns what is kept under key; nil if there is nothing, or its
	// time is over. The value is the caller's.
	// Errors: ErrInvalid, ErrUnavailable.
	Noted(ctx context.Context, key string) ([]byte, error)
}

// CheckNoteKey returns an error that wraps ErrInvalid if nothing can be kept
// under key.
func CheckNoteKey(key string) error {
	if len(key) < 1 || len(key) > MaxNoteKey {
		return fmt.Errorf("%w: note under a key of %d bytes", ErrInvalid, len(key))
	}
	return nil
}

// CheckNote returns an error that wraps ErrInvalid if the arguments of a Note
// are outside the limits.
func CheckNote(key string, value []byte, ttl time.Duration) error {
	if err := CheckNoteKey(key); err != nil {
		return err
	}
	if len(value) > MaxNote {
		return fmt.Errorf("%w: note of %d bytes", ErrInvalid, len(value))
	}
	if len(value) > 0 && (ttl < time.Millisecond || ttl > MaxNoteTTL) {
		return fmt.Errorf("%w: note for %v", ErrInvalid, ttl)
	}
	return nil
}
