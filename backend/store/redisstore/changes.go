package redisstore

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"maru/backend/store"
)

// changesStep is how many entries of the log are read at a time.
const changesStep = 256

// Changes implements store.Log. What is in the log stays where it is, so it
// need not be read at one moment.
func (s *Store) Changes(ctx context.Context, room string, after, before int64, n int) ([]store.Event, error) {
	if err := errors.Join(store.CheckRoom(room), store.CheckPage(n)); err != nil {
		return nil, err
	}
	head, err := s.Head(ctx, room)
	if err != nil {
		return nil, err
	}
	if before <= 0 || before > head.Seq {
		before = head.Seq + 1
	}
	return call(ctx, s, "changes", room, func(ctx context.Context) (found []store.Event, err error) {
		for before > max(after, 0)+1 {
			first := max(after+1, before-changesStep, 1)
			evs, whole, err := s.entries(ctx, room, first, before)
			if err != nil {
				return nil, err
			}
			for _, ev := range evs {
				if !ev.Kind.Changes() {
					continue
				}
				if found = append(found, ev); len(found) == n {
					return found, nil
				}
			}
			if !whole {
				return found, nil // what is older was trimmed
			}
			before = first
		}
		return found, nil
	})
}

// entries are the events from first up to before, newest first; whole tells
// that all are there.
func (s *Store) entries(ctx context.Context, room string, first, before int64) (evs []store.Event, whole bool, err error) {
	var seqs []string
	for seq := before - 1; seq >= first; seq-- {
		seqs = append(seqs, strconv.FormatInt(seq, 10))
	}
	values, err := s.client.HMGet(ctx, s.keys.of(room, "l"), seqs...).Result()
	if err != nil {
		return nil, false, err
	}
	for i, value := range values {
		entry, ok := value.(string)
		if !ok {
			return evs, false, nil
		}
		ev, _, err := parseEntry(before-1-int64(i), entry)
		if err != nil {
			return nil, false, err
		}
		evs = append(evs, ev)
	}
	return evs, true, nil
}

// Rooms implements store.Log.
func (s *Store) Rooms(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		rooms, err := call(ctx, s, "rooms", "", s.rooms)
		for _, room := range rooms {
			if !yield(room, nil) {
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

// globs are what has a meaning in a pattern.
var globs = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// rooms looks through all keys, of all nodes.
func (s *Store) rooms(ctx context.Context) (rooms []string, err error) {
	var mu sync.Mutex
	begin := s.opt.Prefix + ":{p"
	scan := func(ctx context.Context, c redis.UniversalClient) error {
		keys := c.Scan(ctx, 0, globs.Replace(begin)+"*}:m:*", 1000).Iterator()
		for keys.Next(ctx) {
			_, room, _ := strings.Cut(strings.TrimPrefix(keys.Val(), begin), "}:m:")
			if s.keys.of(room, "m") == keys.Val() {
				mu.Lock()
				rooms = append(rooms, room)
				mu.Unlock()
			}
		}
		return keys.Err()
	}
	if c, ok := s.client.(*redis.ClusterClient); ok {
		err = c.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error { return scan(ctx, node) })
	} else {
		err = scan(ctx, s.client)
	}
	return rooms, err
}
