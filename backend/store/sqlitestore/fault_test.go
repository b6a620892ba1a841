package sqlitestore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sqlite "modernc.org/sqlite"

	"maru/backend/store"
)

// onWriter runs statements on the writer's own connection.
func onWriter(t *testing.T, s *Store, script string) {
	t.Helper()
	err := s.do(t.Context(), "test", "", func(w *writer) error {
		w.script(script)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wantHead fails t unless the room has n events, without a gap.
func wantHead(t *testing.T, s *Store, n int64) {
	t.Helper()
	head, err := s.Head(t.Context(), "room")
	if err != nil || head.Seq != n {
		t.Errorf("head %d, want %d, %v", head.Seq, n, err)
	}
	for seq := int64(1); seq <= n; seq++ {
		if posts, err := s.Get(t.Context(), "room", seq); err != nil || len(posts) != 1 {
			t.Errorf("post %d: %d found, %v", seq, len(posts), err)
		}
	}
}

func TestDiskFull(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	acked := int64(0)
	say := func(id string) error {
		d := message(id)
		d.Body = []byte(strings.Repeat("x", 20_000))
		_, _, err := s.Append(t.Context(), "room", d)
		if err == nil {
			acked++
		}
		return err
	}
	for i := range 3 {
		if err := say(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	onWriter(t, s, "PRAGMA max_page_count = 40")
	var err error
	for i := 3; err == nil && i < 100; i++ {
		err = say(fmt.Sprint(i))
	}
	var coded *sqlite.Error
	if !errors.Is(err, store.ErrUnavailable) || !errors.As(err, &coded) || coded.Code() != 13 {
		t.Fatalf("error %v, want ErrUnavailable for SQLITE_FULL", err)
	}
	full := acked
	// SQLite takes this as the size that the file has: not a page is left.
	onWriter(t, s, "PRAGMA max_page_count = 1")
	if err := s.Enter(t.Context(), "new room", store.Member{Conn: "c", User: "u", Info: make([]byte, 4000)}, time.Minute); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Enter on a full disk: %v", err)
	}
	wantHead(t, s, full)
	onWriter(t, s, "PRAGMA max_page_count = 100000")
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping after there is room: %v", err)
	}
	if err := say("after"); err != nil {
		t.Errorf("Append after there is room: %v", err)
	}
	wantHead(t, s, full+1)
}

// TestCommitFails has a COMMIT fail, in a room that is new and in one that is
// not, and checks that nothing of it is remembered.
func TestCommitFails(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	ctx := t.Context()
	if _, _, err := s.Append(ctx, "room", message("1")); err != nil {
		t.Fatal(err)
	}
	fail := func(code int32) {
		err := s.do(ctx, "test", "", func(w *writer) error {
			return w.conn.Raw(func(c any) error {
				c.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 { return code })
				return nil
			})
		})
		if (err != nil) != (code != 0) {
			t.Fatalf("with the hook at %d: %v", code, err)
		}
	}
	fail(1)
	for _, room := range []string{"room", "new"} {
		if _, _, err := s.Append(ctx, room, message("2")); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Append to %q: %v, want ErrUnavailable", room, err)
		}
	}
	if err := s.Note(ctx, "key", []byte("x"), time.Minute); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Note: %v, want ErrUnavailable", err)
	}
	if note, err := s.Noted(ctx, "key"); note != nil || err != nil {
		t.Errorf("a note that failed is there: %q, %v", note, err)
	}
	if err := s.Ping(ctx); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Ping: %v, want ErrUnavailable", err)
	}
	if head, err := s.Head(ctx, "new"); err != nil || head != (store.Pos{}) {
		t.Errorf("the new room has begun: %+v, %v", head, err)
	}
	// Removing the hook needs the writer to run a batch that then succeeds.
	fail(0)
	if err := s.Ping(ctx); err != nil {
		t.Errorf("Ping: %v", err)
	}
	for _, room := range []string{"room", "new"} {
		if _, dup, err := s.Append(ctx, room, message("2")); err != nil || dup {
			t.Errorf("Append to %q again: dup %v, %v", room, dup, err)
		}
	}
	wantHead(t, s, 2)
}

// TestLostConnection breaks the writer's transaction under it: the state that is
// left is unknown, and the next write must find its way out.
func TestLostConnection(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	if _, _, err := s.Append(t.Context(), "room", message("1")); err != nil {
		t.Fatal(err)
	}
	err := s.do(t.Context(), "test", "room", func(w *writer) error { return w.conn.Close() })
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("error %v, want ErrUnavailable", err)
	}
	if _, _, err := s.Append(t.Context(), "room", message("2")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("error %v, want ErrUnavailable", err)
	}
	if _, _, err := s.Append(t.Context(), "room", message("2")); err != nil {
		t.Errorf("with a new connection: %v", err)
	}
	wantHead(t, s, 2)
}

// TestCancelWhileWriterIsBusy checks that no call waits for the writer once its
// context has ended, and that Close answers those who wait.
func TestCancelWhileWriterIsBusy(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	busy, release, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		ended <- s.do(context.Background(), "test", "", func(*writer) error {
			close(busy)
			<-release
			return nil
		})
	}()
	<-busy
	m := store.Member{Conn: "c", User: "u"}
	for name, call := range map[string]func(context.Context) error{
		"Append": func(ctx context.Context) error { _, _, err := s.Append(ctx, "room", message("1")); return err },
		"Trim":   func(ctx context.Context) error { return s.Trim(ctx, "room", store.Retention{Count: 1}) },
		"Enter":  func(ctx context.Context) error { return s.Enter(ctx, "room", m, time.Minute) },
		"Leave":  func(ctx context.Context) error { return s.Leave(ctx, "room", "c") },
		"Sweep":  func(ctx context.Context) error { _, _, err := s.Sweep(ctx); return err },
		"Note":   func(ctx context.Context) error { return s.Note(ctx, "key", []byte("x"), time.Minute) },
		"Renew": func(ctx context.Context) error {
			_, err := s.Renew(ctx, time.Minute, map[string][]string{"room": {"c"}})
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- call(ctx) }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want the context's error", name, err)
		}
	}
	// Reads go on beside a busy writer.
	if _, err := s.Page(t.Context(), "room", 0, 10); err != nil {
		t.Errorf("Page: %v", err)
	}
	waiting := make(chan error)
	go func() {
		_, _, err := s.Append(context.Background(), "room", message("2"))
		waiting <- err
	}()
	closed := make(chan error)
	go func() { closed <- s.Close() }()
	<-s.quit
	close(release)
	if err := <-ended; err != nil {
		t.Errorf("the write that was running: %v", err)
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
	// It was either done before the end or refused, and never lost silently.
	if err := <-waiting; err != nil && !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the write that waited: %v", err)
	}
}

// TestFollowSurvivesFailingReads takes the table away for a while.
func TestFollowSurvivesFailingReads(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	if _, _, err := s.Append(t.Context(), "room", message("1")); err != nil {
		t.Fatal(err)
	}
	onWriter(t, s, "ALTER TABLE events RENAME TO hidden")
	if _, _, err := s.Events(t.Context(), "room", store.Pos{}, 5); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Events: %v, want ErrUnavailable", err)
	}
	got := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ev, err := range s.Follow(ctx, "room", store.Pos{}) {
			if err == nil && ev.Seq != 1 {
				err = fmt.Errorf("event %+v", ev)
			}
			got <- err
			return
		}
	}()
	onWriter(t, s, "ALTER TABLE hidden RENAME TO events")
	if err := <-got; err != nil {
		t.Errorf("Follow: %v", err)
	}
}
