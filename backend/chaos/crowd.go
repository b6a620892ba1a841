package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"maru/backend/store/faultproxy"
)

// crowd is everybody who is there.
type crowd struct {
	rec    *recorder
	at     string // the balancer
	rooms  []string
	replay bool

	mu      sync.Mutex
	people  []member
	counted int
}

// member is somebody of the crowd, whatever client they have.
type member interface {
	id() string
	network() *faultproxy.Proxy
	enter(room string)
	exit(room string)
	write(room string)
	vanish()
	leave()
	wake(online bool)
	waits(heads map[string]int64) string
	seats() map[string]string                    // by room, as whom it is there
	sees(in map[string][]string, only bool) bool // whether it is shown all of these in its rooms, or all of these and nobody else
	people()
}

// add lets n-th people come, into all rooms.
func (c *crowd) add(make func(t *tap, n int, link *faultproxy.Proxy) member) error {
	link, err := faultproxy.Listen(c.at)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.counted++
	m := make(newTap(c.rec, c.replay), c.counted, link)
	c.people = append(c.people, m)
	c.mu.Unlock()
	for _, room := range c.rooms {
		m.enter(room)
	}
	return nil
}

func product(t *tap, n int, link *faultproxy.Proxy) member { return newPerson(t, n, link) }

func (c *crowd) all() []member {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]member(nil), c.people...)
}

// link picks somebody's network; nil if nobody is there.
func (c *crowd) link(r *rand.Rand) (string, *faultproxy.Proxy) {
	people := c.all()
	if len(people) == 0 {
		return "", nil
	}
	m := people[r.IntN(len(people))]
	return m.id(), m.network()
}

// habits are what people do, how often in a second each.
type habits struct {
	write  float64
	exit   float64
	flight float64 // loses and finds the network, and knows it
	vanish float64 // of the whole crowd
	until  time.Duration
}

// talk has everybody do what people do until ctx ends. Nobody leaves after
// h.until, when one leaves for good.
func (c *crowd) talk(ctx context.Context, seed uint64, h habits) {
	staying, cancel := context.WithTimeout(ctx, h.until)
	defer cancel()
	var talking sync.WaitGroup
	start := func(m member, stream uint64) {
		r := rand.New(rand.NewPCG(seed, stream))
		talking.Go(func() { c.habit(ctx, r, h.write, func() { m.write(c.rooms[r.IntN(len(c.rooms))]) }) })
		away := rand.New(rand.NewPCG(seed, stream+1))
		talking.Go(func() {
			c.habit(staying, away, h.exit, func() {
				room := c.rooms[away.IntN(len(c.rooms))]
				m.exit(room)
				if c.rest(staying, away, 2*time.Second) {
					m.enter(room)
				}
			})
		})
		lost := rand.New(rand.NewPCG(seed, stream+2))
		talking.Go(func() {
			c.habit(ctx, lost, h.flight, func() {
				m.wake(false)
				c.rest(ctx, lost, 2*time.Second)
				m.wake(true)
			})
		})
	}
	stream := uint64(100)
	for _, m := range c.all() {
		start(m, stream)
		stream += 10
	}
	r := rand.New(rand.NewPCG(seed, 50))
	talking.Go(func() {
		c.habit(staying, r, h.vanish, func() {
			c.replace(r)
			people := c.all()
			start(people[len(people)-1], stream)
			stream += 10
		})
	})
	talking.Go(func() {
		<-staying.Done()
		people := c.all()
		people[len(people)/2].exit(c.rooms[0]) // for good
	})
	talking.Wait()
}

// replace has somebody vanish, and somebody else come.
func (c *crowd) replace(r *rand.Rand) {
	c.mu.Lock()
	i := r.IntN(len(c.people))
	m := c.people[i]
	c.people = append(c.people[:i], c.people[i+1:]...)
	c.mu.Unlock()
	m.vanish()
	if err := c.add(product); err != nil {
		panic(fmt.Sprint("no port is left: ", err))
	}
}

// habit does something now and then, so many times a second on average.
func (c *crowd) habit(ctx context.Context, r *rand.Rand, rate float64, do func()) {
	for rate > 0 && c.rest(ctx, r, time.Duration(2*float64(time.Second)/rate)) {
		do()
	}
}

// rest lets up to most pass; false if the run is over.
func (c *crowd) rest(ctx context.Context, r *rand.Rand, most time.Duration) bool {
	timer := time.NewTimer(time.Duration(r.Float64() * float64(most)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
