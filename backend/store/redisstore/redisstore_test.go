package redisstore

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"

	"maru/backend/store"
	"maru/backend/store/redisstore/redistest"
	"maru/backend/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wait is how long a test waits for what must happen.
const wait = 20 * time.Second

// prefixes numbers the prefixes of stores, so that tests share a Redis.
var prefixes atomic.Int64

// open opens a store until the end of t. Without a prefix it is a new one.
func open(t testing.TB, address string, o Options) *Store {
	t.Helper()
	if o.Prefix == "" {
		o.Prefix = fmt.Sprint("test", prefixes.Add(1))
	}
	s, err := Open(t.Context(), address, o)
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

// harness opens stores in one Redis for storetest.
type harness struct{ address string }

func (h harness) Open(t *testing.T, now func() time.Time) store.Store {
	return open(t, h.address, Options{Now: now})
}

func (h harness) Reopen(t *testing.T, s store.Store) store.Store {
	old := s.(*Store)
	return open(t, h.address, Options{Now: old.opt.Now, Prefix: old.opt.Prefix})
}

func TestLawsMiniredis(t *testing.T) {
	m := miniredis.RunT(t)
	// It compiles each script each time, and under the race detector slowly.
	storetest.Run(t, harness{"redis://" + m.Addr() + "?read_timeout=1m"})
}

func TestLawsRedis(t *testing.T) {
	storetest.Run(t, harness{redistest.Start(t).URL()})
}
