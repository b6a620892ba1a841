package redisstore

import (
	"bytes"
	"context"
	"iter"

	"maru/backend/store"
)

// signalsWaiting is how many signals wait for one reader at most.
const signalsWaiting = 256

// signals is the channel of all signals. They are few, and in a Redis Cluster
// they go to all nodes.
func (s *Store) signals() string { return s.keys.prefix + ":signals" }

// Signal implements store.Signals.
func (s *Store) Signal(ctx context.Context, body []byte) error {
	if err := store.CheckSignal(body); err != nil {
		return err
	}
	body = bytes.Clone(body)
	_, err := call(ctx, s, "signal", "", func(ctx context.Context) (int64, error) {
		return s.client.Publish(ctx, s.signals(), body).Result()
	})
	return err
}

// Signals implements store.Signals, over one connection of its own.
func (s *Store) Signals(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if !s.begin() {
			yield(nil, errClosed)
			return
		}
		defer s.running.Done()
		live, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.life, cancel)()
		queue := make(chan []byte, signalsWaiting)
		put := func(body []byte) {
			select {
			case queue <- body:
			default: // too slow: it misses this one
			}
		}
		e := &ear{s: s, channel: s.signals(), miss: func() { put(nil) }, heard: func(body string) { put([]byte(body)) }}
		// The caller runs, so Close waits for both.
		s.running.Go(func() { e.run(live) })
		for {
			select {
			case body := <-queue:
				if !yield(body, nil) {
					return
				}
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			case <-s.life.Done():
				yield(nil, errClosed)
				return
			}
		}
	}
}
