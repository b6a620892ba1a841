package store

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// The limits of a session, enforced with ErrInvalid. Lengths are in bytes.
const (
	MaxSID     = 64      // of a session's id; at least 1
	MaxHolder  = 64      // of a holder's name; at least 1
	MaxSession = 4 << 20 // of a session's state
)

// Sessions keeps what an instance must know to serve a request of a
// long-polling session, so that each request may reach another instance. Who
// serves the session holds its turn; turns count 1, 2, 3, … in each session,
// and the state is opaque.
//
// An instance is a holder, under a name that is unique for ever. It listens to
// Moves for as long as it lives, and asks for nothing before that has begun.
type Sessions interface {
	// Open keeps a new session for ttl. holder has its turn 1.
	// Errors: ErrInvalid, ErrConflict (the sid is in use), ErrUnavailable.
	Open(ctx context.Context, sid, holder string, state []byte, ttl time.Duration) error

	// Claim gives holder the session's turn, and the state that was saved
	// last. The one who had it before hears of it by Moves. known is the turn
	// that holder believes to have, 0 if none: if it still has it, turn is
	// known and state is nil, since the holder's own is newer or the same.
	//
	// With busy the session is busy from then on, for at most that long:
	// until Save says that it is free, a Claim by whoever does not have the
	// turn is refused with ErrBusy, and that claimer hears by Moves when it
	// may try again. A Claim without busy leaves a busy session of one's own
	// busy. Claim lets the session live on for ttl.
	// Errors: ErrInvalid, ErrNoSession, ErrBusy, ErrUnavailable.
	Claim(ctx context.Context, sid, holder string, known int64, busy, ttl time.Duration) (turn int64, state []byte, err error)

	// Save replaces the state, if turn is the session's, and lets it live on
	// for ttl. free ends that the session is busy.
	// Errors: ErrInvalid, ErrNoSession, ErrLostTurn, ErrUnavailable.
	Save(ctx context.Context, sid string, turn int64, state []byte, free bool, ttl time.Duration) error

	// End forgets the session, if turn is still its turn or it is gone
	// already. Whoever waits for it hears of that by Moves.
	// Errors: ErrInvalid, ErrLostTurn, ErrUnavailable.
	End(ctx context.Context, sid string, turn int64) error

	// Turns tells the turns of sessions; those that are gone are left out.
	// Errors: ErrInvalid, ErrUnavailable.
	Turns(ctx context.Context, sids ...string) (map[string]int64, error)

	// Moves yields what holder must hear of. It begins with the zero Move
	// once nothing is missed any more, and yields that again whenever
	// something may have been missed: then Turns tells what is true. It ends
	// by yielding the context's error, or ErrUnavailable once the Store is
	// closed; between, times when the store is unavailable pass silently.
	Moves(ctx context.Context, holder string) iter.Seq2[Move, error]
}

// Move tells that a session has changed hands, or is free for who waited.
// Whoever holds an earlier turn of it has lost it. Of a session that has ended
// Turn is the last one's successor.
type Move struct {
	SID  string
	Turn int64
}

// CheckSession returns an error that wraps ErrInvalid if the arguments of a
// call to Sessions are outside the limits. holder and ttl may be left zero by
// calls that have none.
func CheckSession(sid, holder string, state []byte, ttl time.Duration) error {
	switch {
	case len(sid) < 1 || len(sid) > MaxSID:
		return fmt.Errorf("%w: session id of %d bytes", ErrInvalid, len(sid))
	case len(holder) > MaxHolder:
		return fmt.Errorf("%w: holder of %d bytes", ErrInvalid, len(holder))
	case len(state) > MaxSession:
		return fmt.Errorf("%w: session of %d bytes", ErrInvalid, len(state))
	case ttl < 0 || ttl > MaxTTL:
		return fmt.Errorf("%w: session for %v", ErrInvalid, ttl)
	}
	return nil
}
