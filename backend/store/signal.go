package store

import (
	"context"
	"fmt"
	"iter"
)

// MaxSignal is the length of a signal in bytes, at least 1; enforced with
// ErrInvalid.
const MaxSignal = 4 << 10

// Signals carries what is worth something at once or not at all, such as that
// somebody is typing, to whoever works on the same store. Nothing of it is
// stored, and any of it may get lost.
type Signals interface {
	// Signal hands body to every Signals that runs at the time, this Store's
	// included. It does not wait for a slow reader, which misses it instead.
	// It keeps no reference to body.
	// Errors: ErrInvalid, ErrUnavailable.
	Signal(ctx context.Context, body []byte) error

	// Signals yields nil once nothing is missed any more, then what is
	// signalled, and nil again whenever something may have been missed. It
	// ends by yielding the context's error, or ErrUnavailable once the Store
	// is closed; between, times when the store is unavailable pass silently.
	// The body is shared between readers and must not be changed.
	Signals(ctx context.Context) iter.Seq2[[]byte, error]
}

// CheckSignal returns an error that wraps ErrInvalid if body cannot be
// signalled.
func CheckSignal(body []byte) error {
	if len(body) < 1 || len(body) > MaxSignal {
		return fmt.Errorf("%w: signal of %d bytes", ErrInvalid, len(body))
	}
	return nil
}
