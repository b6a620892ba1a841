package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"

	"maru/backend/store"
)

// noteStep is how many notes one write drops, so that a Sweep of many does not
// keep others waiting.
const noteStep = 256

// Note implements store.Notes.
func (s *Store) Note(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := store.CheckNote(key, value, ttl); err != nil {
		return err
	}
	value = bytes.Clone(value)
	// Errors are logged, and whoever knows a key may read what is under it:
	// so they do not name it.
	return s.do(ctx, "note", "", func(w *writer) error {
		if len(value) == 0 {
			w.forget(key)
		} else {
			w.note(key, value, s.noteNow()+ttl.Milliseconds())
		}
		return nil
	})
}

// Noted implements store.Notes.
func (s *Store) Noted(ctx context.Context, key string) (value []byte, err error) {
	if err := store.CheckNoteKey(key); err != nil {
		return nil, err
	}
	err = s.read(ctx, "noted", "", func(q snapshot) error {
		err := q.stmt(queryNote).QueryRowContext(q.ctx, []byte(key), s.noteNow()).Scan(&value)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return value, nil
}

// noteNow is the time that notes are measured by, in milliseconds. It is the
// wall clock's, unlike leaseNow: a note outlives the process.
func (s *Store) noteNow() int64 { return s.now().UnixMilli() }

func (w *writer) note(key string, value []byte, ends int64) {
	w.exec(`INSERT INTO notes (key, value, ends) VALUES (?, ?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value, ends = excluded.ends`,
		[]byte(key), value, ends)
}

func (w *writer) forget(key string) {
	if w.exec("DELETE FROM notes WHERE key = ?", []byte(key)) > 0 {
		w.erased = true
	}
}

// sweepNotes drops up to noteStep notes whose time is over, and returns how
// many they were.
func (w *writer) sweepNotes(now int64) int64 {
	n := w.exec(`DELETE FROM notes WHERE key IN
		(SELECT key FROM notes WHERE ends <= ? ORDER BY ends LIMIT ?)`, now, noteStep)
	if n > 0 {
		w.erased = true
	}
	return n
}
