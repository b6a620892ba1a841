package redisstore

import (
	"bytes"
	"context"
	"time"

	"maru/backend/store"
)

// Note implements store.Notes.
func (s *Store) Note(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := store.CheckNote(key, value, ttl); err != nil {
		return err
	}
	value = bytes.Clone(value)
	// Errors are logged, and whoever knows a key may read what is under it:
	// so they do not name it.
	_, err := call(ctx, s, "note", "", func(ctx context.Context) (any, error) {
		return s.write(ctx, s.onNote(key, ttl.Milliseconds(), value))
	})
	return err
}

// Noted implements store.Notes.
func (s *Store) Noted(ctx context.Context, key string) ([]byte, error) {
	if err := store.CheckNoteKey(key); err != nil {
		return nil, err
	}
	return call(ctx, s, "noted", "", func(ctx context.Context) ([]byte, error) {
		value, err := s.read(ctx, s.onNote(key))
		if err != nil {
			return nil, err
		}
		answer, err := texts(value, 0)
		if err != nil || len(answer) == 0 {
			return nil, err
		}
		return []byte(answer[0]), nil
	})
}

func (s *Store) onNote(key string, args ...any) invocation {
	p := partition(key)
	return invocation{scriptNote, []string{s.keys.part(p, "n"), s.keys.part(p, "nt")},
		append([]any{s.now(), key}, args...)}
}
