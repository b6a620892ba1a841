package memsessions

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkClaimSave is what a request needs, in one of ten thousand sessions:
// of the instance that had the last one, or of another.
func BenchmarkClaimSave(b *testing.B) {
	for _, holders := range []int64{1, 3} {
		b.Run(fmt.Sprint("holders=", holders), func(b *testing.B) {
			s := New(time.Now)
			defer s.Close()
			state := make([]byte, 2<<10)
			for i := range 10_000 {
				if err := s.Open(b.Context(), fmt.Sprint(i), "0", state, ttl); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			var requests atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					n := requests.Add(1)
					sid, holder := fmt.Sprint(n%10_000), fmt.Sprint(n/10_000%holders)
					turn, _, err := s.Claim(b.Context(), sid, holder, 1, 0, ttl)
					if err == nil {
						err = s.Save(b.Context(), sid, turn, state, true, ttl)
					}
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	}
}
