package redisstore

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"maru/backend/store/redisstore/redistest"
)

// BenchmarkSession is what a request needs, a Claim and a Save, with c requests
// at once, of the instance that had the session's last one or of another.
func BenchmarkSession(b *testing.B) {
	address := redistest.Start(b).URL()
	for _, c := range []int{1, 64} {
		for _, holders := range []int{1, 3} {
			b.Run(fmt.Sprint("c=", c, "/holders=", holders), func(b *testing.B) {
				s := open(b, address, Options{})
				benchSession(b, s, c, holders)
			})
		}
	}
}

func benchSession(b *testing.B, s *Store, c, holders int) {
	const sessions = 1000
	state := make([]byte, 2<<10)
	for i := range sessions {
		if err := s.Open(b.Context(), fmt.Sprint(i), "0", state, sessionTTL); err != nil {
			b.Fatal(err)
		}
	}
	before := redisCPU(b, s)
	b.ReportAllocs()
	b.ResetTimer()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range c {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				sid, holder := fmt.Sprint(n%sessions), fmt.Sprint(n/sessions%int64(holders))
				turn, _, err := s.Claim(b.Context(), sid, holder, 1, 0, sessionTTL)
				if err == nil {
					err = s.Save(b.Context(), sid, turn, state, true, sessionTTL)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric((redisCPU(b, s)-before)*1e6/float64(b.N), "redis-µs/op")
}

// redisCPU is the processor time that Redis has needed so far, in seconds.
func redisCPU(b *testing.B, s *Store) (seconds float64) {
	info, err := s.client.Info(b.Context(), "cpu").Result()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(info) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		if name != "used_cpu_sys" && name != "used_cpu_user" {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			b.Fatal(err)
		}
		seconds += n
	}
	return seconds
}
