package sqlitestore

import (
	"context"
	"database/sql"
	"errors"

	"maru/backend/store"
)

// Mark implements store.Marks.
func (s *Store) Mark(ctx context.Context, room, user string, seq int64) (int64, error) {
	if err := store.CheckMark(room, user, seq); err != nil {
		return 0, err
	}
	var at int64
	err := s.do(ctx, "mark", room, func(w *writer) error {
		at = 0
		if r := w.room(room); r != nil {
			now := s.noteNow()
			at = w.mark(r, user, min(seq, r.head), now, now+store.MarkTTL.Milliseconds())
		}
		return nil
	})
	if err != nil {
		// The writer may still be at it, so at is not ours to read.
		return 0, err
	}
	return at, nil
}

// mark moves a mark forward and returns where it is then. A mark whose time was
// over begins anew.
func (w *writer) mark(r *room, user string, seq, now, ends int64) int64 {
	w.find(`INSERT INTO marks (room, user, seq, ends) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (room, user) DO UPDATE SET seq = iif(ends > ?5, max(seq, excluded.seq), excluded.seq),
			ends = excluded.ends RETURNING seq`, []any{r.id, []byte(user), seq, ends, now}, &seq)
	return seq
}

// Marked implements store.Marks.
func (s *Store) Marked(ctx context.Context, room, user string) (seq int64, err error) {
	if err := store.CheckMark(room, user, 0); err != nil {
		return 0, err
	}
	err = s.read(ctx, "marked", room, func(q snapshot) error {
		err := q.stmt(queryMark).QueryRowContext(q.ctx, []byte(room), []byte(user), s.noteNow()).Scan(&seq)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return seq, err
}

// sweepMarks drops up to noteStep marks whose time is over, and returns how
// many they were.
func (w *writer) sweepMarks(now int64) int64 {
	return w.exec(`DELETE FROM marks WHERE (room, user) IN
		(SELECT room, user FROM marks WHERE ends <= ? ORDER BY ends LIMIT ?)`, now, noteStep)
}
