package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"maru/backend/chaos/judge"
	"maru/backend/store/faultproxy"
)

// nemesis breaks things, in an order and for times that its seed decides: one
// stream of faults that hit processes, and beside it one that hits links.
type nemesis struct {
	rec    *recorder
	world  *world
	crowd  *crowd
	scale  float64       // of how long faults last
	calm   time.Duration // the longest pause between two faults of a stream
	failed func(error)
}

// fault is one kind of fault. It begins, lasts, and ends.
type fault struct {
	why    string
	weight int
	begin  func(n *nemesis, r *rand.Rand) (who string, end func() error)
	least  time.Duration // how long it lasts
	most   time.Duration
}

const ms = time.Millisecond

// ofProcesses are the faults that hit what runs.
func (n *nemesis) ofProcesses() []fault {
	faults := []fault{
		{"kill -9 of an instance", 6, (*nemesis).killOne, 100 * ms, 3000 * ms},
		{"SIGTERM of an instance", 4, (*nemesis).termOne, 0, 500 * ms},
		{"an instance paused", 2, (*nemesis).pauseOne, 500 * ms, 4000 * ms},
		{"kill -9 of all instances", 1, (*nemesis).killAll, 100 * ms, 2000 * ms},
	}
	if n.world.redis != nil {
		faults = append(faults,
			fault{"kill -9 of Redis", 3, (*nemesis).killRedis, 100 * ms, 3000 * ms},
			fault{"Redis restarted", 2, (*nemesis).restartRedis, 100 * ms, 2000 * ms},
			fault{"Redis paused", 2, (*nemesis).pauseRedis, 500 * ms, 4000 * ms})
	}
	return faults
}

// ofLinks are the faults that hit connections.
func (n *nemesis) ofLinks() []fault {
	var faults []fault
	for _, place := range []struct {
		name string
		pick func(*nemesis, *rand.Rand) (string, *faultproxy.Proxy)
	}{{"a person's", (*nemesis).linkOfPerson}, {"an instance's", (*nemesis).linkOfServer}, {"Redis'", (*nemesis).linkOfRedis}} {
		if place.name == "Redis'" && n.world.redis == nil {
			continue
		}
		hit := func(set func(*faultproxy.Proxy, *rand.Rand)) func(*nemesis, *rand.Rand) (string, func() error) {
			return func(n *nemesis, r *rand.Rand) (string, func() error) {
				who, link := place.pick(n, r)
				if link == nil {
					return "", nil
				}
				set(link, r)
				return who, func() error { mend(link); return nil }
			}
		}
		faults = append(faults,
			fault{place.name + " connections cut", 4, hit(func(l *faultproxy.Proxy, _ *rand.Rand) { l.Cut() }), 0, 0},
			fault{place.name + " replies lost", 2, hit(func(l *faultproxy.Proxy, _ *rand.Rand) { l.LoseReplies(0.2) }), 500 * ms, 3000 * ms},
			fault{place.name + " way in lost", 1, hit(func(l *faultproxy.Proxy, _ *rand.Rand) { l.Blackhole(true, false) }), 1000 * ms, 8000 * ms},
			fault{place.name + " way back lost", 1, hit(func(l *faultproxy.Proxy, _ *rand.Rand) { l.Blackhole(false, true) }), 1000 * ms, 8000 * ms},
			fault{place.name + " connections slow", 2, hit(func(l *faultproxy.Proxy, r *rand.Rand) { l.Delay(time.Duration(10+r.IntN(400)) * ms) }), 1000 * ms, 6000 * ms})
	}
	return faults
}

// play breaks things until ctx ends, and has everything whole when it returns.
func (n *nemesis) play(ctx context.Context, seed uint64) {
	var streams sync.WaitGroup
	for i, faults := range [][]fault{n.ofProcesses(), n.ofLinks()} {
		streams.Go(func() { n.stream(ctx, rand.New(rand.NewPCG(seed, uint64(i))), faults) })
	}
	streams.Wait()
	n.world.heal()
}

