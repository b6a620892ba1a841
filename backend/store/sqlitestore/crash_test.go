package sqlitestore

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"maru/backend/store"
)

// childEnv has the test binary append to the file that it names.
const childEnv = "SQLITESTORE_CRASH_FILE"

// appendForEver appends messages from a few goroutines and prints each one that
// has been acknowledged, until it is killed.
func appendForEver(path string) int {
	s, err := Open(path, Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprint(os.Getpid(), "-", g, "-", i)
				ev, _, err := s.Append(context.Background(), "room", message(id))
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				// One write, so that a line is whole or not there.
				fmt.Fprintf(os.Stdout, "%d %s\n", ev.Seq, id)
			}
		})
	}
	wg.Wait()
	return 1
}

// message is a Draft whose text is its ID.
func message(id string) store.Draft {
	return store.Draft{ID: id, Author: "author", Kind: store.Message, Body: []byte(id)}
}

// TestKill kills a writing process at random moments and checks that what it
// had acknowledged is there, in one log without a gap.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "maru.db")
	acked := map[int64]string{}
	for range 6 {
		runAndKill(t, path, 1+rand.IntN(300), acked)
		s := open(t, path, Options{})
		stored := map[int64]string{}
		for ev, err := range s.Follow(t.Context(), "room", store.Pos{}) {
			if err != nil {
				t.Fatal(err)
			}
			stored[ev.Seq] = ev.ID
			if ev.Seq != int64(len(stored)) || string(ev.Body) != ev.ID {
				t.Fatalf("event %d is %+v", len(stored), ev)
			}
			if head, err := s.Head(t.Context(), "room"); err != nil || head.Seq == ev.Seq {
				break
			}
		}
		for seq, id := range acked {
			if stored[seq] != id {
				t.Errorf("acknowledged as %d: %s, stored: %q", seq, id, stored[seq])
			}
		}
		var check string
		if err := s.readers.QueryRow("PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
			t.Errorf("integrity_check: %s, %v", check, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("%d acknowledged", len(acked))
}

// runAndKill has a child append until it has acknowledged n more, kills it, and
// adds all that it has acknowledged to acked.
func runAndKill(t *testing.T, path string, n int, acked map[int64]string) {
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+path)
	var stderr strings.Builder
	child.Stderr = &stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	seen := 0
	for lines.Scan() {
		var seq int64
		var id string
		if _, err := fmt.Sscan(lines.Text(), &seq, &id); err != nil {
			t.Errorf("line %q: %v", lines.Text(), err)
		}
		acked[seq] = id
		if seen++; seen == n {
			if err := child.Process.Kill(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := child.Wait(); err == nil || seen < n {
		t.Fatalf("the child ended by itself after %d: %s", seen, stderr.String())
	}
}
