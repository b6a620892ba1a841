package e2e

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// On a network that blocks WebSocket the app talks over long-polling, soon; when
// WebSocket is let through again it goes over to it, and nothing is lost or
// twice.
func TestWebSocketBlocked(t *testing.T) {
	s := startServer(t)
	p := newProxy(t, s)
	p.refuses.Store(true)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.expect(`WebSocket connection to`)
	began := time.Now()
	soi.join(p.url, "소이", "기획팀")
	t.Logf("in the room over long-polling %v after opening the page, the first visit's download included", time.Since(began).Round(time.Millisecond))
	minjun.join(s.url, "민준", "기획팀")
	if p.refused.Load() == 0 || p.opened.Load() != 0 {
		t.Fatalf("%d WebSockets were refused and %d opened", p.refused.Load(), p.opened.Load())
	}
	var want []string
	talk := func(n int) {
		for i := range n {
			text := fmt.Sprintf("글 %d", len(want))
			want = append(want, text)
			[]*person{soi, minjun}[i%2].say(text)
			for _, listener := range []*person{soi, minjun} {
				listener.hears([]string{"소이", "민준"}[i%2], text)
			}
		}
	}
	talk(6)
	p.refuses.Store(false)
	// What says that the network has changed makes it try at once.
	eval[bool](soi, `window.dispatchEvent(new Event('online'))`)
	wait(t, "the WebSocket to be opened", func() (bool, any) { return p.opened.Load() > 0, p.opened.Load() })
	talk(6)
	for _, listener := range []*person{soi, minjun} {
		if got := listener.said(); !slices.Equal(got, want) {
			t.Errorf("there is %q, want %q", got, want)
		}
	}
}
