package main

import (
	"sync"
	"time"

	"maru/backend/chaos/judge"
)

// recorder writes down what happens, in its order and by one clock. It is safe
// for concurrent use.
type recorder struct {
	begin time.Time

	mu    sync.Mutex
	lines []judge.Line
}

func newRecorder() *recorder { return &recorder{begin: time.Now()} }

func (r *recorder) add(l judge.Line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.T = time.Since(r.begin)
	r.lines = append(r.lines, l)
}

// all is what was written down so far.
func (r *recorder) all() []judge.Line {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines[:len(r.lines):len(r.lines)]
}
