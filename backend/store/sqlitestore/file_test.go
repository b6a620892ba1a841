package sqlitestore

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"maru/backend/store"
)

func TestSecondOpenIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maru.db")
	s := open(t, path, Options{})
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, link} {
		second, err := Open(name, Options{})
		if err == nil {
			t.Fatal("the file was opened twice", second.Close())
		}
		if text := err.Error(); !strings.Contains(text, errBusyFile.Error()) ||
			!strings.Contains(text, path) || strings.Contains(text, "\n") {
			t.Errorf("error %q", text)
		}
	}
	if _, _, err := s.Append(t.Context(), "room", message("1")); err != nil {
		t.Errorf("the first one was disturbed: %v", err)
	}
}

func TestOthersCannotReadTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maru.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if info, err := os.Stat(path + suffix); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", suffix, info, err)
		}
	}
}

func TestOddPaths(t *testing.T) {
	for _, name := range []string{"a?b.db", "a%20b#c.db", "방 1.db", "x&_pragma=y.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path, Options{})
		if _, _, err := s.Append(t.Context(), "room", message("1")); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	foreign := func(name, script string) string {
		path := filepath.Join(dir, name)
		db, err := sql.Open("sqlite", dsn(path))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(script); err != nil {
			t.Fatal(err)
		}
		return path
	}
	noise := filepath.Join(dir, "noise.db")
	if err := os.WriteFile(noise, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, path := range map[string]string{
		"another program's": foreign("foreign.db", "CREATE TABLE t (x)"),
		"a newer format's":  foreign("newer.db", fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=99", applicationID)),
		"no database":       noise,
		"a folder":          dir,
		"below a file":      filepath.Join(noise, "maru.db"),
		"empty":             "",
	} {
		if s, err := Open(path, Options{}); err == nil {
			t.Errorf("%s: opened", name)
			_ = s.Close()
		}
	}
}

// raw is everything that is on the disk.
func raw(t *testing.T, s *Store) []byte {
	t.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(s.writer.path + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	return all
}

// settle returns when the writer has done all that followed earlier writes.
func settle(t *testing.T, s *Store) {
	t.Helper()
	if err := s.do(t.Context(), "settle", "", func(*writer) error { return nil }); err != nil {
		t.Fatal(err)
	}
}

// TestDeleteErases looks for deleted texts in the bytes of the open file. They
// are of all sizes and go in a random order, so that SQLite would have reason to
// move those that are left.
func TestDeleteErases(t *testing.T) {
	const n, secret = 1500, "the-secret-text"
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	appendAtOnce(t, s, n, func(i int) store.Draft {
		d := message(fmt.Sprint(i))
		d.Body = []byte(strings.Repeat(secret, 1+i%7*(i%7)))
		return d
	})
	appendAtOnce(t, s, n/3, func(i int) store.Draft {
		return store.Draft{ID: fmt.Sprint("e", i), Author: "a", Kind: store.Edit, Target: int64(1 + i*3), Body: []byte(secret)}
	})
	if _, _, err := s.Append(t.Context(), "room", message("this one stays")); err != nil {
		t.Fatal(err)
	}
	if bytes.Count(raw(t, s), []byte(secret)) < n {
		t.Fatal("the texts are not to be found before they are deleted")
	}
	order := rand.Perm(n)
	appendAtOnce(t, s, n, func(i int) store.Draft {
		return store.Draft{ID: fmt.Sprint("d", i), Author: "a", Kind: store.Delete, Target: int64(1 + order[i])}
	})
	settle(t, s)
	if n := bytes.Count(raw(t, s), []byte(secret)); n > 0 {
		t.Errorf("a deleted text is still there, %d times", n)
	}
	if !bytes.Contains(raw(t, s), []byte("this one stays")) {
		t.Error("what was kept is not to be found")
	}
}

// appendAtOnce appends n drafts from a few goroutines.
func appendAtOnce(t *testing.T, s *Store, n int, draft func(i int) store.Draft) {
	t.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if _, _, err := s.Append(t.Context(), "room", draft(int(i-1))); err != nil {
					t.Errorf("Append: %v", err)
				}
			}
		})
	}
	wg.Wait()
}

// TestTrimErases looks for trimmed texts and IDs in the bytes of the file after
// VACUUM.
func TestTrimErases(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	for i := range 100 {
		if _, _, err := s.Append(t.Context(), "room", message(fmt.Sprint("trimmed-", i))); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []store.Draft{
		{ID: "trimmed-e", Author: "a", Kind: store.Edit, Target: 50, Body: []byte("trimmed-edit")},
		{ID: "trimmed-r", Author: "a", Kind: store.React, Target: 50, Body: []byte("trimmed-react")},
		message("kept"),
	} {
		if _, _, err := s.Append(t.Context(), "room", d); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Trim(t.Context(), "room", store.Retention{Count: 1}); err != nil {
		t.Fatal(err)
	}
	settle(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", dsn(s.writer.path))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"events", "edits", "reacts"} {
		var n, want int
		if table == "events" {
			want = 1
		}
		if err := db.QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil || n != want {
			t.Errorf("%d rows in %s, want %d, %v", n, table, want, err)
		}
	}
	if _, err := db.Exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	all := raw(t, s)
	// rooms.low_id keeps the last ID that was trimmed, to tell forks.
	all = bytes.ReplaceAll(all, []byte("trimmed-r"), nil)
	if bytes.Contains(all, []byte("trimmed-")) || !bytes.Contains(all, []byte("kept")) {
		t.Error("a trimmed text is still there, or a kept one is not")
	}
}

// TestGrace has a process die and looks at who is in the room afterwards.
func TestGrace(t *testing.T) {
	clock := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	path := filepath.Join(t.TempDir(), "maru.db")
	s := open(t, path, Options{Now: now})
	for _, user := range []string{"back", "gone", "soon"} {
		ttl := time.Minute
		if user == "soon" {
			ttl = 2 * time.Second
		}
		m := store.Member{Conn: user + "-1", User: user, Key: user, Info: []byte(user)}
		if err := s.Enter(t.Context(), "room", m, ttl); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(time.Second)
	s = open(t, path, Options{Now: now, Grace: 5 * time.Second})
	var left []string
	sweep := func(d time.Duration, wantNext time.Duration, want ...string) {
		t.Helper()
		clock = clock.Add(d)
		_, next, err := s.Sweep(t.Context())
		if err != nil || !next.Equal(clock.Add(wantNext)) {
			t.Errorf("next sweep %v, want %v, %v", next, clock.Add(wantNext), err)
		}
		evs, _, err := s.Events(t.Context(), "room", store.Pos{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		left = left[:0]
		for _, ev := range evs[3:] {
			left = append(left, string(ev.Kind)+" "+ev.Author)
		}
		if !slices.Equal(left, want) {
			t.Errorf("after the crash: %v, want %v", left, want)
		}
	}
	sweep(0, time.Second)
	m := store.Member{Conn: "back-2", User: "back", Key: "back", Info: []byte("back")}
	if err := s.Enter(t.Context(), "room", m, time.Minute); err != nil {
		t.Fatal(err)
	}
	sweep(time.Second, 4*time.Second, "l soon")
	sweep(4*time.Second, 55*time.Second, "l soon", "l gone")
}
