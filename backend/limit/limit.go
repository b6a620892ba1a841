// Package limit says how often something may be done: by one, by each of many,
// or by all together.
//
// It promises that what it keeps is bounded, that it forgets what has been
// quiet for long enough to be as if new, and that it starts no goroutine and no
// timer. It takes the time from the clock of package time. It must not know
// what is counted. All of it is safe for concurrent use.
package limit

import (
	"time"

	"golang.org/x/time/rate"
)

// Rate is a limit: PerSecond in the long run, and Burst at once after a quiet
// time. The zero Rate sets none.
type Rate struct {
	PerSecond float64
	Burst     int
}

// recovers is how long a bucket takes to be as if new, however empty it was.
func (r Rate) recovers() time.Duration {
	return time.Duration(float64(r.Burst) / r.PerSecond * float64(time.Second))
}

func (r Rate) unlimited() bool { return r.PerSecond <= 0 || r.Burst <= 0 }

func (r Rate) limiter() *rate.Limiter { return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst) }

// Bucket is a token bucket. A nil Bucket has no limit.
type Bucket struct {
	limiter *rate.Limiter
}

// NewBucket returns a full bucket.
func NewBucket(r Rate) *Bucket {
	if r.unlimited() {
		return nil
	}
	return &Bucket{r.limiter()}
}

// Take takes one token and returns zero. If there is none, it takes nothing and
// returns how long it is until there is one, if nobody else takes it.
func (b *Bucket) Take() (wait time.Duration) {
	if b == nil {
		return 0
	}
	return take(b.limiter, time.Now())
}

// Allow is Take for whoever does not care how long.
func (b *Bucket) Allow() bool { return b.Take() == 0 }

func take(l *rate.Limiter, now time.Time) time.Duration {
	if l.AllowN(now, 1) {
		return 0
	}
	missing := 1 - l.TokensAt(now)
	return max(time.Duration(missing/float64(l.Limit())*float64(time.Second)), time.Millisecond)
}
