package redisstore

import (
	"context"

	"maru/backend/store"
)

// Mark implements store.Marks.
func (s *Store) Mark(ctx context.Context, room, user string, seq int64) (int64, error) {
	if err := store.CheckMark(room, user, seq); err != nil {
		return 0, err
	}
	return call(ctx, s, "mark", room, func(ctx context.Context) (int64, error) {
		return mark(s.write(ctx, s.onMark(room, user, store.MarkTTL.Milliseconds(), seq)))
	})
}

// Marked implements store.Marks.
func (s *Store) Marked(ctx context.Context, room, user string) (int64, error) {
	if err := store.CheckMark(room, user, 0); err != nil {
		return 0, err
	}
	return call(ctx, s, "marked", room, func(ctx context.Context) (int64, error) {
		return mark(s.read(ctx, s.onMark(room, user)))
	})
}

func (s *Store) onMark(room, user string, args ...any) invocation {
	return invocation{scriptMark, []string{s.keys.of(room, "m"), s.keys.of(room, "g"), s.keys.of(room, "gt")},
		append([]any{s.now(), user}, args...)}
}

func mark(value any, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	answer, err := texts(value, 1)
	if err != nil {
		return 0, err
	}
	at, err := numbers(answer[0])
	if err != nil {
		return 0, err
	}
	return at[0], nil
}
