package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strconv"

	"maru/backend/store"
)

// Find implements store.Finder.
func (s *Store) Find(ctx context.Context, room, text string, before int64, n int) (posts []store.Post, err error) {
	if err := errors.Join(store.CheckRoom(room), store.CheckPage(n)); err != nil {
		return nil, err
	}
	query, err := store.ParseQuery(text)
	if err != nil || query.Phrases() == "" {
		return nil, err
	}
	err = s.read(ctx, "find", room, func(q snapshot) error {
		r, err := q.room(room)
		if r == nil || err != nil {
			return err
		}
		end := int64(math.MaxInt64)
		if before > 0 {
			err := q.stmt(queryRow).QueryRowContext(q.ctx, r.id, before).Scan(&end)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		if posts, err = q.find(r, query, end, n); len(posts) == 0 || err != nil {
			return err
		}
		return q.addReacts(r, posts, posts[len(posts)-1].Seq, posts[0].Seq)
	})
	if err != nil {
		return nil, err
	}
	return posts, nil
}

// errEnough ends the reading of rows.
var errEnough = errors.New("enough")

// find looks at what the index finds below a row, newest first, until n posts
// match.
func (q snapshot) find(r *room, query store.Query, end int64, n int) (posts []store.Post, err error) {
	err = q.each(queryFind, []any{roomGram(r.id) + " AND " + query.Phrases(), end}, func(rows *sql.Rows) error {
		post, err := scanPost(rows)
		if err == nil && !post.Deleted && query.Matches(post.Body) {
			if posts = append(posts, post); len(posts) == n {
				return errEnough
			}
		}
		return err
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return posts, err
}

// roomGram is a word that is in the index of every message of a room, and in no
// text: those are of other digits.
func roomGram(id int64) string { return "room" + strconv.FormatInt(id, 10) }

// grams are the words that a body is found by; "" if there are none.
func grams(room int64, body []byte) string {
	words := store.Grams(store.Text(body))
	if words == "" {
		return ""
	}
	return roomGram(room) + " " + words
}

// index has the message in a row found by body.
func (w *writer) index(room, row int64, body []byte) {
	if words := grams(room, body); words != "" {
		w.exec("INSERT INTO found (rowid, words) VALUES (?, ?)", row, words)
	}
}

// unindex takes back what index did, with the same body.
func (w *writer) unindex(room, row int64, body []byte) {
	if words := grams(room, body); words != "" {
		w.exec("INSERT INTO found (found, rowid, words) VALUES ('delete', ?, ?)", row, words)
	}
}

// said is the row of a message and what it says now. ok is false if there is no
// such message.
func (w *writer) said(r *room, seq int64) (row int64, body []byte, ok bool) {
	ok = w.find(`SELECT id, coalesce((SELECT body FROM events AS edit WHERE edit.room = events.room AND edit.seq =
			(SELECT max(seq) FROM edits WHERE room = events.room AND target = events.seq)), body)
		FROM events WHERE room = ? AND seq = ? AND kind = 109 AND NOT erased`, []any{r.id, seq}, &row, &body)
	return row, body, ok
}

// unindexUpTo takes the messages up to seq out of the index.
func (w *writer) unindexUpTo(r *room, seq int64) {
	var seqs []int64
	w.each("SELECT seq FROM events WHERE room = ? AND seq <= ? AND kind = 109 AND NOT erased", []any{r.id, seq},
		func(rows *sql.Rows) error {
			var seq int64
			err := rows.Scan(&seq)
			seqs = append(seqs, seq)
			return err
		})
	for _, seq := range seqs {
		if row, body, ok := w.said(r, seq); ok {
			w.unindex(r.id, row, body)
		}
	}
}

// indexStep is how many rows indexAll reads at a time.
const indexStep = 500

// indexAll makes the index anew if it is of another Fold than ours, or if the
// file is of a time when there was none.
func (w *writer) indexAll() error {
	if err := w.begin(); err != nil {
		return err
	}
	var fold string
	if !w.find("SELECT fold FROM folded WHERE id = 1", nil, &fold) || fold != store.FoldVersion {
		w.exec("INSERT INTO found (found) VALUES ('delete-all')")
		for last := int64(0); w.broken == nil; {
			next := w.indexAfter(last)
			if next == last {
				break
			}
			last = next
		}
		w.exec("INSERT INTO folded (id, fold) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET fold = excluded.fold", store.FoldVersion)
	}
	w.exec("COMMIT")
	if w.broken != nil {
		return errors.Join(w.broken, w.disconnect())
	}
	return nil
}

// indexAfter indexes the next messages after a row, and returns the last one's.
func (w *writer) indexAfter(last int64) int64 {
	type message struct {
		row, room, seq int64
	}
	var all []message
	w.each("SELECT id, room, seq FROM events WHERE id > ? AND kind = 109 AND NOT erased ORDER BY id LIMIT ?", []any{last, indexStep},
		func(rows *sql.Rows) error {
			var m message
			err := rows.Scan(&m.row, &m.room, &m.seq)
			all = append(all, m)
			return err
		})
	for _, m := range all {
		if row, body, ok := w.said(&room{id: m.room}, m.seq); ok {
			w.index(m.room, row, body)
		}
		last = m.row
	}
	return last
}
