package sqlitestore

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// TestDeleteErases looks for deleted texts in the bytes of the open file, among
// texts of all sizes that stay.
func TestDeleteErases(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	post := func(room string, d store.Draft) store.Event {
		ev, _, err := s.Append(t.Context(), room, d)
		if err != nil {
			t.Fatal(err)
		}
		return ev
	}
	const secret = "the-secret-text"
	for i := range 300 {
		room := fmt.Sprint("room", i%7)
		d := message(fmt.Sprint(i))
		d.Body = []byte(strings.Repeat("kept", i*i%3000))
		post(room, d)
		d.ID, d.Body = fmt.Sprint(i, "s"), []byte(secret+strings.Repeat(secret, i%5*100))
		ev := post(room, d)
		post(room, store.Draft{ID: fmt.Sprint(i, "e"), Author: "a", Kind: store.Edit, Target: ev.Seq, Body: []byte(secret + secret)})
		if i == 150 && !bytes.Contains(raw(t, s), []byte(secret)) {
			t.Fatal("the secret is not to be found before it is deleted")
		}
		if i%3 != 0 {
			post(room, store.Draft{ID: fmt.Sprint(i, "d"), Author: "a", Kind: store.Delete, Target: ev.Seq})
		}
	}
	for i := range 7 {
		room := fmt.Sprint("room", i)
		posts, err := s.Page(t.Context(), room, 0, store.MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range posts {
			if bytes.Contains(p.Body, []byte(secret)) {
				post(room, store.Draft{ID: fmt.Sprint(p.Seq, "D"), Author: "a", Kind: store.Delete, Target: p.Seq})
			}
		}
	}
	settle(t, s)
	if n := bytes.Count(raw(t, s), []byte(secret)); n > 0 {
		t.Errorf("the secret is still there, %d times", n)
	}
	if !bytes.Contains(raw(t, s), []byte("keptkept")) {
		t.Error("what was kept is not to be found")
	}
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
	if _, _, err := s.Append(t.Context(), "room", message("kept")); err != nil {
		t.Fatal(err)
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
	all = bytes.ReplaceAll(all, []byte("trimmed-99"), nil)
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
