package probe

import (
	"slices"
	"sync"
	"time"
)

// Window is how far back a History looks.
const Window = 5 * time.Minute

// Most that a History keeps; what is over goes from the oldest on.
const (
	maxSamples = 1024
	maxOutages = 256
)

// opening is how long the first connection may take before the time without it
// counts as an outage.
const opening = 3 * time.Second

// Sample is one round trip: when its answer came, and how long it took.
type Sample struct {
	At  time.Time
	RTT time.Duration
}

// Outage is a time without a connection. To is zero while it lasts.
type Outage struct{ From, To time.Time }

// History is what the last minutes were like. It is a socketio.Observer, and
// safe for concurrent use. It begins with newHistory, without a connection.
type History struct {
	mu      sync.Mutex
	samples []Sample
	outages []Outage
	begun   bool // there has been a connection
}

func newHistory() *History {
	return &History{outages: []Outage{{From: time.Now()}}}
}

// Answered takes a round trip that has ended now.
func (h *History) Answered(took time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.samples = append(h.samples, Sample{time.Now(), took})
	h.samples = h.samples[max(len(h.samples)-maxSamples, 0):]
}

// Connected takes that the connection has come, or gone, now.
func (h *History) Connected(up bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	last := len(h.outages) - 1
	down := last >= 0 && h.outages[last].To.IsZero()
	switch {
	case up && down && h.openingLocked(time.Now()):
		h.outages = nil
	case up && down:
		h.outages[last].To = time.Now()
	case !up && !down:
		h.outages = append(h.outages, Outage{From: time.Now()})
		h.outages = h.outages[max(len(h.outages)-maxOutages, 0):]
	}
	h.begun = h.begun || up
}

// openingLocked tells whether the first connection is on its way still.
func (h *History) openingLocked(now time.Time) bool {
	return !h.begun && now.Sub(h.outages[0].From) < opening
}

// Recent copies what lies within the Window before now, oldest first. An outage
// that began before it is cut; one that lasts ends now.
func (h *History) Recent(now time.Time) (samples []Sample, outages []Outage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	from := now.Add(-Window)
	for i, s := range h.samples {
		if !s.At.Before(from) {
			samples = slices.Clone(h.samples[i:])
			break
		}
	}
	if h.openingLocked(now) {
		return samples, nil
	}
	for _, o := range h.outages {
		if o.To.IsZero() {
			o.To = now
		}
		if o.To.After(from) {
			outages = append(outages, Outage{latest(o.From, from), o.To})
		}
	}
	return samples, outages
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Figures sums up round trips. All are zero if there are none.
type Figures struct {
	Shortest, Median, Longest time.Duration
	Count                     int
}

// Sum sums up the round trips of samples.
func Sum(samples []Sample) Figures {
	if len(samples) == 0 {
		return Figures{}
	}
	all := make([]time.Duration, len(samples))
	for i, s := range samples {
		all[i] = s.RTT
	}
	slices.Sort(all)
	return Figures{all[0], median(all), all[len(all)-1], len(all)}
}

// median returns the middle of durations in ascending order, or the mean of the
// two in the middle.
func median(sorted []time.Duration) time.Duration {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
