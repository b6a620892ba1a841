package sqlitestore

import (
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

// oldFile makes a file of format 1, changed by script, and returns its path.
func oldFile(t *testing.T, script string) string {
	t.Helper()
	dump, err := os.ReadFile("testdata/version1.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "maru.db")
	onFile(t, path, func(db *sql.DB) error {
		_, err := db.Exec(string(dump) + script)
		return err
	})
	return path
}

// onFile calls do with a connection to a file that no Store has open.
func onFile(t *testing.T, path string, do func(*sql.DB) error) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := do(db); err != nil {
		t.Fatal(err)
	}
}

// laidOut is the version of a file and its tables and indexes.
func laidOut(t *testing.T, path string) (version int, schema []string) {
	t.Helper()
	onFile(t, path, func(db *sql.DB) error {
		if err := db.QueryRow("PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		rows, err := db.Query("SELECT name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY name")
		if err != nil {
			return err
		}
		return eachRow(rows, func(rows *sql.Rows) error {
			var s string
			err := rows.Scan(&s)
			schema = append(schema, s)
			return err
		})
	})
	return version, schema
}

// TestMigrate opens a file of format 1, which keeps what it has and takes notes.
func TestMigrate(t *testing.T) {
	clock := time.Date(2026, 3, 1, 9, 0, 1, 0, time.UTC)
	o := Options{Now: func() time.Time { return clock }}
	path := oldFile(t, "")
	for round := range 2 {
		s := open(t, path, o)
		evs, head, err := s.Events(t.Context(), "room", store.Pos{}, 10)
		if err != nil || len(evs) != 6 || head.Seq != 6 || head.Epoch != "KJXVZDY3FXZBESYK" ||
			string(evs[0].Body) != "1" || evs[5].Kind != store.Joined {
			t.Errorf("round %d: %d events, head %+v, %v", round, len(evs), head, err)
		}
		posts, err := s.Page(t.Context(), "room", 0, 10)
		if err != nil || len(posts) != 2 || !posts[0].Deleted || string(posts[1].Body) != "changed" ||
			!slices.Equal(posts[1].Reacts["👍"], []string{"b"}) {
			t.Errorf("round %d: posts %+v, %v", round, posts, err)
		}
		members, _, err := s.Members(t.Context(), "room")
		if err != nil || len(members) != 1 || members[0].Conn != "conn" {
			t.Errorf("round %d: members %+v, %v", round, members, err)
		}
		if note, err := s.Noted(t.Context(), "key"); err != nil || (note != nil) != (round == 1) {
			t.Errorf("round %d: note %q, %v", round, note, err)
		}
		if err := s.Note(t.Context(), "key", []byte("value"), time.Minute); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	fresh := filepath.Join(t.TempDir(), "maru.db")
	if err := open(t, fresh, o).Close(); err != nil {
		t.Fatal(err)
	}
	version, schema := laidOut(t, path)
	wantVersion, want := laidOut(t, fresh)
	if version != wantVersion || version != 3 || !slices.Equal(schema, want) {
		t.Errorf("after the migration: format %d, %q\nnew: format %d, %q", version, schema, wantVersion, want)
	}
}

// TestMigrateFails has the last statement of a migration fail: nothing of it
// stays, and once the reason is gone it is done.
func TestMigrateFails(t *testing.T) {
	path := oldFile(t, "CREATE INDEX notes_ends ON edits (seq)")
	_, before := laidOut(t, path)
	if s, err := Open(path, Options{}); err == nil {
		t.Fatal("opened", s.Close())
	}
	if version, schema := laidOut(t, path); version != 1 || !slices.Equal(schema, before) {
		t.Errorf("after the failure: format %d, %q", version, schema)
	}
	onFile(t, path, func(db *sql.DB) error {
		_, err := db.Exec("DROP INDEX notes_ends")
		return err
	})
	s := open(t, path, Options{})
	if head, err := s.Head(t.Context(), "room"); err != nil || head.Seq != 6 {
		t.Errorf("head %+v, %v", head, err)
	}
}

// TestUnknownFormat checks that a file of a format that is not known is refused
// and left as it is.
func TestUnknownFormat(t *testing.T) {
	for _, script := range []string{"PRAGMA user_version = 4", "PRAGMA user_version = 0", "PRAGMA user_version = -1"} {
		path := oldFile(t, script)
		wantVersion, want := laidOut(t, path)
		s, err := Open(path, Options{})
		if err == nil {
			t.Fatal(script, "opened", s.Close())
		}
		if !strings.Contains(err.Error(), "format") || !strings.Contains(err.Error(), "up to 3") {
			t.Errorf("%s: error %q", script, err)
		}
		if version, schema := laidOut(t, path); version != wantVersion || !slices.Equal(schema, want) {
			t.Errorf("%s: changed to format %d, %q", script, version, schema)
		}
	}
}
