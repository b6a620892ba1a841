// Package redisstore keeps rooms and notes in Redis, for any number of servers
// that share them. It needs Redis 6.2 (a Redis Cluster: 7.0) or newer: one
// server, one behind Sentinel, or a Redis Cluster.
//
// It promises the laws of package store. Every write is one Lua script, so it
// happens whole or not at all (https://redis.io/docs/latest/develop/interact/programmability/eval-intro/),
// and time is Redis' own, so that instances need not agree on it. What a
// successful write has survived depends on how Redis is set up: see Durability.
//
// It must not know chat rules or sockets.
package redisstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"maru/backend/store"
)

// The defaults of zero Options.
const (
	defaultPrefix         = "maru"
	defaultReplicaTimeout = time.Second
)

var errClosed = fmt.Errorf("redisstore: closed: %w", store.ErrUnavailable)

// Options are the settings of a Store. The zero value is ready for use. What
// the URL given to Open says counts more.
type Options struct {
	// Prefix begins the name of every key and channel, so that one Redis can
	// serve several; empty means "maru". It has no brace in it.
	Prefix string

	// Replicas is how many replicas must have a write before it counts as done
	// (the WAIT command); 0 asks none. A Redis Cluster takes 0 only.
	Replicas int
	// ReplicaTimeout is how long a write waits for them; 0 means a second.
	ReplicaTimeout time.Duration

	// Synced says that Redis syncs every write to its disk before it answers,
	// where Open can't see that for itself: see Store.Durability.
	Synced bool

	// Now is the clock, for tests; nil means that of Redis. It must be safe
	// for concurrent use.
	Now func() time.Time

	tune tune
}

// tune is what tests set, to see what becomes of a store that lacks something.
type tune struct {
	probe, belt          time.Duration // zero: probeEvery, beltEvery
	noProbe, noHeadCheck bool
	trust                bool // what was announced is yielded, whatever it joins on to
}

// Store is a store.Store in Redis. Use Open to make one.
type Store struct {
	opt        Options
	client     redis.UniversalClient
	cluster    bool
	keys       keys
	durability store.Durability

	append *script        // scriptAppend, but for tests
	queue  chan appending // to the flusher
	hub    *hub

	life    context.Context // ends with Close
	end     context.CancelFunc
	closing sync.RWMutex // held for reading while a call is counted in running
	running sync.WaitGroup
	close   func() error
}

// Open opens the Redis at address, and fails if it can't be reached before ctx
// ends. These are addresses; in each rediss:// instead of redis:// means TLS:
//
//	redis://[user:password@]host[:port][/database]
//	redis+sentinel://[user:password@]host[:26379][/database]?master=NAME
//	redis+cluster://[user:password@]host[:port]
//	unix:///path/of/the/socket
//
// The parameters addr=host:port, which may be repeated, name more Sentinels or
// nodes; sentinel_username and sentinel_password are for the Sentinels. prefix,
// replicas, replica_timeout and synced=true are those of Options, and all others those of
// go-redis (pool_size, dial_timeout, read_timeout, skip_verify, …).
//
// An error never has the password in it.
func Open(ctx context.Context, address string, o Options) (*Store, error) {
	t, err := parse(address, o)
	if err != nil {
		return nil, fmt.Errorf("redisstore: %w", err)
	}
	logging.Disable() // whatever fails is an error of the call that it failed
	s := &Store{opt: t.Options, client: t.client(), cluster: t.cluster != nil, keys: keys{t.Prefix},
		append: scriptAppend, queue: make(chan appending, maxBatch)}
	if s.opt.tune.probe == 0 {
		s.opt.tune.probe = probeEvery
	}
	if s.opt.tune.belt == 0 {
		s.opt.tune.belt = beltEvery
	}
	s.hub = &hub{s: s, links: map[int]*link{}}
	s.life, s.end = context.WithCancel(context.Background())
	s.close = sync.OnceValue(s.shut)
	if _, err := s.touch(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("redisstore: Redis can't be reached, or takes no writes: %w", err), s.Close())
	}
	s.durability = s.probeDurability(ctx)
	s.running.Add(1)
	go s.flush()
	return s, nil
}

