package memsessions

import (
	"context"
	"testing"
	"time"

	"maru/backend/store"
	"maru/backend/store/storetest"
)

// alone is a store that has nothing but sessions.
type alone struct {
	store.Log
	store.Presence
	store.Notes
	store.Marks
	store.Finder
	signals
	*Sessions
}

// signals has another name than its method.
type signals interface{ store.Signals }

// Durability implements store.Store.
func (alone) Durability() store.Durability { return store.Memory }

// Ping implements store.Store.
func (alone) Ping(context.Context) error { return nil }

// Close implements store.Store.
func (a alone) Close() error {
	a.Sessions.Close()
	return nil
}

type harness struct{}

func (harness) Open(t *testing.T, now func() time.Time) store.Store {
	s := New(now)
	t.Cleanup(s.Close)
	return alone{Sessions: s}
}

// Reopen returns the same store: sessions end with it.
func (harness) Reopen(_ *testing.T, s store.Store) store.Store { return s }

// Share implements storetest.Sharer: instances in one process have one store.
func (harness) Share(_ *testing.T, s store.Store) store.Store { return s }

func TestLaws(t *testing.T) { storetest.RunSessions(t, harness{}) }
