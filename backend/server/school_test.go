package server

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// A thousand people behind one address all come back after a restart, into two
// rooms each, and then talk for a minute: nobody is refused anything, but to
// come at the same instant. Another address comes in meanwhile.
func TestASchoolBehindOneAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimits(DefaultLimits, proxies(t, ""))
		school, other := &http.Request{RemoteAddr: "198.51.100.1:1"}, &http.Request{RemoteAddr: "203.0.113.1:1"}
		began := time.Now()
		var inside []*pass
		for longest := time.Duration(0); len(inside) < 1000; {
			p, wait := l.admit(school)
			if p == nil {
				longest = max(longest, wait)
				if wait > time.Second {
					t.Fatalf("told to wait %v", wait)
				}
				time.Sleep(10 * time.Millisecond)
				continue
			}
			inside = append(inside, p)
			for range 5 { // a CONNECT, two joins, two pages of history
				if refusal, _ := p.event(); refusal != nil {
					t.Fatalf("number %d is refused when it comes in", len(inside))
				}
			}
		}
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("all were in after %v", took)
		}
		if p, _ := l.admit(other); p == nil {
			t.Error("another address is kept out")
		}
		for second := range 60 {
			for n := second % 2; n < len(inside); n += 2 { // each says something every two seconds
				if refusal, over := inside[n].event(); refusal != nil || over {
					t.Fatalf("number %d is refused in second %d", n, second)
				}
			}
			if l.room("the school's") != nil {
				t.Fatalf("the room is full in second %d", second)
			}
			time.Sleep(time.Second)
		}
	})
}
