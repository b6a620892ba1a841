package chat

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"maru/backend/store"
)

// Stay is a room that somebody is in, under a name.
type Stay struct{ Room, Name string }

// stayFor is how long somebody may be away and still be brought back. The logs
// themselves are mostly gone before.
const stayFor = 30 * 24 * time.Hour

// Remember notes which rooms a device is in, for Recover.
func (r *Rooms) Remember(ctx context.Context, d Device, stays []Stay) error {
	var lines []string
	for _, s := range stays {
		lines = append(lines, s.Room+"\x00"+s.Name) // neither has control characters
	}
	return wrap("remember", "", r.store.Note(ctx, stayKey(d), []byte(strings.Join(lines, "\n")), stayFor))
}

// stayKey does not tell the device, which is secret.
func stayKey(d Device) string {
	h := sha256.Sum256([]byte("stay\x00" + d))
	return "stay." + base64.RawURLEncoding.EncodeToString(h[:])
}

// ErrNotRecoverable tells that a client can't be brought back to where it was:
// it must join anew.
var ErrNotRecoverable = errors.New("chat: not recoverable")

// Recover brings a connection back into the rooms that its device was in.
// offset has a place in each of them; what came after it is to be told. It is
// all of the rooms or none.
func (r *Rooms) Recover(ctx context.Context, c Conn, offset string) ([]Entry, error) {
	places, err := parseOffset(offset)
	if err != nil {
		return nil, ErrNotRecoverable
	}
	raw, err := r.store.Noted(ctx, stayKey(c.Device))
	if err != nil {
		return nil, wrap("recover", "", err)
	}
	var entries []Entry
	for line := range strings.SplitSeq(string(raw), "\n") {
		room, name, ok := strings.Cut(line, "\x00")
		if !ok {
			continue
		}
		e, err := r.recoverRoom(ctx, c, Stay{room, name}, places)
		if err != nil {
			return nil, errors.Join(err, r.giveUp(ctx, entries))
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// recoverRoom enters one room again, if the client's place in it is known and
// the log still has all that came after.
func (r *Rooms) recoverRoom(ctx context.Context, c Conn, s Stay, places map[string]store.Pos) (Entry, error) {
	head, err := r.store.Head(ctx, s.Room)
	if err != nil {
		return Entry{}, wrap("recover", s.Room, err)
	}
	from, ok := places[head.Epoch]
	if !ok {
		return Entry{}, ErrNotRecoverable
	}
	_, _, err = r.store.Events(ctx, s.Room, from, 1)
	if errors.Is(err, store.ErrReset) || errors.Is(err, store.ErrTrimmed) {
		return Entry{}, ErrNotRecoverable
	}
	if err != nil {
		return Entry{}, wrap("recover", s.Room, err)
	}
	e := Entry{Seat: Seat{Room: s.Room, Conn: c.ID, User: c.Device.Person(s.Name), Name: s.Name}, From: from, Head: head}
	return e, wrap("recover", s.Room, r.enter(ctx, e.Seat))
}

func (r *Rooms) giveUp(ctx context.Context, entries []Entry) error {
	var errs []error
	for _, e := range entries {
		errs = append(errs, r.Leave(ctx, e.Seat))
	}
	return errors.Join(errs...)
}

// placeEnd stands between the places of an offset: one in each room.
const placeEnd = "~"

// Offset writes places as one string, to be read by Recover.
func Offset(places ...store.Pos) string {
	all := make([]string, len(places))
	for i, p := range places {
		all[i] = p.String()
	}
	return strings.Join(all, placeEnd)
}

// parseOffset reads an offset: places by the epoch of their log, which no two
// rooms share.
func parseOffset(s string) (map[string]store.Pos, error) {
	places := map[string]store.Pos{}
	for part := range strings.SplitSeq(s, placeEnd) {
		p, err := store.ParsePos(part)
		if err != nil {
			return nil, err
		}
		places[p.Epoch] = p
	}
	return places, nil
}
