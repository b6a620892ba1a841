package sqlitestore

import (
	"database/sql"
	"path/filepath"
	"testing"

	"maru/backend/store"
)

// indexed counts the words that the index of a closed file has.
func indexed(t *testing.T, path string) (n int) {
	t.Helper()
	onFile(t, path, func(db *sql.DB) error {
		db.SetMaxOpenConns(1)
		if _, err := db.Exec("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, found, row)"); err != nil {
			return err
		}
		return db.QueryRow("SELECT count(*) FROM temp.words").Scan(&n)
	})
	return n
}

// TestIndexForgets checks that of what was edited, deleted and trimmed no word
// stays in the index.
func TestIndexForgets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maru.db")
	s := open(t, path, Options{})
	ctx := t.Context()
	said := func(d store.Draft) {
		t.Helper()
		if _, _, err := s.Append(ctx, "room", d); err != nil {
			t.Fatal(err)
		}
	}
	change := func(kind store.Kind, id string, target int64, body string) store.Draft {
		return store.Draft{ID: id, Author: "author", Kind: kind, Target: target, Body: []byte(body)}
	}
	for _, id := range []string{"지울 말", "고칠 말", "낡은 말"} {
		said(message(id))
	}
	said(change(store.Delete, "d", 1, ""))
	said(change(store.Edit, "e1", 2, "새 말"))
	said(change(store.Edit, "e2", 2, "더 새 말"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// "더 새 말" and "낡은 말": 더, 새, 말, 낡은, 은, and the word of the room.
	if n := indexed(t, path); n != 6 {
		t.Errorf("the index has %d words, want 6", n)
	}
	s = open(t, path, Options{})
	said(change(store.Delete, "d2", 2, ""))
	if err := s.Trim(ctx, "room", store.Retention{Count: 1}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := indexed(t, path); n != 0 {
		t.Errorf("the index has %d words of nothing", n)
	}
}

// TestIndexIsMadeAnew checks that an index of another Fold is replaced, as is
// one that a file of an earlier format does not have.
func TestIndexIsMadeAnew(t *testing.T) {
	path := oldFile(t, "")
	finds := func(text string, want int) {
		t.Helper()
		s := open(t, path, Options{})
		if posts, err := s.Find(t.Context(), "room", text, 0, 10); err != nil || len(posts) != want {
			t.Errorf("%q finds %d posts, %v, want %d", text, len(posts), err, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	finds("change", 1)
	onFile(t, path, func(db *sql.DB) error {
		_, err := db.Exec("INSERT INTO found (found) VALUES ('delete-all'); INSERT INTO found (rowid, words) VALUES (1, 'room1 old')")
		return err
	})
	finds("change", 0)
	onFile(t, path, func(db *sql.DB) error {
		_, err := db.Exec("UPDATE folded SET fold = 'of another time'")
		return err
	})
	finds("change", 1)
}
