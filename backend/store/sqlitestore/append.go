package sqlitestore

import (
	"bytes"
	"context"

	"maru/backend/store"
)

// Append implements store.Log.
func (s *Store) Append(ctx context.Context, room string, d store.Draft) (store.Event, bool, error) {
	if err := store.CheckRoom(room); err != nil {
		return store.Event{}, false, err
	}
	if err := d.Check(); err != nil {
		return store.Event{}, false, err
	}
	d.Body = bytes.Clone(d.Body)
	var ev store.Event
	var dup bool
	err := s.do(ctx, "append", room, func(w *writer) (err error) {
		ev, dup, err = w.append(room, d)
		return err
	})
	if err != nil {
		// The writer may still be at it, so ev is not ours to read.
		return store.Event{}, false, err
	}
	return ev, dup, nil
}

func (w *writer) append(name string, d store.Draft) (store.Event, bool, error) {
	if d.Kind == store.Message && d.Target == 0 {
		return w.appendMessage(w.begun(name), d)
	}
	r := w.room(name)
	if r == nil {
		return store.Event{}, false, store.ErrNoTarget
	}
	// A retry is looked up before the target: a Delete that has been done
	// must not find its target missing.
	if ev, err := w.first(r, d); ev != nil || err != nil || w.broken != nil {
		return deref(ev), true, err
	}
	if !w.isPost(r, d.Target) {
		return store.Event{}, false, store.ErrNoTarget
	}
	if d.Kind == store.React && !w.hasRoomForReact(r, d) {
		return store.Event{}, false, store.ErrTooMany
	}
	ev, _ := w.insert(r, d)
	w.apply(r, ev)
	return ev, false, nil
}

// appendMessage tries to insert at once: nearly all messages are new.
func (w *writer) appendMessage(r *room, d store.Draft) (store.Event, bool, error) {
	if ev, ok := w.insert(r, d); ok {
		return ev, false, nil
	}
	ev, err := w.first(r, d)
	return deref(ev), true, err
}

// first finds the event that d is a retry of; nil if d is new.
func (w *writer) first(r *room, d store.Draft) (*store.Event, error) {
	var row eventRow
	if !w.find("SELECT "+eventColumns+" FROM events WHERE room = ? AND author = ? AND cid = ?",
		[]any{r.id, []byte(d.Author), []byte(d.ID)}, row.columns()...) {
		return nil, nil
	}
	ev := row.event()
	if !d.Same(ev.Draft, row.erased) {
		return nil, store.ErrConflict
	}
	return &ev, nil
}

func deref(ev *store.Event) store.Event {
	if ev == nil {
		return store.Event{}
	}
	return *ev
}

// isPost reports whether seq is a message that is there.
func (w *writer) isPost(r *room, seq int64) bool {
	if seq <= r.low || seq > r.head {
		return false
	}
	var erased bool
	return w.find("SELECT erased FROM events WHERE room = ? AND seq = ? AND kind = 109",
		[]any{r.id, seq}, &erased) && !erased
}

// hasRoomForReact reports whether d keeps its target within the limits, or
// changes nothing.
func (w *writer) hasRoomForReact(r *room, d store.Draft) bool {
	var n int
	if w.find("SELECT 1 FROM reacts WHERE room = ? AND target = ? AND emoji = ? AND author = ?",
		[]any{r.id, d.Target, d.Body, []byte(d.Author)}, &n) {
		return true
	}
	w.find("SELECT count(*) FROM reacts WHERE room = ? AND target = ?", []any{r.id, d.Target}, &n)
	if n >= store.MaxReactors {
		return false
	}
	if w.find("SELECT 1 FROM reacts WHERE room = ? AND target = ? AND emoji = ? LIMIT 1",
		[]any{r.id, d.Target, d.Body}, &n) {
		return true
	}
	w.find("SELECT count(DISTINCT emoji) FROM reacts WHERE room = ? AND target = ?",
		[]any{r.id, d.Target}, &n)
	return n < store.MaxReacts
}

// apply brings the state of the target up to date with ev.
func (w *writer) apply(r *room, ev store.Event) {
	author := []byte(ev.Author)
	switch ev.Kind {
	case store.Edit:
		if row, body, ok := w.said(r, ev.Target); ok {
			w.unindex(r.id, row, body)
			w.index(r.id, row, ev.Body)
		}
		w.exec("INSERT INTO edits (room, target, seq) VALUES (?, ?, ?)", r.id, ev.Target, ev.Seq)
	case store.Delete:
		w.erase(r, ev.Target)
	case store.React:
		w.exec(`INSERT INTO reacts (room, target, emoji, author, seq) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, r.id, ev.Target, ev.Body, author, ev.Seq)
	case store.Unreact:
		w.exec("DELETE FROM reacts WHERE room = ? AND target = ? AND emoji = ? AND author = ?",
			r.id, ev.Target, ev.Body, author)
	}
}

// erase overwrites the text of a message and of its edits with as many zeros.
// As a row keeps its size SQLite writes it where it was, and moves nothing else
// on the page. So that a text is gone does not rest on what becomes of the
// places that rows are moved from; secure_delete promises nothing about them.
func (w *writer) erase(r *room, target int64) {
	if row, body, ok := w.said(r, target); ok {
		w.unindex(r.id, row, body)
	}
	w.exec(`UPDATE events SET erased = 1, body = zeroblob(length(body)) WHERE room = ?1 AND seq IN
		(SELECT ?2 UNION ALL SELECT seq FROM edits WHERE room = ?1 AND target = ?2)`, r.id, target)
	w.exec("DELETE FROM edits WHERE room = ? AND target = ?", r.id, target)
	w.exec("DELETE FROM reacts WHERE room = ? AND target = ?", r.id, target)
	w.erased = true
}
