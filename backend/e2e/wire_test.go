package e2e

import (
	"net"
	"strings"
	"sync"
	"testing"
)

// wire stands between a browser and a server, byte by byte. It can be cut, and be
// slow.
type wire struct {
	url      string
	up, down *lane // to the server, and from it

	mu     sync.Mutex
	target string
	cut    bool
	conns  map[net.Conn]bool
}

func newWire(t testing.TB, target string) *wire {
	t.Helper()
	return newSlowWire(t, target, speed{})
}

func newSlowWire(t testing.TB, target string, s speed) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{url: "http://" + listener.Addr().String(), up: &lane{speed: s, opens: true}, down: &lane{speed: s}, conns: map[net.Conn]bool{}}
	w.lead(target)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.carry(c) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		w.set(true)
		running.Wait()
	})
	return w
}

// set cuts the wire, with all that runs over it, or mends it.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	for c := range w.conns {
		if cut {
			_ = c.Close()
		}
	}
}

// lead has the wire lead to a server, from the next connection on.
func (w *wire) lead(target string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.target = strings.TrimPrefix(target, "http://")
}

// holds notes two ends that run over the wire, unless it is cut.
func (w *wire) holds(ends ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range ends {
		if w.cut {
			_ = c.Close()
		} else {
			w.conns[c] = true
		}
	}
	return !w.cut
}

func (w *wire) carry(near net.Conn) {
	w.mu.Lock()
	target := w.target
	w.mu.Unlock()
	far, err := net.Dial("tcp", target)
	if err != nil {
		_ = near.Close()
		return
	}
	if !w.holds(near, far) {
		return
	}
	var both sync.WaitGroup
	for _, way := range []struct {
		to, from net.Conn
		lane     *lane
	}{{near, far, w.down}, {far, near, w.up}} {
		both.Go(func() {
			way.lane.carry(way.to, way.from) // an end is an end, whoever made it
			_ = near.Close()
			_ = far.Close()
		})
	}
	both.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, near)
	delete(w.conns, far)
}
