package sqlitestore

import (
	"bytes"
	"context"
	"iter"
	"sync"

	"maru/backend/store"
)

// signalsWaiting is how many signals wait for one reader at most.
const signalsWaiting = 256

// signals has a queue for each running Signals. As one process has the file,
// they need not leave it.
type signals struct {
	mu   sync.Mutex
	open map[chan []byte]struct{}
}

// Signal implements store.Signals.
func (s *Store) Signal(ctx context.Context, body []byte) error {
	if err := store.CheckSignal(body); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.quit:
		return errClosed
	default:
	}
	body = bytes.Clone(body)
	s.signals.mu.Lock()
	defer s.signals.mu.Unlock()
	for queue := range s.signals.open {
		select {
		case queue <- body:
		default: // too slow: it misses this one
		}
	}
	return nil
}

// Signals implements store.Signals.
func (s *Store) Signals(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		queue := make(chan []byte, signalsWaiting)
		s.signals.join(queue)
		defer s.signals.leave(queue)
		if !yield(nil, nil) {
			return
		}
		for {
			select {
			case body := <-queue:
				if !yield(body, nil) {
					return
				}
			case <-ctx.Done():
				yield(nil, ctx.Err())
				return
			case <-s.quit:
				yield(nil, errClosed)
				return
			}
		}
	}
}

func (s *signals) join(queue chan []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[chan []byte]struct{}{}
	}
	s.open[queue] = struct{}{}
}

func (s *signals) leave(queue chan []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, queue)
}
