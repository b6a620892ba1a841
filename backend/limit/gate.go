package limit

import "sync"

// Gate bounds how many are inside at once, of each key and in all. A nil Gate
// lets everybody in.
type Gate[K comparable] struct {
	each, all int

	mu     sync.Mutex
	inside map[K]int
	total  int
}

// NewGate returns a gate that lets in so many of each key, and so many in all;
// zero sets no bound.
func NewGate[K comparable](each, all int) *Gate[K] {
	return &Gate[K]{each: each, all: all, inside: make(map[K]int)}
}

// Enter lets one in, or not. Whoever was let in calls leave; only its first
// call counts.
func (g *Gate[K]) Enter(key K) (leave func(), ok bool) {
	if g == nil {
		return func() {}, true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.each > 0 && g.inside[key] >= g.each || g.all > 0 && g.total >= g.all {
		return nil, false
	}
	g.inside[key]++
	g.total++
	return sync.OnceFunc(func() { g.leave(key) }), true
}

func (g *Gate[K]) leave(key K) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total--
	if g.inside[key]--; g.inside[key] == 0 {
		delete(g.inside, key)
	}
}
