// Package moves brings Moves to the holder that listens, for all stores alike.
//
// It promises that who tells never waits, that what is kept for a slow listener
// is bounded, and that a listener which has missed something is told that. It
// must not know where Moves come from.
package moves

import (
	"context"
	"iter"
	"sync"

	"maru/backend/store"
)

// Max is how many Moves are kept for a listener that does not read them. With
// more it gets the zero Move in their place.
const Max = 1024

// Queue has the Moves for one listener. Use New to make one. All methods but
// All may be called by many goroutines at once.
type Queue struct {
	mu     sync.Mutex
	waits  []store.Move
	missed bool          // the zero Move comes before them
	wake   chan struct{} // holds a token if there is something to take
}

// New returns an empty Queue.
func New() *Queue { return &Queue{wake: make(chan struct{}, 1)} }

// Add has the listener hear m. It never blocks.
func (q *Queue) Add(m store.Move) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waits) == Max {
		q.waits, q.missed = nil, true
	}
	q.waits = append(q.waits, m)
	q.signal()
}

// Miss has the listener hear that it may have missed something; what it has not
// heard yet is part of that. It never blocks.
func (q *Queue) Miss() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waits, q.missed = nil, true
	q.signal()
}

func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// take is what there is to hear.
func (q *Queue) take() (waits []store.Move, missed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	waits, missed = q.waits, q.missed
	q.waits, q.missed = nil, false
	return waits, missed
}

// All yields what comes, until it ends by yielding the context's error, or gone
// once quit is closed. What has not been heard by then is dropped.
func (q *Queue) All(ctx context.Context, quit <-chan struct{}, gone error) iter.Seq2[store.Move, error] {
	return func(yield func(store.Move, error) bool) {
		for {
			waits, missed := q.take()
			if missed {
				waits = append([]store.Move{{}}, waits...)
			}
			for _, m := range waits {
				if err := over(ctx, quit, gone); err != nil {
					yield(store.Move{}, err)
					return
				}
				if !yield(m, nil) {
					return
				}
			}
			select {
			case <-q.wake:
				continue
			case <-ctx.Done():
			case <-quit:
			}
			yield(store.Move{}, over(ctx, quit, gone))
			return
		}
	}
}

// over is why there is no more to hear, nil if there may be.
func over(ctx context.Context, quit <-chan struct{}, gone error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case <-quit:
		return gone
	default:
		return nil
	}
}
