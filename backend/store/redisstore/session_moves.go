package redisstore

import (
	"context"
	"iter"
	mathrand "math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"maru/backend/store"
	"maru/backend/store/moves"
)

// channelOf is the channel of what a holder must hear. It is published to by
// scripts of sessions, which lie on any node, so in a Redis Cluster it can't be
// sharded: PUBLISH goes to all nodes there. A holder hears little, and no room's
// events go this way.
func (s *Store) channelOf(holder string) string { return s.keys.prefix + ":moves:" + holder }

// Moves implements store.Sessions, over one connection of its own.
func (s *Store) Moves(ctx context.Context, holder string) iter.Seq2[store.Move, error] {
	return func(yield func(store.Move, error) bool) {
		if err := store.CheckHolder(holder); err != nil {
			yield(store.Move{}, err)
			return
		}
		if !s.begin() {
			yield(store.Move{}, errClosed)
			return
		}
		defer s.running.Done()
		live, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(s.life, cancel)()
		queue := moves.New()
		e := &ear{s: s, channel: s.channelOf(holder), miss: queue.Miss, heard: func(payload string) { hearMove(queue, payload) }}
		// The caller runs, so Close waits for both.
		s.running.Go(func() { e.run(live) })
		queue.All(ctx, s.life.Done(), errClosed)(yield)
	}
}

// ear listens to a channel, for a Moves or a Signals. It hears that a connection is gone without a sign by
// the answers to pings, which come in the order of all else.
type ear struct {
	s       *Store
	channel string
	miss    func()       // something may have been missed
	heard   func(string) // what was published

	mu      sync.Mutex
	waiting bool // for the answer to a ping
}

// run connects, again and again, until ctx ends.
func (e *ear) run(ctx context.Context) {
	wait := redialFirst
	for ctx.Err() == nil {
		began := time.Now()
		e.session(ctx)
		if time.Since(began) > redialLast {
			wait = redialFirst
		}
		timer := time.NewTimer(wait/2 + mathrand.N(wait))
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		wait = min(2*wait, redialLast)
		if c, ok := e.s.client.(*redis.ClusterClient); ok {
			c.ReloadState(ctx)
		}
	}
}

// session is the life of one connection.
func (e *ear) session(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	ps := e.s.client.Subscribe(ctx)
	var receiving sync.WaitGroup
	defer func() {
		cancel()
		_ = ps.Close() // which ends receive
		receiving.Wait()
	}()
	if err := ps.Subscribe(ctx, e.channel); err != nil {
		return
	}
	e.mu.Lock()
	e.waiting = false
	e.mu.Unlock()
	receiving.Go(func() {
		defer cancel()
		e.receive(ctx, ps)
	})
	e.keep(ctx, ps)
}

// receive hands over what comes until the connection is gone.
func (e *ear) receive(ctx context.Context, ps *redis.PubSub) {
	for {
		msg, err := ps.Receive(ctx)
		if err != nil {
			return
		}
		switch msg := msg.(type) {
		case *redis.Subscription:
			// What comes from now on is heard, what came before may not have been.
			e.miss()
		case *redis.Message:
			e.heard(msg.Payload)
		case *redis.Pong:
			e.mu.Lock()
			e.waiting = false
			e.mu.Unlock()
		}
	}
}

// hearMove takes a turn and a session apart, as lua/session.lua joins them.
func hearMove(queue *moves.Queue, payload string) {
	digits, sid, _ := strings.Cut(payload, " ")
	turn, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || sid == "" {
		// Nothing of ours: let the holder ask what is true.
		queue.Miss()
		return
	}
	queue.Add(store.Move{SID: sid, Turn: turn})
}

// keep sends pings until one is not answered. In a Redis Cluster a node may
// lose what another one has published, without a sign: so there the holder asks
// at times what is true.
func (e *ear) keep(ctx context.Context, ps *redis.PubSub) {
	pings, belt := time.NewTicker(e.s.opt.tune.probe), time.NewTicker(e.s.opt.tune.belt)
	defer pings.Stop()
	defer belt.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-belt.C:
			if e.s.cluster {
				e.miss()
			}
		case <-pings.C:
			e.mu.Lock()
			silent := e.waiting && !e.s.opt.tune.noProbe
			e.waiting = true
			e.mu.Unlock()
			if silent || ps.Ping(ctx) != nil {
				return
			}
		}
	}
}
