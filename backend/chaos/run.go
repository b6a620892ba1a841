package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"maru/backend/chaos/judge"
)

// plan is what a run is to be.
type plan struct {
	Seed      uint64
	Duration  time.Duration // of the faults
	Binary    string
	Store     string
	Instances int
	People    int // with the product's own client
	Stock     int // with a client that knows Socket.IO alone
	Rooms     int
	Rate      float64 // messages a second of all together
	Replay    bool    // GETs whose connection broke off are sent again below Engine.IO, as many proxies and browsers do
	History   string  // a file for the history, whatever came of it; empty: none
	Keep      string  // where the history goes of a run that breaks a promise
	Out       io.Writer

	habits habits
	scale  float64       // of how long faults last
	calm   time.Duration // the longest pause between two faults
}

// withDefaults sets what people and faults are like: in a short run there is
// more of everything.
func (p plan) withDefaults() plan {
	p.scale, p.calm = 1, 8*time.Second
	p.habits = habits{write: p.Rate / float64(p.People+p.Stock), exit: 0.03, flight: 0.03, vanish: 0.1, until: p.Duration - quiet}
	if p.Duration <= quiet {
		p.scale, p.calm, p.habits.vanish, p.habits.until = 0.5, 1500*time.Millisecond, 0.3, p.Duration
	}
	return p
}

const (
	arrival  = 30 * time.Second // within which everybody must be in the rooms at first
	recovery = 20 * time.Second // within which everybody must have everything at last
	// linger is how long the server may take somebody for present whose
	// connection is gone without a word: the heartbeat's patience (45 s), the
	// lease (30 s), and the time between two sweeps.
	linger = 90 * time.Second
	// quiet is how long before a run's end nobody leaves any more, and settle
	// how long it lasts after it: so each leave is old enough to be looked at.
	quiet  = 60 * time.Second
	settle = 35 * time.Second
)

// errBroken tells that a promise was broken; the report says which.
var errBroken = errors.New("promises were broken")

// chaos does a whole run and prints its report.
func chaos(ctx context.Context, p plan) (err error) {
	p = p.withDefaults()
	folder, err := os.MkdirTemp("", "maru-chaos-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	w, err := newWorld(folder, p.Binary, p.Store, p.Instances, p.Replay)
	defer func() { err = errors.Join(err, w.Close()) }()
	if err != nil {
		return err
	}
	lines, runErr := w.play(ctx, p)
	var found []judge.Violation
	if complete(lines) {
		found = judge.Check(lines, judge.Options{Linger: linger, Recovery: recovery})
	}
	report(p, lines, found)
	if p.History != "" {
		runErr = errors.Join(runErr, save(p.History, lines))
	}
	if len(found) > 0 || runErr != nil {
		err = keep(p, folder, lines)
	}
	if len(found) > 0 {
		runErr = errors.Join(errBroken, runErr)
	}
	return errors.Join(runErr, err)
}

// complete tells that a history has an end by which it can be judged.
func complete(lines []judge.Line) bool {
	return len(lines) > 0 && lines[len(lines)-1].Op == judge.End
}

// play lets people talk while things break, heals all, and writes down the
// end. The history is worth reading whatever the error.
func (w *world) play(ctx context.Context, p plan) ([]judge.Line, error) {
	rec := newRecorder()
	c := &crowd{rec: rec, at: w.balancer.Addr(), replay: w.replay}
	for n := range p.Rooms {
		c.rooms = append(c.rooms, fmt.Sprintf("room%d", n+1))
	}
	defer func() {
		for _, m := range c.all() {
			m.leave()
		}
	}()
	for n := range p.People + p.Stock {
		kind := product
		if n >= p.People {
			kind = stock
		}
		if err := c.add(kind); err != nil {
			return rec.all(), err
		}
	}
	if _, err := c.well(ctx, arrival, nil, nil); err != nil {
		return rec.all(), fmt.Errorf("before anything was broken: %w", err)
	}
	err := w.breakThings(ctx, p, c)
	err = errors.Join(err, w.finish(ctx, p, c))
	return rec.all(), err
}

// breakThings is the part of the run in which things break.
func (w *world) breakThings(ctx context.Context, p plan, c *crowd) error {
	var mu sync.Mutex
	var errs []error
	failed := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}
	run, cancel := context.WithTimeout(ctx, p.Duration)
	defer cancel()
	n := &nemesis{rec: c.rec, world: w, crowd: c, scale: p.scale, calm: p.calm, failed: failed}
	var both sync.WaitGroup
	both.Go(func() { n.play(run, p.Seed) })
	both.Go(func() { c.talk(run, p.Seed, p.habits) })
	both.Wait()
	for i, s := range w.servers {
		if s.Died() {
			failed(fmt.Errorf("instance%d ended by itself", i+1))
		}
	}
	return errors.Join(errs...)
}

