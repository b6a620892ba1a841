package chat

import (
	"context"
	"iter"
)

// Signal hands words to all that serve these rooms, this one included. They
// may get lost.
func (r *Rooms) Signal(ctx context.Context, words []byte) error {
	return wrap("signal", "", r.store.Signal(ctx, words))
}

// Signals yields what is signalled, until ctx ends; see store.Signals.
func (r *Rooms) Signals(ctx context.Context) iter.Seq2[[]byte, error] { return r.store.Signals(ctx) }
