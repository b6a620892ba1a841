package sqlitestore

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"maru/backend/store"
)

// TestBackupWhileWriting backs up the file of another process that goes on
// writing: what that one had acknowledged before is in the copy, in one log
// without a gap, and a Store opens it.
func TestBackupWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maru.db")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := child.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = child.Wait() // it was killed
	}()
	lines := bufio.NewScanner(out)
	acked := map[int64]string{}
	for round := range 3 {
		for range 200 {
			if !lines.Scan() {
				t.Fatal("the child has ended")
			}
			var seq int64
			var id string
			if _, err := fmt.Sscan(lines.Text(), &seq, &id); err != nil {
				t.Fatalf("line %q: %v", lines.Text(), err)
			}
			acked[seq] = id
		}
		to := filepath.Join(t.TempDir(), fmt.Sprint("backup", round, ".db"))
		if err := Backup(t.Context(), path, to); err != nil {
			t.Fatal(err)
		}
		wantBackup(t, to, acked)
	}
}

// wantBackup opens a copy and looks whether all that was acknowledged is in it.
func wantBackup(t *testing.T, path string, acked map[int64]string) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read it: %v, %v", info, err)
	}
	s := open(t, path, Options{})
	stored := map[int64]string{}
	var pos store.Pos
	for {
		evs, head, err := s.Events(t.Context(), "room", pos, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, ev := range evs {
			if stored[ev.Seq] = ev.ID; ev.Seq != int64(len(stored)) {
				t.Fatalf("event %d stands at %d", ev.Seq, len(stored))
			}
			pos = store.Pos{Epoch: head.Epoch}.After(ev)
		}
		if len(evs) < 1000 {
			break
		}
	}
	for seq, id := range acked {
		if stored[seq] != id {
			t.Errorf("acknowledged as %d: %s, in the backup: %q", seq, id, stored[seq])
		}
	}
	var check string
	if err := s.readers.QueryRow("PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
		t.Errorf("integrity_check: %s, %v", check, err)
	}
	if posts, err := s.Find(t.Context(), "room", acked[1], 0, 1); err != nil || len(posts) != 1 {
		t.Errorf("it finds %d posts, %v", len(posts), err)
	}
	if _, _, err := s.Append(t.Context(), "room", message("after")); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestBackupRefuses checks that a backup overwrites nothing, makes nothing of a
// file that is not there, and leaves no half of a copy behind.
func TestBackupRefuses(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, "maru.db"), filepath.Join(dir, "copy.db")
	if err := Backup(t.Context(), path, to); err == nil {
		t.Error("nothing was backed up")
	}
	if err := os.WriteFile(path, []byte("no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Backup(t.Context(), path, to); err == nil {
		t.Error("what is no database was backed up")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, Options{})
	if _, _, err := s.Append(t.Context(), "room", message("1")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Backup(t.Context(), path, to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
	if kept, err := os.ReadFile(to); err != nil || string(kept) != "precious" {
		t.Errorf("it was overwritten: %q, %v", kept, err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.part"))
	if err != nil || len(names) > 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}