// Ping implements store.Store. It writes, so that a Redis that only answers (a
// replica, one that is full or can't save) is not taken for one that works.
func (s *Store) Ping(ctx context.Context) error {
	_, err := call(ctx, s, "ping", "", s.touch)
	return err
}

func (s *Store) touch(ctx context.Context) (string, error) {
	return s.client.Set(ctx, s.opt.Prefix+":ping", 1, 0).Result()
}

// Close implements store.Store.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	s.closing.Lock()
	s.end()
	s.closing.Unlock()
	err := s.client.Close()
	s.running.Wait()
	return err
}

// begin counts something that runs, which Close waits for until
// s.running.Done. It reports false once the Store is closed.
func (s *Store) begin() bool {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.life.Err() != nil {
		return false
	}
	s.running.Add(1)
	return true
}

// call calls ask and returns its result, or returns as soon as ctx ends or the
// Store is closed: go-redis heeds deadlines, but not that a context is
// cancelled. What ask returns then is dropped, so ask shares no variables with
// its caller. Errors of ask come back as fault makes them.
func call[T any](ctx context.Context, s *Store, verb, room string, ask func(context.Context) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if !s.begin() {
		return none, errClosed
	}
	answers := make(chan answer, 1)
	go func() {
		defer s.running.Done()
		value, err := ask(ctx)
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return none, s.fault(ctx, verb, room, a.err)
		}
		return a.value, nil
	case <-ctx.Done():
		return none, ctx.Err()
	case <-s.life.Done():
		return none, errClosed
	}
}

// answers are the errors that a script's answer means; they pass as they are.
var answers = []error{store.ErrInvalid, store.ErrConflict, store.ErrNoTarget, store.ErrTooMany,
	store.ErrNameTaken, store.ErrReset, store.ErrTrimmed, store.ErrNoSession, store.ErrBusy, store.ErrLostTurn}

// fault is the error of a call that failed. Whatever Redis or the network says
// that is no answer (no connection, LOADING, READONLY, OOM, BUSY, MASTERDOWN,
// TRYAGAIN, CLUSTERDOWN, NOREPLICAS, MISCONF, a time-out) leaves the outcome
// unknown: ErrUnavailable. If ctx has ended, that is the reason.
func (s *Store) fault(ctx context.Context, verb, room string, err error) error {
	for _, answer := range answers {
		if errors.Is(err, answer) {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.life.Err() != nil:
		return errClosed
	// The deadline of ctx may end the call a moment before it ends ctx.
	case errors.Is(err, context.DeadlineExceeded) && past(ctx):
		return context.DeadlineExceeded
	}
	return fmt.Errorf("redisstore: %s %q: %w: %w", verb, room, store.ErrUnavailable, err)
}

func past(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && !time.Now().Before(deadline.Add(-10*time.Millisecond))
}

// now is the argument that tells a script the time: empty for Redis' own.
func (s *Store) now() any {
	if s.opt.Now == nil {
		return ""
	}
	return s.opt.Now().UnixMilli()
}

// local is the time here when it is then where now is the time, both in
// milliseconds of the clock that scripts have.
func (s *Store) local(now, then int64) time.Time {
	here := time.Now
	if s.opt.Now != nil {
		here = s.opt.Now
	}
	return here().Truncate(time.Millisecond).Add(time.Duration(then-now) * time.Millisecond)
}

// IsAddress reports whether address is of a form that Open takes.
func IsAddress(address string) bool {
	scheme, _, ok := strings.Cut(address, "://")
	switch scheme {
	case "redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster", "unix":
		return ok
	}
	return false
}
