package sqlitestore

import (
	"crypto/rand"
	"time"

	"maru/backend/store"
)

// maxRooms is how many rooms the writer remembers. Above that it forgets them all,
// which costs one query each for those in use.
const maxRooms = 10_000

// room is a row of rooms. low and lowID are the last event that was trimmed.
type room struct {
	id      int64
	name    string
	epoch   string
	head    int64
	headID  string
	low     int64
	lowID   string
	at      int64 // of the newest event, in milliseconds
	changed bool  // in this transaction, and not yet written
}

const roomColumns = `id, epoch, head, head_id, low, low_id, at`

// columns are the places that roomColumns are scanned into.
func (r *room) columns() []any {
	return []any{&r.id, &r.epoch, &r.head, &r.headID, &r.low, &r.lowID, &r.at}
}

// pos is the place after the newest event.
func (r *room) pos() store.Pos {
	return store.Pos{Epoch: r.epoch, Seq: r.head, ID: r.headID}
}

// room finds a room; nil if it has not begun.
func (w *writer) room(name string) *room {
	if r, ok := w.rooms[name]; ok {
		return r
	}
	r := &room{name: name}
	if !w.find("SELECT "+roomColumns+" FROM rooms WHERE name = ?", []any{[]byte(name)}, r.columns()...) {
		return nil
	}
	w.remember(r)
	return r
}

// begun finds a room, or begins it with an epoch of its own. It never returns
// nil, even if something is broken.
func (w *writer) begun(name string) *room {
	if r := w.room(name); r != nil {
		return r
	}
	r := &room{name: name, epoch: rand.Text()[:16]}
	w.find(`INSERT INTO rooms (name, epoch, head, head_id, low, low_id, at)
		VALUES (?, ?, 0, x'', 0, x'', 0) RETURNING id`, []any{[]byte(name), r.epoch}, &r.id)
	w.remember(r)
	w.change(r)
	return r
}

// remember keeps r for the next writes. The changed rooms of this transaction
// are kept in any case: they are newer than the file.
func (w *writer) remember(r *room) {
	if len(w.rooms) >= maxRooms {
		clear(w.rooms)
		for _, changed := range w.changed {
			w.rooms[changed.name] = changed
		}
	}
	w.rooms[r.name] = r
}

// change marks r as newer than the file, and has it found from now on.
func (w *writer) change(r *room) {
	if !r.changed {
		r.changed = true
		w.changed = append(w.changed, r)
		w.rooms[r.name] = r
	}
}

// saveRooms writes the changed rooms, once per transaction and not per event.
func (w *writer) saveRooms() {
	for _, r := range w.changed {
		r.changed = false
		w.exec("UPDATE rooms SET head = ?, head_id = ?, low = ?, low_id = ?, at = ? WHERE id = ?",
			r.head, []byte(r.headID), r.low, []byte(r.lowID), r.at, r.id)
	}
}

// insert appends d to r. It returns false, and has done nothing, if Author and
// ID are in the log already.
func (w *writer) insert(r *room, d store.Draft) (store.Event, bool) {
	at := max(r.at, w.now().UnixMilli())
	var row int64
	if !w.find(`INSERT INTO events (room, seq, kind, at, author, cid, target, erased, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (room, author, cid) DO NOTHING RETURNING id`,
		[]any{r.id, r.head + 1, int64(d.Kind), at, []byte(d.Author), []byte(d.ID), d.Target, blob(d.Body)}, &row) {
		return store.Event{}, false
	}
	if d.Kind == store.Message {
		w.index(r.id, row, d.Body)
	}
	r.head, r.headID, r.at = r.head+1, d.ID, at
	w.change(r)
	ev := store.Event{Draft: d, Seq: r.head, At: time.UnixMilli(at).UTC()}
	w.out = append(w.out, announcement{r.name, ev})
	return ev, true
}

// blob is b for a column that is NOT NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
