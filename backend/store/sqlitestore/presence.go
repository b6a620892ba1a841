package sqlitestore

import (
	"context"
	"crypto/rand"
	"database/sql"
	"time"

	"maru/backend/store"
)

// leaseStep is how many leases one write renews or ends.
const leaseStep = 256

// lease is a connection that is in a room.
type lease struct {
	room string
	conn []byte
	user []byte
	info []byte
}

// Enter implements store.Presence.
func (s *Store) Enter(ctx context.Context, room string, m store.Member, ttl time.Duration) error {
	if err := store.CheckRoom(room); err != nil {
		return err
	}
	if err := m.Check(); err != nil {
		return err
	}
	if err := store.CheckTTL(ttl); err != nil {
		return err
	}
	m.Info = append([]byte{}, m.Info...)
	return s.do(ctx, "enter", room, func(w *writer) error {
		now := s.leaseNow()
		if until := w.enter(w.begun(room), m, now, now+ttl.Milliseconds()); until < 0 {
			return store.ErrConflict
		} else if until > 0 {
			return &store.NameTakenError{Until: s.leaseTime(until)}
		}
		return nil
	})
}

// enter returns when the lease of another holder of m's key ends, 0 if m has
// been entered, -1 if its Conn is another user's. The sweep of the
// room before it stands whatever the outcome is.
func (w *writer) enter(r *room, m store.Member, now, ends int64) int64 {
	w.sweepRoom(r, now)
	conn, user, key := []byte(m.Conn), []byte(m.User), []byte(m.Key)
	var owner []byte
	if w.find("SELECT user FROM leases WHERE room = ? AND conn = ?", []any{r.id, conn}, &owner) &&
		string(owner) != m.User {
		return -1
	}
	var until sql.NullInt64
	w.find("SELECT max(ends) FROM leases WHERE room = ? AND key = ? AND key <> x'' AND user <> ?",
		[]any{r.id, key, user}, &until)
	if until.Valid {
		return until.Int64
	}
	if !w.isIn(r, user) {
		w.presence(r, store.Joined, user, m.Info)
	}
	w.exec(`INSERT INTO leases (room, conn, user, key, info, ends) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (room, conn) DO UPDATE SET key = excluded.key, info = excluded.info,
			ends = excluded.ends`, r.id, conn, user, key, m.Info, ends)
	return 0
}

// isIn reports whether user has a lease in r.
func (w *writer) isIn(r *room, user []byte) bool {
	var one int
	return w.find("SELECT 1 FROM leases WHERE room = ? AND user = ? LIMIT 1", []any{r.id, user}, &one)
}

// presence appends a Joined or Left event. Its ID is random: an Author could
// use up an ID that can be guessed.
func (w *writer) presence(r *room, kind store.Kind, user, info []byte) {
	w.insert(r, store.Draft{ID: string(kind) + "-" + rand.Text(), Author: string(user), Kind: kind, Body: info})
}

// Leave implements store.Presence.
func (s *Store) Leave(ctx context.Context, room, conn string) error {
	if err := store.CheckRoom(room); err != nil {
		return err
	}
	return s.do(ctx, "leave", room, func(w *writer) error {
		r := w.room(room)
		if r == nil {
			return nil
		}
		l := lease{room: room, conn: []byte(conn)}
		if w.find("SELECT user, info FROM leases WHERE room = ? AND conn = ?",
			[]any{r.id, l.conn}, &l.user, &l.info) {
			w.end(r, l)
		}
		return nil
	})
}

// end drops a lease, and appends Left if it was the user's last one.
func (w *writer) end(r *room, l lease) {
	w.exec("DELETE FROM leases WHERE room = ? AND conn = ?", r.id, l.conn)
	if !w.isIn(r, l.user) {
		w.presence(r, store.Left, l.user, l.info)
	}
}

// Sweep implements store.Presence.
func (s *Store) Sweep(ctx context.Context) (int, time.Time, error) {
	total := 0
	for {
		var ended int
		var forgotten, unmarked, next int64
		err := s.do(ctx, "sweep", "", func(w *writer) error {
			ended, next = w.sweep(s.leaseNow())
			forgotten, unmarked = w.sweepNotes(s.noteNow()), w.sweepMarks(s.noteNow())
			return nil
		})
		if err != nil {
			return total, time.Time{}, err
		}
		total += ended
		switch {
		case ended == leaseStep || forgotten == noteStep || unmarked == noteStep:
		case next == 0:
			return total, time.Time{}, nil
		default:
			return total, s.leaseTime(next), nil
		}
	}
}

// sweep ends up to leaseStep leases of all rooms. next is when the earliest of
// the others ends, 0 if there is none.
func (w *writer) sweep(now int64) (ended int, next int64) {
	var leases []lease
	w.each(`SELECT rooms.name, conn, user, info FROM leases JOIN rooms ON rooms.id = leases.room
		WHERE ends <= ? ORDER BY ends, leases.room, conn LIMIT ?`, []any{now, leaseStep}, scanLeases(&leases))
	for _, l := range leases {
		w.end(w.begun(l.room), l)
	}
	var earliest sql.NullInt64
	w.find("SELECT min(ends) FROM leases", nil, &earliest)
	return len(leases), earliest.Int64
}

// sweepRoom ends the leases of one room whose time is over.
func (w *writer) sweepRoom(r *room, now int64) {
	var leases []lease
	w.each(`SELECT ?1, conn, user, info FROM leases WHERE room = ?2 AND ends <= ?3
		ORDER BY ends, conn`, []any{[]byte(r.name), r.id, now}, scanLeases(&leases))
	for _, l := range leases {
		w.end(r, l)
	}
}

func scanLeases(leases *[]lease) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var l lease
		err := rows.Scan(&l.room, &l.conn, &l.user, &l.info)
		*leases = append(*leases, l)
		return err
	}
}

// shortenLeases has no lease end later than ends.
func (w *writer) shortenLeases(ends int64) error {
	_, err := w.conn.ExecContext(context.Background(), "UPDATE leases SET ends = ?1 WHERE ends > ?1", ends)
	return err
}
