package sqlitestore

import (
	"context"
	"database/sql"
	"iter"

	"maru/backend/store"
)

// roomsStep is how many names of rooms are read at a time.
const roomsStep = 500

// Rooms implements store.Log.
func (s *Store) Rooms(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for last := []byte{}; ; {
			var names []string
			err := s.read(ctx, "rooms", "", func(q snapshot) error {
				return q.each(queryRooms, []any{last, roomsStep}, func(rows *sql.Rows) error {
					var name string
					err := rows.Scan(&name)
					names = append(names, name)
					return err
				})
			})
			if err != nil {
				yield("", err)
				return
			}
			for _, name := range names {
				if !yield(name, nil) {
					return
				}
			}
			if len(names) < roomsStep {
				return
			}
			last = []byte(names[len(names)-1])
		}
	}
}

// trimStep is how many events one write drops, so that a large Trim does not
// keep others waiting.
const trimStep = 500

// Trim implements store.Log.
func (s *Store) Trim(ctx context.Context, room string, keep store.Retention) error {
	if err := store.CheckRoom(room); err != nil {
		return err
	}
	if err := keep.Check(); err != nil {
		return err
	}
	for {
		more := false
		err := s.do(ctx, "trim", room, func(w *writer) error {
			more = w.trim(room, keep)
			return nil
		})
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
	}
}

// trim drops up to trimStep events, and reports whether there are more to drop.
func (w *writer) trim(name string, keep store.Retention) (more bool) {
	r := w.room(name)
	if r == nil {
		return false
	}
	low := w.keepAfter(r, keep)
	if low <= r.low {
		return false
	}
	if low > r.low+trimStep {
		low, more = r.low+trimStep, true
	}
	if !w.find("SELECT cid FROM events WHERE room = ? AND seq = ?", []any{r.id, low}, &r.lowID) {
		return false
	}
	r.low = low
	w.change(r)
	w.unindexUpTo(r, low)
	w.exec("DELETE FROM events WHERE room = ? AND seq <= ?", r.id, low)
	w.exec("DELETE FROM edits WHERE room = ? AND target <= ?", r.id, low)
	w.exec("DELETE FROM reacts WHERE room = ? AND target <= ?", r.id, low)
	w.erased = true
	return more
}

// keepAfter is the Seq after which keep has all events stay.
func (w *writer) keepAfter(r *room, keep store.Retention) int64 {
	low := r.low
	if keep.Count > 0 {
		low = max(low, r.head-keep.Count)
	}
	if keep.Age > 0 {
		oldest := w.now().Add(-keep.Age).UnixMilli()
		first := r.head + 1
		// At never decreases, so the first one that is young enough begins
		// what stays.
		w.find("SELECT seq FROM events WHERE room = ? AND at >= ? ORDER BY seq LIMIT 1",
			[]any{r.id, oldest}, &first)
		low = max(low, first-1)
	}
	return low
}
