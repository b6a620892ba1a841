package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"time"

	"maru/backend/store"
)

// Page implements store.Log.
func (s *Store) Page(ctx context.Context, room string, before int64, n int) (posts []store.Post, err error) {
	if err := errors.Join(store.CheckRoom(room), store.CheckPage(n)); err != nil {
		return nil, err
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	err = s.read(ctx, "page", room, func(q snapshot) error {
		r, err := q.room(room)
		if r == nil || err != nil {
			return err
		}
		posts, err = q.posts(queryPage, r.id, before, n)
		if len(posts) == 0 || err != nil {
			return err
		}
		return q.addReacts(r, posts, posts[len(posts)-1].Seq, posts[0].Seq)
	})
	if err != nil {
		return nil, err
	}
	return posts, nil
}

// Changes implements store.Log.
func (s *Store) Changes(ctx context.Context, room string, after, before int64, n int) (evs []store.Event, err error) {
	if err := errors.Join(store.CheckRoom(room), store.CheckPage(n)); err != nil {
		return nil, err
	}
	if before <= 0 {
		before = math.MaxInt64
	}
	err = s.read(ctx, "changes", room, func(q snapshot) error {
		r, err := q.room(room)
		if r == nil || err != nil {
			return err
		}
		return q.each(queryChanges, []any{r.id, after, before, n}, func(rows *sql.Rows) error {
			var row eventRow
			err := rows.Scan(row.columns()...)
			evs = append(evs, row.event())
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return evs, nil
}

// Count implements store.Log.
func (s *Store) Count(ctx context.Context, room string, after, upTo int64) (n int64, err error) {
	if err := store.CheckRoom(room); err != nil {
		return 0, err
	}
	err = s.read(ctx, "count", room, func(q snapshot) error {
		r, err := q.room(room)
		if r == nil || err != nil {
			return err
		}
		return q.each(queryCount, []any{r.id, after, upTo}, func(rows *sql.Rows) error { return rows.Scan(&n) })
	})
	return n, err
}

// Get implements store.Log.
func (s *Store) Get(ctx context.Context, room string, seqs ...int64) (posts []store.Post, err error) {
	if err := store.CheckRoom(room); err != nil || len(seqs) == 0 {
		return nil, err
	}
	if err := store.CheckPage(len(seqs)); err != nil {
		return nil, err
	}
	err = s.read(ctx, "get", room, func(q snapshot) error {
		r, err := q.room(room)
		if r == nil || err != nil {
			return err
		}
		for _, seq := range seqs {
			one, err := q.posts(queryGet, r.id, seq)
			if err != nil {
				return err
			}
			if err := q.addReacts(r, one, seq, seq); err != nil {
				return err
			}
			posts = append(posts, one...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return posts, nil
}

// posts runs queryPage or queryGet.
func (q snapshot) posts(query string, args ...any) (posts []store.Post, err error) {
	err = q.each(query, args, func(rows *sql.Rows) error {
		post, err := scanPost(rows)
		posts = append(posts, post)
		return err
	})
	return posts, err
}

// scanPost scans a row of a message and its last edit.
func scanPost(rows *sql.Rows) (store.Post, error) {
	var row eventRow
	var body []byte
	var at sql.NullInt64
	if err := rows.Scan(append(row.columns(), &body, &at)...); err != nil {
		return store.Post{}, err
	}
	post := store.Post{Event: row.event(), Deleted: row.erased}
	if at.Valid {
		post.Body, post.EditedAt = body, time.UnixMilli(at.Int64).UTC()
	}
	return post, nil
}

// addReacts fills in the reactions of posts, whose Seqs are within first and
// last.
func (q snapshot) addReacts(r *room, posts []store.Post, first, last int64) error {
	index := make(map[int64]*store.Post, len(posts))
	for i := range posts {
		index[posts[i].Seq] = &posts[i]
	}
	return q.each(queryReacts, []any{r.id, first, last}, func(rows *sql.Rows) error {
		var target int64
		var emoji, author string
		if err := rows.Scan(&target, &emoji, &author); err != nil {
			return err
		}
		post := index[target]
		if post == nil {
			return nil
		}
		if post.Reacts == nil {
			post.Reacts = map[string][]string{}
		}
		post.Reacts[emoji] = append(post.Reacts[emoji], author)
		return nil
	})
}
