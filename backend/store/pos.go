package store

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// maxEpoch and maxPos bound what ParsePos takes.
const (
	maxEpoch = 32
	maxPos   = 200
)

// Pos is a reader's place in one room: it has everything up to Seq. Epoch
// names the log, and ID is the ID of the Event at Seq; together they let the
// store notice that the log is another one than the reader saw, so that a lost
// history never looks complete. The zero Pos is "before the first Event".
//
// Browsers carry a Pos as an opaque string: see String and ParsePos.
type Pos struct {
	Epoch string
	Seq   int64
	ID    string
}

// After is the place of a reader at p that has now read ev, the next Event.
func (p Pos) After(ev Event) Pos {
	return Pos{Epoch: p.Epoch, Seq: ev.Seq, ID: ev.ID}
}

// String is p in a form that fits into a URL, of at most 200 bytes. The zero
// Pos is "".
func (p Pos) String() string {
	if p == (Pos{}) {
		return ""
	}
	return p.Epoch + "." + strconv.FormatInt(p.Seq, 36) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(p.ID))
}

// ParsePos is the inverse of String. It takes any input, and returns an error
// that wraps ErrInvalid for whatever String cannot have made. That a Pos could
// be parsed does not mean that its room has such a place.
func ParsePos(s string) (Pos, error) {
	if s == "" {
		return Pos{}, nil
	}
	if len(s) > maxPos {
		return Pos{}, fmt.Errorf("%w: position of %d bytes", ErrInvalid, len(s))
	}
	parts := strings.Split(s, ".")
	if len(parts) != 3 || !isEpoch(parts[0]) {
		return Pos{}, fmt.Errorf("%w: position", ErrInvalid)
	}
	seq, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil || seq < 0 {
		return Pos{}, fmt.Errorf("%w: position", ErrInvalid)
	}
	id, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || len(id) > MaxID {
		return Pos{}, fmt.Errorf("%w: position", ErrInvalid)
	}
	p := Pos{Epoch: parts[0], Seq: seq, ID: string(id)}
	// One place has one spelling, so that cursors can be compared as strings.
	if p.String() != s {
		return Pos{}, fmt.Errorf("%w: position", ErrInvalid)
	}
	return p, nil
}

// isEpoch reports whether s can name a log: letters and digits, so that it
// needs no escape anywhere.
func isEpoch(s string) bool {
	if len(s) < 1 || len(s) > maxEpoch {
		return false
	}
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}
