package redisstore

import (
	"context"

	"maru/backend/store"
)

// trimStep is how many events one script drops, so that a large Trim does not
// keep others waiting.
const trimStep = 500

// Trim implements store.Log.
func (s *Store) Trim(ctx context.Context, room string, keep store.Retention) error {
	if err := store.CheckRoom(room); err != nil {
		return err
	}
	if err := keep.Check(); err != nil {
		return err
	}
	for {
		more, err := call(ctx, s, "trim", room, func(ctx context.Context) (bool, error) {
			value, err := s.write(ctx, s.onRoom(scriptTrim, room, logKeys, keep.Count, keep.Age.Milliseconds(), trimStep))
			if err != nil {
				return false, err
			}
			answer, err := texts(value, 1)
			return err == nil && answer[0] == "1", err
		})
		if err != nil || !more {
			return err
		}
	}
}
