package judge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Figures are what a run was like, apart from whether it kept the promises.
type Figures struct {
	People       int
	Faults       map[string]int // by kind
	Sent         int            // messages that people wrote
	Acked        int            // of those, by the server's word or by their line
	Refused      int
	Given        int           // their sender left before it had an answer
	Ambiguous    int           // a try of theirs got no answer
	Deduplicated int           // of those, the ones that an earlier try had stored
	Stored       int           // lines of the logs, comings and goings included
	Soon         float64       // fraction of the acknowledged ones that were within a second
	Slowest      time.Duration // from writing to the ack
	Outages      int           // how often somebody lost the connection
	Outage       time.Duration // the longest one, as a client saw it
	OutageOf     string
	Recovery     time.Duration // from the last fault's end until everybody had everything
	// ByFault has, for each kind of fault, the messages written while it
	// lasted, and how many of them were acknowledged within a second.
	ByFault map[string]Share
	Whole   Share   // the same of those written while nothing was broken
	Broken  float64 // for which fraction of the time, until Calm, something was
}

// Share is how many of All are Soon.
type Share struct{ All, Soon int }

// soon is what a person takes for at once, or nearly.
const soon = time.Second

// Measure gathers the figures of a history.
func Measure(lines []Line) Figures {
	c := &check{lines: lines, rooms: map[string]*room{}, sends: map[string]*sent{}}
	c.readLogs()
	c.readSends()
	f := Figures{Faults: map[string]int{}, ByFault: map[string]Share{}}
	for _, r := range c.rooms {
		f.Stored += len(r.log)
	}
	people := map[string]bool{}
	active := map[string]int{}
	var broken, last, calm time.Duration
	for _, l := range lines {
		if calm == 0 && len(active) > 0 {
			broken += l.T - last
		}
		last = l.T
		switch l.Op {
		case Enter:
			people[l.Who] = true
		case Fault:
			f.Faults[l.Why]++
			active[l.Why]++
		case Heal:
			if active[l.Why]--; active[l.Why] == 0 {
				delete(active, l.Why)
			}
		case Calm:
			calm = l.T
		case Send:
			f.count(c.sends[l.Text], active)
		}
	}
	if calm > 0 {
		f.Broken = broken.Seconds() / calm.Seconds()
	}
	f.People = len(people)
	f.stored(c)
	f.outages(lines)
	return f
}

// count takes one message, which was written while the faults of active lasted.
func (f *Figures) count(s *sent, active map[string]int) {
	took := s.acked - s.T
	f.Sent++
	if len(active) == 0 {
		f.Whole.All++
		if s.acked > 0 && took <= soon {
			f.Whole.Soon++
		}
	}
	for why := range active {
		share := f.ByFault[why]
		share.All++
		if s.acked > 0 && took <= soon {
			share.Soon++
		}
		f.ByFault[why] = share
	}
	switch {
	case s.acked > 0:
		f.Acked++
		f.Slowest = max(f.Slowest, took)
		if took <= soon {
			f.Soon++
		}
	case s.refused:
		f.Refused++
	case s.given:
		f.Given++
	}
}

// stored counts what needed more than one try.
func (f *Figures) stored(c *check) {
	if f.Acked > 0 {
		f.Soon /= float64(f.Acked)
	}
	for _, s := range c.sends {
		if !s.info {
			continue
		}
		f.Ambiguous++
		r := c.room(s.Room)
		if seq := r.ids[s.ID]; seq > 0 && s.tries > 1 && r.log[r.at[seq]].At < s.lastTry {
			f.Deduplicated++
		}
	}
}

func (f *Figures) outages(lines []Line) {
	since := map[string]time.Duration{}
	var calm time.Duration
	for _, l := range lines {
		switch l.Op {
		case Down:
			since[l.Who] = l.T
		case Vanish:
			delete(since, l.Who)
		case Up:
			if from, was := since[l.Who]; was {
				delete(since, l.Who)
				f.Outages++
				if took := l.T - from; took > f.Outage {
					f.Outage, f.OutageOf = took, l.Who
				}
			}
		case Calm:
			calm = l.T
		case Whole:
			f.Recovery = max(f.Recovery, l.T-calm)
		}
	}
}

func (f Figures) String() string {
	var b strings.Builder
	total := 0
	for _, n := range f.Faults {
		total += n
	}
	fmt.Fprintf(&b, "faults             %d, something was broken %.0f %% of the time\n", total, 100*f.Broken)
	for _, kind := range slices.Sorted(maps.Keys(f.Faults)) {
		fmt.Fprintf(&b, "  %-28s %4d", kind, f.Faults[kind])
		if s := f.ByFault[kind]; s.All > 0 {
			fmt.Fprintf(&b, "   while it lasted %5.1f %% of %d messages acknowledged within 1 s", 100*float64(s.Soon)/float64(s.All), s.All)
		}
		b.WriteByte('\n')
	}
	if s := f.Whole; s.All > 0 {
		fmt.Fprintf(&b, "  while nothing was broken %5.1f %% of %d messages acknowledged within 1 s\n", 100*float64(s.Soon)/float64(s.All), s.All)
	}
	fmt.Fprintf(&b, "people             %d\n", f.People)
	fmt.Fprintf(&b, "messages written   %d\n", f.Sent)
	fmt.Fprintf(&b, "  acknowledged     %d, %.2f %% of them within 1 s, the slowest after %v\n", f.Acked, 100*f.Soon, f.Slowest.Round(time.Millisecond))
	fmt.Fprintf(&b, "  refused          %d\n", f.Refused)
	fmt.Fprintf(&b, "  given up         %d (their writer left before the answer)\n", f.Given)
	fmt.Fprintf(&b, "  ambiguous        %d (a try got no answer), %d of them had been stored, and were deduplicated\n", f.Ambiguous, f.Deduplicated)
	fmt.Fprintf(&b, "lines in the logs  %d\n", f.Stored)
	fmt.Fprintf(&b, "outages            %d, the longest %v (%s)\n", f.Outages, f.Outage.Round(time.Millisecond), f.OutageOf)
	fmt.Fprintf(&b, "recovery           everybody had everything %v after the last fault\n", f.Recovery.Round(time.Millisecond))
	return b.String()
}
