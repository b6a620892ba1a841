package redisstore

import (
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"maru/backend/store"
	"maru/backend/store/faultproxy"
	"maru/backend/store/redisstore/redistest"
	"maru/backend/store/storetest"
)

// quick are checks that tests need not wait for; nothing but them, since the
// belt would mend what they miss.
var quick = tune{probe: 150 * time.Millisecond, belt: time.Hour}

// durable are the options of a server that loses nothing it has acknowledged.
var durable = []string{"--appendonly", "yes", "--appendfsync", "always"}

// rig is a store behind a proxy, and a client that goes straight to its server.
type rig struct {
	server *redistest.Server
	proxy  *faultproxy.Proxy
	direct *redis.Client
}

func newRig(t testing.TB, args ...string) *rig {
	t.Helper()
	r := &rig{server: redistest.Start(t, args...)}
	var err error
	if r.proxy, err = faultproxy.Listen(r.server.Addr()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	r.direct = dial(t, r.server)
	return r
}

// dial is a client of a server until the end of t.
func dial(t testing.TB, s *redistest.Server) *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: s.Addr(), Protocol: 2, DisableIdentity: true})
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (r *rig) open(t testing.TB, how tune) *Store {
	return open(t, "redis://"+r.proxy.Addr(), Options{tune: how})
}

// blackhole swallows what is published, on the connections that are there.
func (r *rig) blackhole() {
	r.proxy.Only("subscribe")
	r.proxy.Hold()
}

func (r *rig) do(t *testing.T, args ...any) {
	t.Helper()
	if err := r.direct.Do(t.Context(), args...).Err(); err != nil {
		t.Errorf("%v: %v", args, err)
	}
}

// failover has a replica take over that lacks what lose has written. The
// replica becomes the rig's server.
func (r *rig) failover(t *testing.T, lose func()) {
	t.Helper()
	replica := redistest.Start(t, append(durable, "--replicaof", "127.0.0.1 "+strconv.Itoa(r.server.Port()))...)
	r.replicated(t)
	to := dial(t, replica)
	if err := to.Do(t.Context(), "REPLICAOF", "NO", "ONE").Err(); err != nil {
		t.Fatal(err)
	}
	lose()
	r.proxy.Target(replica.Addr())
	r.server.Kill(t)
	r.server, r.direct = replica, to
}

// replicated returns when a replica has everything.
func (r *rig) replicated(t *testing.T) {
	t.Helper()
	// Once is not enough: what was written before the first replica came has no
	// place in the stream that the replica could be behind.
	for began, times := time.Now(), 0; times < 2; {
		// On one connection: it waits for what that one has written.
		pipe := r.direct.Pipeline()
		pipe.Set(t.Context(), "replicated", 1, 0)
		waited := pipe.Do(t.Context(), "WAIT", 1, 1000)
		_, err := pipe.Exec(t.Context())
		n, waiting := waited.Int()
		if err != nil || waiting != nil || time.Since(began) > wait {
			t.Fatalf("%d replicas, %v, %v", n, err, waiting)
		}
		if n > 0 {
			times++
		}
	}
}

func TestFaults(t *testing.T) {
	storetest.RunFaults(t, func(t *testing.T) (store.Store, storetest.Faults) {
		r := newRig(t, durable...)
		return r.open(t, quick), storetest.Faults{
			Cut:         func() { r.proxy.Cut() },
			LoseReplies: r.proxy.LoseReplies,
			Delay:       r.proxy.Delay,
			Blackhole:   r.blackhole,
			Stall:       func(on bool) { r.proxy.Blackhole(on, on) },
			Restart: func() {
				r.server.Kill(t)
				r.server.Restart(t)
			},
			Wipe:     func() { r.do(t, "FLUSHALL") },
			Failover: func(lose func()) { r.failover(t, lose) },
		}
	})
}
