package store

import (
	"context"
	"fmt"
	"time"
)

// The limits of a Member and its lease, enforced with ErrInvalid. Lengths are
// in bytes.
const (
	MaxConn = 64             // Member.Conn; at least 1
	MaxKey  = 400            // Member.Key
	MaxInfo = 4 << 10        // Member.Info
	MaxTTL  = 24 * time.Hour // of a lease; at least a millisecond
)

// Member is one connection of a user in a room.
type Member struct {
	Conn string // unique for ever
	User string // Author of the Joined and Left events
	// Key is the name that the connection speaks under, folded so that names
	// which look alike are equal. In a room at most one User holds a Key at
	// a time, by any number of connections. That the store decides it makes
	// the claim atomic over all instances; a check above it would be a race.
	// The empty Key claims nothing.
	Key  string
	Info []byte // Body of the Joined and Left events that the connection causes
}

// Check returns an error that wraps ErrInvalid if m is outside the limits.
func (m Member) Check() error {
	switch {
	case len(m.Conn) < 1 || len(m.Conn) > MaxConn:
		return fmt.Errorf("%w: connection ID of %d bytes", ErrInvalid, len(m.Conn))
	case len(m.User) < 1 || len(m.User) > MaxAuthor:
		return fmt.Errorf("%w: user of %d bytes", ErrInvalid, len(m.User))
	case len(m.Key) > MaxKey:
		return fmt.Errorf("%w: key of %d bytes", ErrInvalid, len(m.Key))
	case len(m.Info) > MaxInfo:
		return fmt.Errorf("%w: info of %d bytes", ErrInvalid, len(m.Info))
	}
	return nil
}

// CheckTTL returns an error that wraps ErrInvalid if no lease can last ttl.
func CheckTTL(ttl time.Duration) error {
	if ttl < time.Millisecond || ttl > MaxTTL {
		return fmt.Errorf("%w: lease of %v", ErrInvalid, ttl)
	}
	return nil
}

// Presence says who is where. Each connection in a room holds a lease; a lease
// that is not renewed for its ttl ends by itself, whatever died.
//
// The user's first connection appends a Joined event to the room's log, the
// end of the last one a Left event, in the same atomic step. Their Author is
// the User and their Body the Info of the connection that caused them; their
// IDs are unique and cannot be guessed. When several leases are found to have
// ended, they end in the order of their times, then of Conn.
type Presence interface {
	// Enter adds m to the room, or renews its lease and replaces its Key and
	// Info. Leases of the room that have ended are swept first. If a lease
	// of another User holds the Key, the answer is a *NameTakenError and
	// nothing else has changed. A Conn that is in the room for another User
	// is an ErrConflict. To enter again after an error is safe.
	// Errors: ErrInvalid, ErrConflict, ErrNameTaken (refusals),
	// ErrUnavailable.
	Enter(ctx context.Context, room string, m Member, ttl time.Duration) error

	// Renew extends the leases of conns, which has the connections of each
	// room; it returns in the same form those that had already ended, for
	// the caller to enter again. After an error some leases may have been
	// extended.
	// Errors: ErrInvalid, ErrUnavailable.
	Renew(ctx context.Context, ttl time.Duration, conns map[string][]string) (gone map[string][]string, err error)

	// Leave ends a lease. For a connection that is not there it does
	// nothing, so it may be repeated.
	// Errors: ErrInvalid, ErrUnavailable.
	Leave(ctx context.Context, room, conn string) error

	// Members lists a room, in no special order, together with the Pos that
	// the list is true for: applying the Joined and Left events after it
	// keeps the set of users right.
	// Errors: ErrInvalid, ErrUnavailable.
	Members(ctx context.Context, room string) ([]Member, Pos, error)

	// Sweep ends leases whose time is over, appending Left exactly once per
	// user however many sweep at once. next is when the earliest of the
	// other leases will end; zero if there is none. It also drops the notes
	// and marks whose time is over; neither result tells of those.
	// Errors: ErrUnavailable.
	Sweep(ctx context.Context) (ended int, next time.Time, err error)
}

// NameTakenError is the refusal of Enter when another User holds the Key. It
// is an ErrNameTaken.
type NameTakenError struct {
	// Until is when the holder's lease ends unless it is renewed: a name
	// whose holder has vanished is free from then on.
	Until time.Time
}

// Error implements error.
func (e *NameTakenError) Error() string {
	return ErrNameTaken.Error() + " until " + e.Until.UTC().Format(time.RFC3339)
}

// Unwrap makes errors.Is(err, ErrNameTaken) true.
func (e *NameTakenError) Unwrap() error { return ErrNameTaken }
