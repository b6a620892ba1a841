package sqlitestore

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"maru/backend/store"
)

// benchRooms is in how many rooms the benchmarks write.
const benchRooms = 100

func benchMessage(i int64) (room string, d store.Draft) {
	d = message(fmt.Sprint(i))
	d.Body = []byte(strings.Repeat("x", 200))
	return fmt.Sprint("room", i%benchRooms), d
}

// BenchmarkAppend has c writers that each wait for their acknowledgement.
func BenchmarkAppend(b *testing.B) {
	for _, c := range []int{1, 64, 1024} {
		b.Run(fmt.Sprint("c=", c), func(b *testing.B) {
			s := open(b, filepath.Join(b.TempDir(), "maru.db"), Options{})
			appendAll(b, s, c, int64(b.N))
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

func appendAll(b *testing.B, s *Store, writers int, n int64) {
	b.ReportAllocs()
	b.ResetTimer()
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
	b.StopTimer()
}

// BenchmarkPage reads pages of 50 out of 100,000 messages.
func BenchmarkPage(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "maru.db"), Options{})
	appendAll(b, s, 512, 100_000)
	for _, readers := range []int{1, 8} {
		b.Run(fmt.Sprint("readers=", readers), func(b *testing.B) {
			b.SetParallelism(readers)
			var next atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := next.Add(1)
					posts, err := s.Page(b.Context(), fmt.Sprint("room", i%benchRooms), 100+i%800, 50)
					if err != nil || len(posts) != 50 {
						b.Error(len(posts), err)
						return
					}
				}
			})
		})
	}
}
