package redisstore

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"maru/backend/store"
	"maru/backend/store/redisstore/redistest"
)

// benchRooms is in how many rooms the benchmarks write.
const benchRooms = 100

// benchServers are the servers that the benchmarks write to.
var benchServers = map[string][]string{"memory": nil, "fsync": durable}

func benchMessage(i int64) (room string, d store.Draft) {
	d = message(fmt.Sprint(i))
	d.Body = []byte(strings.Repeat("x", 200))
	return fmt.Sprint("room", i%benchRooms), d
}

// BenchmarkAppend has c writers that each wait for their acknowledgement.
func BenchmarkAppend(b *testing.B) {
	for name, args := range benchServers {
		for _, c := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/c=%d", name, c), func(b *testing.B) {
				s := open(b, redistest.Start(b, args...).URL(), Options{})
				b.ReportAllocs()
				b.ResetTimer()
				appendAll(b, s, c, int64(b.N))
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
			})
		}
	}
}

func appendAll(b *testing.B, s *Store, writers int, n int64) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for i := next.Add(1); i <= n; i = next.Add(1) {
				room, d := benchMessage(i)
				if _, _, err := s.Append(b.Context(), room, d); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkFanOut appends through one instance, by 64 writers, what followers of
// every room on two others receive; each message counts once.
func BenchmarkFanOut(b *testing.B) {
	r := redistest.Start(b)
	writer := open(b, r.URL(), Options{})
	var received sync.WaitGroup
	var ready sync.WaitGroup
	counts := make([]int, benchRooms)
	for i := range int64(b.N) {
		counts[(i+1)%benchRooms]++
	}
	for range 2 {
		s := open(b, r.URL(), Options{Prefix: writer.opt.Prefix})
		for i := range benchRooms {
			ready.Add(1)
			received.Go(func() {
				left := counts[i] + 1
				for ev, err := range s.Follow(b.Context(), fmt.Sprint("room", i), store.Pos{}) {
					if err != nil {
						b.Error(err)
						return
					}
					if ev.Seq == 1 {
						ready.Done()
					}
					if left--; left == 0 {
						return
					}
				}
			})
		}
	}
	for i := range benchRooms {
		if _, _, err := writer.Append(b.Context(), fmt.Sprint("room", i), message("first")); err != nil {
			b.Fatal(err)
		}
	}
	ready.Wait()
	b.ResetTimer()
	appendAll(b, writer, 64, int64(b.N))
	received.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

// BenchmarkPage reads pages of 50 out of 100,000 messages.
func BenchmarkPage(b *testing.B) {
	s := open(b, redistest.Start(b).URL(), Options{})
	appendAll(b, s, 256, 100_000)
	for i := int64(0); b.Loop(); i++ {
		posts, err := s.Page(b.Context(), fmt.Sprint("room", i%benchRooms), 100+i%800, 50)
		if err != nil || len(posts) != 50 {
			b.Fatal(len(posts), err)
		}
	}
}