func (n *nemesis) stream(ctx context.Context, r *rand.Rand, faults []fault) {
	for n.pause(ctx, r, n.calm/4, n.calm) {
		f := choose(r, faults)
		who, end := f.begin(n, r)
		if end == nil {
			continue
		}
		n.rec.add(judge.Line{Op: judge.Fault, Who: who, Why: f.why})
		n.pause(ctx, r, scaled(f.least, n.scale), scaled(f.most, n.scale))
		if err := end(); err != nil {
			n.failed(fmt.Errorf("%s of %s: %w", f.why, who, err))
		}
		n.rec.add(judge.Line{Op: judge.Heal, Who: who, Why: f.why})
	}
}

// pause lets some time pass; false if the run is over.
func (n *nemesis) pause(ctx context.Context, r *rand.Rand, least, most time.Duration) bool {
	d := least + time.Duration(r.Float64()*float64(most-least))
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func scaled(d time.Duration, by float64) time.Duration { return time.Duration(float64(d) * by) }

func choose(r *rand.Rand, faults []fault) fault {
	sum := 0
	for _, f := range faults {
		sum += f.weight
	}
	at := r.IntN(sum)
	for _, f := range faults {
		if at -= f.weight; at < 0 {
			return f
		}
	}
	panic("unreachable: the weights were summed")
}

func (n *nemesis) server(r *rand.Rand) (string, server) {
	i := r.IntN(len(n.world.servers))
	return fmt.Sprint("instance", i+1), n.world.servers[i]
}

func (n *nemesis) killOne(r *rand.Rand) (string, func() error) {
	who, s := n.server(r)
	s.Kill()
	return who, func() error { return again(s) }
}

// supervision is for how long an instance is started again that does not start,
// as it may while it can't reach its Redis.
const supervision = 30 * time.Second

// again starts an instance as what supervises it would.
func again(s server) error {
	deadline := time.Now().Add(supervision)
	for {
		err := s.Start()
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

func (n *nemesis) termOne(r *rand.Rand) (string, func() error) {
	who, s := n.server(r)
	if err := s.Term(); err != nil {
		n.failed(err)
	}
	return who, func() error { return again(s) }
}

func (n *nemesis) pauseOne(r *rand.Rand) (string, func() error) {
	who, s := n.server(r)
	s.Pause()
	return who, func() error { s.Resume(); return nil }
}

func (n *nemesis) killAll(*rand.Rand) (string, func() error) {
	for _, s := range n.world.servers {
		s.Kill()
	}
	return "all", func() error {
		for _, s := range n.world.servers {
			if err := again(s); err != nil {
				return err
			}
		}
		return nil
	}
}

func (n *nemesis) killRedis(*rand.Rand) (string, func() error) {
	n.world.redis.Kill()
	return "redis", n.world.redis.Start
}

func (n *nemesis) restartRedis(*rand.Rand) (string, func() error) {
	n.world.redis.Shutdown()
	return "redis", n.world.redis.Start
}

func (n *nemesis) pauseRedis(*rand.Rand) (string, func() error) {
	n.world.redis.Pause()
	return "redis", func() error { n.world.redis.Resume(); return nil }
}

func (n *nemesis) linkOfPerson(r *rand.Rand) (string, *faultproxy.Proxy) {
	return n.crowd.link(r)
}

func (n *nemesis) linkOfServer(r *rand.Rand) (string, *faultproxy.Proxy) {
	i := r.IntN(len(n.world.toServer))
	return fmt.Sprint("instance", i+1), n.world.toServer[i]
}

func (n *nemesis) linkOfRedis(r *rand.Rand) (string, *faultproxy.Proxy) {
	i := r.IntN(len(n.world.toRedis))
	return fmt.Sprint("instance", i+1), n.world.toRedis[i]
}