// finish waits until everybody is well, and writes down what everybody and
// every instance says in the end.
func (w *world) finish(ctx context.Context, p plan, c *crowd) error {
	c.rec.add(judge.Line{Op: judge.Calm})
	for _, m := range c.all() {
		m.wake(true) // as a browser says when the network is back
	}
	if _, err := c.well(ctx, recovery*2, nil, nil); err != nil {
		err = fmt.Errorf("after everything was whole: %w", err)
		return errors.Join(err, w.readAll(ctx, c))
	}
	heads, err := w.heads(ctx, c.rooms)
	if err != nil {
		return err
	}
	_, err = c.well(ctx, recovery, heads, func(m member) { c.rec.add(judge.Line{Op: judge.Whole, Who: m.id()}) })
	if err == nil && p.Duration > quiet {
		timer := time.NewTimer(settle)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	c.listed(ctx)
	for _, m := range c.all() {
		m.people()
	}
	return errors.Join(err, w.readAll(ctx, c))
}

// listed waits until everybody is shown everybody, for as long as that may take, and
// then a moment for those to go from the lists who are gone. Whether they are right, is
// for the judge to say.
func (c *crowd) listed(ctx context.Context) {
	c.list(ctx, recovery, false)
	c.list(ctx, beats, true)
}

// beats is time for people to be told of others several times. Some of the lists that
// were told last may be from before.
const beats = 2 * time.Second

func (c *crowd) list(ctx context.Context, within time.Duration, only bool) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		in := map[string][]string{}
		for _, m := range c.all() {
			for room, user := range m.seats() {
				if !slices.Contains(in[room], user) {
					in[room] = append(in[room], user)
				}
			}
		}
		all := true
		for _, m := range c.all() {
			all = all && m.sees(in, only)
		}
		if all {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// well waits until nobody lacks anything; done is told who does not.
func (c *crowd) well(ctx context.Context, within time.Duration, heads map[string]int64, done func(member)) (time.Duration, error) {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	ok := map[string]bool{}
	for {
		lacks := ""
		for _, m := range c.all() {
			if ok[m.id()] {
				continue
			}
			if l := m.waits(heads); l != "" {
				lacks = m.id() + " lacks " + l
				continue
			}
			ok[m.id()] = true
			if done != nil {
				done(m)
			}
		}
		if lacks == "" {
			return time.Since(begin), nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%s after %v", lacks, within)
		case <-tick.C:
		}
	}
}

// report prints what the run was like, and what it broke.
func report(p plan, lines []judge.Line, found []judge.Violation) {
	fmt.Fprintf(p.Out, "seed               %d\n", p.Seed)
	fmt.Fprintf(p.Out, "duration           %v, %d instances on %s, %d people and %d stock clients in %d rooms\n",
		p.Duration, p.Instances, p.Store, p.People, p.Stock, p.Rooms)
	fmt.Fprint(p.Out, judge.Measure(lines))
	fmt.Fprintf(p.Out, "violations         %d\n", len(found))
	for _, v := range found {
		fmt.Fprintln(p.Out, " ", v)
	}
}

func save(file string, lines []judge.Line) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(judge.Write(f, lines), f.Close())
}

// keep writes down the history of a run that went wrong, with what the
// instances said.
func keep(p plan, folder string, lines []judge.Line) error {
	to := filepath.Join(p.Keep, fmt.Sprintf("seed-%d", p.Seed))
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	err := save(filepath.Join(to, "history.jsonl"), lines)
	logs, _ := filepath.Glob(folder + "/*.log") // the pattern is right
	for _, name := range logs {
		said, readErr := os.ReadFile(name)
		err = errors.Join(err, readErr, os.WriteFile(filepath.Join(to, filepath.Base(name)), said, 0o600))
	}
	fmt.Fprintf(p.Out, "\nThe history is in %s; `go run ./backend/chaos judge %s/history.jsonl` looks at it again.\n", to, to)
	fmt.Fprintf(p.Out, "Run it again with: make chaos SEED=%d DURATION=%v\n", p.Seed, p.Duration)
	return err
}
