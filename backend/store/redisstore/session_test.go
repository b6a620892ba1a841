package redisstore

import (
	"testing"

	"maru/backend/store"
)

// Share implements storetest.Sharer.
func (h harness) Share(t *testing.T, s store.Store) store.Store { return h.Reopen(t, s) }
