package store

import (
	"cmp"
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
// and the state is opaque. Sessions need not outlive the Store's process: who
// finds its session gone begins a new one.
//
// An instance is a holder, under a name that is unique for ever. It listens to
// Moves for as long as it lives, and asks for nothing before that has begun.
//
// A sid stands for a session for ever, and whoever knows it may act for the
// session: so no error tells it. Times are in whole milliseconds, by the
// store's clock. What a call has written, the next one reads, whoever makes it.
type Sessions interface {
	// Open keeps a new session for ttl. holder has its turn 1. Open keeps no
	// reference to state, like Save. Who does not know whether an Open came
	// through had better take another sid.
	// Errors: ErrInvalid, ErrConflict (the sid is in use), ErrUnavailable
	// (also if there is no room for another session).
	Open(ctx context.Context, sid, holder string, state []byte, ttl time.Duration) error

	// Claim gives holder the session's turn. known is the turn that holder
	// believes to have, 0 if none. If it still has that one, turn is known
	// and state is nil, since the holder's own is newer or the same. Else it
	// gets the next turn and the state that was saved last, which is the
	// caller's and not nil, and the holder of the turn before hears of that
	// by Moves, whoever it is.
	//
	// With busy above 0 the session is busy from then on, until Save says
	// that it is free, it ends, or that time is over. A Claim by another, or
	// with a known that is not the turn, is refused with ErrBusy while it is
	// busy, and changes nothing but this: that claimer hears by Moves, once,
	// when Save or End lets it try again, or when somebody has got the turn
	// without being busy. Of the end of busy's time nobody is told: who waits
	// tries again by itself then. A Claim with busy 0 and the known turn
	// leaves the session as busy as it is.
	//
	// Claim lets the session live on for ttl from now.
	// Errors: ErrInvalid, ErrNoSession, ErrBusy, ErrUnavailable.
	Claim(ctx context.Context, sid, holder string, known int64, busy, ttl time.Duration) (turn int64, state []byte, err error)

	// Save replaces the state, if turn is the session's, and lets it live on
	// for ttl from now. free ends that the session is busy.
	// Errors: ErrInvalid, ErrNoSession, ErrLostTurn, ErrUnavailable.
	Save(ctx context.Context, sid string, turn int64, state []byte, free bool, ttl time.Duration) error

	// End forgets the session, if turn is still its turn or it is gone
	// already. Whoever waits for it hears of that by Moves.
	// Errors: ErrInvalid, ErrLostTurn, ErrUnavailable.
	End(ctx context.Context, sid string, turn int64) error

	// Turns tells the turns of sessions; those that are gone are left out.
	// Errors: ErrInvalid, ErrUnavailable.
	Turns(ctx context.Context, sids ...string) (map[string]int64, error)

	// Moves yields what holder must hear of; of one session in its order. It
	// begins with the zero Move once nothing is missed any more, and yields
	// that again whenever something may have been missed: then Turns tells
	// what is true, and who waits for a busy session tries again. It ends by
	// yielding the context's error, ErrInvalid, or ErrUnavailable once the
	// Store is closed; between, times when the store is unavailable pass
	// silently.
	Moves(ctx context.Context, holder string) iter.Seq2[Move, error]
}

// Move tells that a session has changed hands, or is free for who waited.
// Whoever holds an earlier turn of it has lost it. Of a session that has ended
// Turn is the last one's successor.
//
// A Move may come before the Claim has returned whose turn it ends: who makes a
// Claim must remember the Moves of that session until then.
type Move struct {
	SID  string
	Turn int64
}

// CheckOpen returns an error that wraps ErrInvalid if the arguments of an Open
// are outside the limits.
func CheckOpen(sid, holder string, state []byte, ttl time.Duration) error {
	return cmp.Or(CheckSID(sid), CheckHolder(holder), checkState(state), CheckTTL(ttl))
}

// CheckClaim returns an error that wraps ErrInvalid if the arguments of a Claim
// are outside the limits.
func CheckClaim(sid, holder string, known int64, busy, ttl time.Duration) error {
	if err := cmp.Or(CheckSID(sid), CheckHolder(holder), CheckTTL(ttl)); err != nil {
		return err
	}
	if known < 0 {
		return fmt.Errorf("%w: turn %d", ErrInvalid, known)
	}
	if busy != 0 {
		return CheckTTL(busy)
	}
	return nil
}

// CheckSave returns an error that wraps ErrInvalid if the arguments of a Save
// are outside the limits.
func CheckSave(sid string, turn int64, state []byte, ttl time.Duration) error {
	return cmp.Or(CheckEnd(sid, turn), checkState(state), CheckTTL(ttl))
}

// CheckEnd returns an error that wraps ErrInvalid if the arguments of an End
// are outside the limits.
func CheckEnd(sid string, turn int64) error {
	if turn < 1 {
		return fmt.Errorf("%w: turn %d", ErrInvalid, turn)
	}
	return CheckSID(sid)
}

// CheckSID returns an error that wraps ErrInvalid if no session can have sid.
func CheckSID(sid string) error {
	if len(sid) < 1 || len(sid) > MaxSID {
		return fmt.Errorf("%w: session id of %d bytes", ErrInvalid, len(sid))
	}
	return nil
}

// CheckHolder returns an error that wraps ErrInvalid if holder can be no
// holder's name.
func CheckHolder(holder string) error {
	if len(holder) < 1 || len(holder) > MaxHolder {
		return fmt.Errorf("%w: holder of %d bytes", ErrInvalid, len(holder))
	}
	return nil
}

func checkState(state []byte) error {
	if len(state) > MaxSession {
		return fmt.Errorf("%w: session of %d bytes", ErrInvalid, len(state))
	}
	return nil
}
