package limit

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// taken is how many of n takes get a token, one right after the other.
func taken(n int, take func() time.Duration) int {
	got := 0
	for range n {
		if take() == 0 {
			got++
		}
	}
	return got
}

func TestBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBucket(Rate{PerSecond: 4, Burst: 10})
		if got := taken(15, b.Take); got != 10 {
			t.Errorf("%d at once, want the burst of 10", got)
		}
		wait := b.Take()
		if wait != 250*time.Millisecond {
			t.Errorf("wait is %v", wait)
		}
		time.Sleep(wait)
		if !b.Allow() || b.Allow() {
			t.Error("after the wait there is not exactly one")
		}
		time.Sleep(time.Second)
		if got := taken(10, b.Take); got != 4 {
			t.Errorf("%d after a second, want 4", got)
		}
		time.Sleep(time.Hour)
		if got := taken(15, b.Take); got != 10 {
			t.Errorf("%d after an hour, want the burst of 10", got)
		}
	})
}

// A wait is never zero, which would say that it was taken.
func TestWaitIsNoYes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBucket(Rate{PerSecond: 1e9, Burst: 1})
		if b.Take() != 0 {
			t.Fatal("a full bucket gives nothing")
		}
		if wait := b.Take(); wait <= 0 {
			t.Errorf("wait is %v", wait)
		}
	})
}

func TestNoLimit(t *testing.T) {
	for _, r := range []Rate{{}, {PerSecond: 1}, {Burst: 1}, {PerSecond: -1, Burst: 1}} {
		if got := taken(1000, NewBucket(r).Take); got != 1000 {
			t.Errorf("%+v: %d of 1000", r, got)
		}
		b := NewBuckets[int](r, 10)
		if got := taken(1000, func() time.Duration { return b.Take(1) }); got != 1000 || b.Len() != 0 {
			t.Errorf("%+v: %d of 1000, %d kept", r, got, b.Len())
		}
	}
}

func TestBucketsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBuckets[string](Rate{PerSecond: 1, Burst: 3}, 10)
		if got := taken(10, func() time.Duration { return b.Take("loud") }); got != 3 {
			t.Errorf("loud: %d", got)
		}
		if got := taken(3, func() time.Duration { return b.Take("quiet") }); got != 3 {
			t.Errorf("quiet: %d", got)
		}
		if wait := b.Take("loud"); wait != time.Second {
			t.Errorf("loud waits %v", wait)
		}
	})
}

// What has been quiet is forgotten when others come, without anybody's waiting
// for it; what is not as if new yet is not.
func TestBucketsForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBuckets[int](Rate{PerSecond: 1, Burst: 60}, 1000)
		for k := range 500 {
			b.Take(k)
		}
		for b.Take(-1) == 0 {
		}
		time.Sleep(59 * time.Second)
		b.Take(500)
		if b.Len() != 502 {
			t.Errorf("%d are kept within their minute", b.Len())
		}
		time.Sleep(time.Second)
		for k := range 600 {
			b.Take(1000 + k)
		}
		if b.Len() > 602 {
			t.Errorf("%d are kept, of which 500 have been quiet", b.Len())
		}
		if got := taken(100, func() time.Duration { return b.Take(-1) }); got != 60 {
			t.Errorf("%d of who was forgotten, want 60", got)
		}
	})
}

// However many keys come, what is kept stays within the bound, and it is the
// ones unused for longest that begin anew.
func TestBucketsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most = 1000
		b := NewBuckets[int](Rate{PerSecond: 0.001, Burst: 2}, most)
		taken(2, func() time.Duration { return b.Take(-1) })
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for k := range 200 * most {
			b.Take(k)
			if k%(most/2) == 0 && b.Take(-1) == 0 {
				t.Fatalf("one in use was forgotten after %d others", k)
			}
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if b.Len() > most || b.latest.Len() != b.Len() {
			t.Errorf("%d kept, %d in order", b.Len(), b.latest.Len())
		}
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
			t.Errorf("%d bytes for %d buckets", grown, b.Len())
		}
		if b.Take(0) != 0 {
			t.Error("one that was forgotten does not begin anew")
		}
	})
}

func TestGate(t *testing.T) {
	g := NewGate[string](2, 3)
	leave, ok := g.Enter("a")
	_, second := g.Enter("a")
	_, third := g.Enter("a")
	_, other := g.Enter("b")
	_, full := g.Enter("c")
	if !ok || !second || third || !other || full {
		t.Errorf("let in: %v %v %v %v %v", ok, second, third, other, full)
	}
	leave()
	leave() // counts once
	if _, ok := g.Enter("c"); !ok {
		t.Error("nobody is let in after one has left")
	}
	if _, ok := g.Enter("c"); ok {
		t.Error("one has left twice")
	}
	var none *Gate[string]
	if leave, ok := none.Enter("a"); !ok {
		t.Error("no gate lets nobody in")
	} else {
		leave()
	}
}

// What is taken by many at once is counted once each, and a gate that all have
// left keeps nothing.
func TestConcurrently(t *testing.T) {
	b := NewBuckets[int](Rate{PerSecond: 1e-9, Burst: 100}, 10)
	g := NewGate[int](0, 0)
	var got atomic.Int64
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for range 100 {
				leave, _ := g.Enter(1)
				if b.Take(1) == 0 {
					got.Add(1)
				}
				leave()
			}
		})
	}
	running.Wait()
	if got.Load() != 100 || g.total != 0 || len(g.inside) != 0 {
		t.Errorf("%d taken, %d inside, %d kept", got.Load(), g.total, len(g.inside))
	}
}

func BenchmarkBuckets(b *testing.B) {
	buckets := NewBuckets[int](Rate{PerSecond: 100, Burst: 100}, 1<<16)
	b.ReportAllocs()
	for k := 0; b.Loop(); k++ {
		buckets.Take(k % 1000)
	}
}
