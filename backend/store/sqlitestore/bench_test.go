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

// BenchmarkFind looks for words in 100,000 messages of 100 rooms: a common one,
// one that is being typed, and one that is not there.
func BenchmarkFind(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "maru.db"), Options{})
	words := []string{"회의", "주간", "보고서", "내일", "점심", "회사", "안녕하세요", "감사합니다", "확인", "부탁"}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range 512 {
		wg.Go(func() {
			for i := next.Add(1); i <= 100_000; i = next.Add(1) {
				d := message(fmt.Sprint(i))
				d.Body = []byte(words[i%10] + " " + words[i/7%10] + " " + words[i/31%10])
				if _, _, err := s.Append(b.Context(), fmt.Sprint("room", i%benchRooms), d); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for name, text := range map[string]string{"common": "보고서", "typed": "회으", "absent": "없는말"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Find(b.Context(), "room7", text, 0, 20); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
