package redisstore

import (
	"context"
	"errors"

	"maru/backend/store"
)

// Find implements store.Finder. Redis itself has no index of texts, so the log
// is read.
func (s *Store) Find(ctx context.Context, room, text string, before int64, n int) ([]store.Post, error) {
	if err := errors.Join(store.CheckRoom(room), store.CheckPage(n)); err != nil {
		return nil, err
	}
	return store.Scan(ctx, s, room, text, before, n)
}
