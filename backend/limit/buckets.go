package limit

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Buckets is a bucket for each key. One that is as if new is forgotten, and so
// is the one unused for longest where there would be more than the most: then
// its key begins anew, which forgives, but never refuses for another's doing.
// Nil Buckets have no limit.
type Buckets[K comparable] struct {
	rate Rate
	most int

	mu     sync.Mutex
	byKey  map[K]*list.Element // of entry[K]
	latest *list.List          // the one used last stands first
}

type entry[K comparable] struct {
	key     K
	limiter *rate.Limiter
	used    time.Time
}

// NewBuckets returns buckets of one rate, of which at most so many are kept.
func NewBuckets[K comparable](r Rate, most int) *Buckets[K] {
	if r.unlimited() {
		return nil
	}
	return &Buckets[K]{rate: r, most: max(most, 1), byKey: make(map[K]*list.Element), latest: list.New()}
}

// Take takes one token of key's bucket; see Bucket.Take.
func (b *Buckets[K]) Take(key K) (wait time.Duration) {
	if b == nil {
		return 0
	}
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.byKey[key]
	if ok {
		b.latest.MoveToFront(e)
	} else {
		b.forgetLocked(now)
		e = b.latest.PushFront(&entry[K]{key: key, limiter: b.rate.limiter()})
		b.byKey[key] = e
	}
	at := e.Value.(*entry[K])
	at.used = now
	return take(at.limiter, now)
}

// forgetLocked makes room for one more. It looks at two at most, which is one
// more than come in, so that the forgotten ones go sooner than new ones come,
// and no call has to clear up after all the others.
func (b *Buckets[K]) forgetLocked(now time.Time) {
	for range 2 {
		last := b.latest.Back()
		if last == nil {
			return
		}
		e := last.Value.(*entry[K])
		if len(b.byKey) < b.most && now.Sub(e.used) < b.rate.recovers() {
			return
		}
		b.latest.Remove(last)
		delete(b.byKey, e.key)
	}
}

// Len is how many buckets are kept.
func (b *Buckets[K]) Len() int {
	if b == nil {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.byKey)
}
