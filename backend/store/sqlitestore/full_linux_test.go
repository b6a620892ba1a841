package sqlitestore

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"maru/backend/store"
)

// capFiles has no file of this process grow beyond n bytes, until the test ends
// or the function it returns is called: then writes fail as on a full disk
// (EFBIG; setrlimit(2), RLIMIT_FSIZE). It needs no rights.
func capFiles(t *testing.T, n uint64) (lift func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	set := func(n uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: min(n, old.Max), Max: old.Max}); err != nil {
			t.Error(err)
		}
	}
	set(n)
	lift = func() { set(old.Cur) }
	t.Cleanup(lift)
	return lift
}

// wantWhole fails t unless the file is sound and the room has n events.
func wantWhole(t *testing.T, s *Store, n int64) {
	t.Helper()
	wantHead(t, s, n)
	var check string
	if err := s.readers.QueryRow("PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
		t.Errorf("integrity_check: %s, %v", check, err)
	}
}

// fillUp appends messages until one is refused, and returns how many were not.
func fillUp(t *testing.T, s *Store, from int64) (acked int64) {
	t.Helper()
	for n := from; n < from+2000; n++ {
		d := message(fmt.Sprint(n))
		d.Body = []byte(strings.Repeat("x", 4000))
		_, _, err := s.Append(t.Context(), "room", d)
		if errors.Is(err, store.ErrUnavailable) {
			return n - from
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the disk does not fill up")
	return 0
}

// testFull fills what there is, writes in vain, and goes on once lift has made
// room. The same Store serves all the time.
func testFull(t *testing.T, s *Store, begin func() (lift func())) {
	if _, _, err := s.Append(t.Context(), "room", message("first")); err != nil {
		t.Fatal(err)
	}
	lift := begin()
	full := 1 + fillUp(t, s, 0)
	refused := message(fmt.Sprint(full - 1))
	refused.Body = []byte(strings.Repeat("x", 4000))
	for range 3 {
		if _, _, err := s.Append(t.Context(), "room", refused); !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("Append on a full disk: %v", err)
		}
	}
	wantHead(t, s, full) // who reads goes on
	lift()
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping after there is room: %v", err)
	}
	if _, dup, err := s.Append(t.Context(), "room", refused); err != nil || dup {
		t.Errorf("what was refused, again: dup %v, %v", dup, err)
	}
	wantWhole(t, s, full+1)
	path, o := s.writer.path, Options{}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wantWhole(t, open(t, path, o), full+1)
}

// TestFilesTooLarge has the system refuse to let files grow.
func TestFilesTooLarge(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	testFull(t, s, func() func() { return capFiles(t, 300<<10) })
}

// TestNoWritesAtAll has the system refuse every byte, as a disk that became
// read-only does.
func TestNoWritesAtAll(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "maru.db"), Options{})
	testFull(t, s, func() func() { return capFiles(t, 0) })
}

// TestSmallDisk is the real thing, for who may mount a file system: ENOSPC. For
// all others TestFilesTooLarge is what there is.
func TestSmallDisk(t *testing.T) {
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m")
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Log("no right to mount: files that may not grow stand for a disk that is full")
		s := open(t, filepath.Join(dir, "maru.db"), Options{})
		testFull(t, s, func() func() { return capFiles(t, 1<<20) })
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	s := open(t, filepath.Join(dir, "maru.db"), Options{})
	testFull(t, s, func() func() {
		return func() {
			if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=8m"); err != nil {
				t.Error(err)
			}
		}
	})
}

// asNobody calls do without the rights of root, which may write anywhere: the
// thread has another user's for files alone (setfsuid(2)).
func asNobody(t *testing.T, do func()) {
	t.Helper()
	if os.Getuid() != 0 {
		do()
		return
	}
	const nobody = 65534
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setfsuid(0); err != nil {
			t.Error(err)
		}
	}()
	do()
}

// TestReadOnly checks that a file or folder that can't be written is refused at
// once with a reason, left as it was, and taken when it can be.
func TestReadOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	path := filepath.Join(dir, "maru.db")
	s := open(t, path, Options{})
	if _, _, err := s.Append(t.Context(), "room", message("1")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	chmod := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	for p := dir; p != "/" && p != os.TempDir(); p = filepath.Dir(p) {
		chmod(p, 0o755) // so that nobody gets there
	}
	for what, modes := range map[string][2]os.FileMode{"file": {0o444, 0o755}, "folder": {0o444, 0o555}} {
		chmod(path, modes[0])
		chmod(dir, modes[1])
		asNobody(t, func() {
			s, err := Open(path, Options{})
			if err == nil {
				t.Fatalf("a read-only %s was opened, %v", what, s.Close())
			}
			if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), path) {
				t.Errorf("read-only %s: %v", what, err)
			}
		})
	}
	chmod(dir, 0o700)
	chmod(path, 0o600)
	s = open(t, path, Options{})
	if _, _, err := s.Append(t.Context(), "room", message("2")); err != nil {
		t.Error(err)
	}
	wantWhole(t, s, 2)
}
