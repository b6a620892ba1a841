package sqlitestore

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

// countNotes is how many rows there are, over or not.
func countNotes(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.readers.QueryRow("SELECT count(*) FROM notes").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSweepDropsNotes looks into the file for what nobody can read any more.
func TestSweepDropsNotes(t *testing.T) {
	const short, long = 2*noteStep + 7, 5
	clock := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{Now: func() time.Time { return clock }})
	noteAll := func(prefix string, n int, ttl time.Duration) {
		for i := range n {
			if err := s.Note(t.Context(), fmt.Sprint(prefix, i), []byte(prefix), ttl); err != nil {
				t.Fatal(err)
			}
		}
	}
	noteAll("short", short, time.Minute)
	noteAll("long", long, time.Minute+time.Millisecond)
	sweep := func(d time.Duration, want int) {
		t.Helper()
		clock = clock.Add(d)
		if ended, next, err := s.Sweep(t.Context()); ended != 0 || !next.IsZero() || err != nil {
			t.Errorf("Sweep = %d, %v, %v", ended, next, err)
		}
		if n := countNotes(t, s); n != want {
			t.Errorf("%d rows, want %d", n, want)
		}
	}
	sweep(time.Minute-time.Millisecond, short+long)
	clock = clock.Add(time.Millisecond)
	var first int64
	err := s.do(t.Context(), "test", "", func(w *writer) error {
		first = w.sweepNotes(s.noteNow())
		return nil
	})
	if err != nil || first != noteStep || countNotes(t, s) != short+long-noteStep {
		t.Errorf("one write dropped %d notes, want %d, %v", first, noteStep, err)
	}
	sweep(0, long)
	sweep(time.Millisecond, 0)
}

// TestForgetDropsNote checks that what is forgotten is no longer in the file,
// nor in the write-ahead log.
func TestForgetDropsNote(t *testing.T) {
	const secret = "the-secret-note"
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	if err := s.Note(t.Context(), "key", []byte(strings.Repeat(secret, 1000)), time.Minute); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw(t, s), []byte(secret)) {
		t.Fatal("the note is not to be found before it is forgotten")
	}
	if err := s.Note(t.Context(), "key", nil, 0); err != nil {
		t.Fatal(err)
	}
	settle(t, s)
	if n := countNotes(t, s); n != 0 || bytes.Contains(raw(t, s), []byte(secret)) {
		t.Errorf("%d rows, and the note is there: %v", n, bytes.Contains(raw(t, s), []byte(secret)))
	}
}

// TestNoteErrorsAreDiscreet checks that no error tells what stands for a secret.
func TestNoteErrorsAreDiscreet(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	onWriter(t, s, "ALTER TABLE notes RENAME TO hidden")
	_, readErr := s.Noted(t.Context(), "secret-key")
	for what, err := range map[string]error{
		"Noted": readErr,
		"Note":  s.Note(t.Context(), "secret-key", []byte("secret-value"), time.Minute),
		"bound": s.Note(t.Context(), strings.Repeat("secret-key", store.MaxNoteKey), nil, 0),
	} {
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
