package sqlitestore

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"maru/backend/store"
	"maru/backend/store/storetest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		os.Exit(appendForEver(path))
	}
	goleak.VerifyTestMain(m)
}

// open opens the file at path until the end of t.
func open(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// harness opens stores in files for storetest.
type harness struct{}

func (harness) Open(t *testing.T, now func() time.Time) store.Store {
	return open(t, filepath.Join(t.TempDir(), "new", "maru.db"), Options{Now: now})
}

func (harness) Reopen(t *testing.T, s store.Store) store.Store {
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	old := s.(*Store)
	return open(t, old.writer.path, Options{Now: old.now})
}

func TestLaws(t *testing.T) {
	storetest.Run(t, harness{})
}
