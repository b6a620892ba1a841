package server

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"maru/backend/engineio"
	"maru/backend/store"
)

// keeper is the store's Sessions in the words of package engineio, which knows
// no store.
type keeper struct{ store.Sessions }

var _ engineio.Keeper = keeper{}

// Claim implements engineio.Keeper.
func (k keeper) Claim(ctx context.Context, sid, holder string, known int64, busy, ttl time.Duration) (int64, []byte, error) {
	turn, state, err := k.Sessions.Claim(ctx, sid, holder, known, busy, ttl)
	return turn, state, translated(err)
}

// Save implements engineio.Keeper.
func (k keeper) Save(ctx context.Context, sid string, turn int64, state []byte, free bool, ttl time.Duration) error {
	return translated(k.Sessions.Save(ctx, sid, turn, state, free, ttl))
}

// End implements engineio.Keeper.
func (k keeper) End(ctx context.Context, sid string, turn int64) error {
	return translated(k.Sessions.End(ctx, sid, turn))
}

// Moves implements engineio.Keeper.
func (k keeper) Moves(ctx context.Context, holder string) iter.Seq2[engineio.Move, error] {
	return func(yield func(engineio.Move, error) bool) {
		for m, err := range k.Sessions.Moves(ctx, holder) {
			if !yield(engineio.Move(m), err) {
				return
			}
		}
	}
}

func translated(err error) error {
	for _, pair := range [][2]error{
		{store.ErrNoSession, engineio.ErrNoSession},
		{store.ErrBusy, engineio.ErrBusy},
		{store.ErrLostTurn, engineio.ErrLostTurn},
	} {
		if errors.Is(err, pair[0]) {
			return fmt.Errorf("%w: %w", pair[1], err)
		}
	}
	return err
}
