package redisstore

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"maru/backend/store"
)

// The pace of a link.
const (
	probeEvery = 5 * time.Second
	beltEvery  = 30 * time.Second
)

// How long a link waits after its connection was lost, twice as long each time.
const (
	redialFirst = 50 * time.Millisecond
	redialLast  = 2 * time.Second
)

// checkStep is how many heads one pipeline reads.
const checkStep = 256

// errSilent: nothing comes over a connection that seems to be there.
var errSilent = errors.New("the probe has not come back")

// link is one subscriber's connection, and what is subscribed there.
//
// Redis forgets what it published to a connection that is gone, and a
// connection can be gone without a sign. So the heads of all rooms are compared
// with what was heard whenever a subscription begins, again or for the first
// time; every few seconds a probe is published to the link's own channel, and
// if it does not come back the connection is given up: since a connection keeps
// order, a probe that comes back tells that everything before it has come too.
// And at times all heads are compared without a reason.
type link struct {
	s     *Store
	probe string // the link's own channel

	mu     sync.Mutex
	feeds  map[string]*feed // by channel
	wanted map[string]bool  // what is to be subscribed (true) or not any more
	dirty  map[*feed]bool   // whose head is to be compared
	heard  string           // the probe that came back last
	alive  bool             // a subscription was confirmed in this session
	fresh  bool             // the connection is newer than the last probe

	wake  chan struct{} // wanted has changed
	check chan struct{} // dirty has changed
}

func newLink(s *Store, part int) *link {
	return &link{s: s, probe: s.keys.part(part, "probe:"+rand.Text()),
		feeds: map[string]*feed{}, wanted: map[string]bool{}, dirty: map[*feed]bool{},
		wake: make(chan struct{}, 1), check: make(chan struct{}, 1)}
}

// wantLocked has a channel subscribed, or not any more.
func (l *link) wantLocked(channel string, on bool) {
	l.wanted[channel] = on
	signal(l.wake)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run connects, again and again, until the Store is closed.
func (l *link) run() {
	wait := redialFirst
	for l.s.life.Err() == nil {
		if l.session() {
			wait = redialFirst
		}
		pause(l.s.life, wait)
		wait = min(2*wait, redialLast)
		if c, ok := l.s.client.(*redis.ClusterClient); ok {
			c.ReloadState(l.s.life)
		}
	}
}

// session is the life of one connection. It reports whether Redis answered.
func (l *link) session() (answered bool) {
	l.mu.Lock()
	l.alive = false
	l.mu.Unlock()
	ctx, cancel := context.WithCancel(l.s.life)
	ps := l.s.client.Subscribe(ctx)
	var parts sync.WaitGroup
	defer func() {
		cancel()
		_ = ps.Close() // which ends receive
		parts.Wait()
		l.mu.Lock()
		answered = l.alive
		l.mu.Unlock()
	}()
	if err := l.subscribe(ctx, ps, l.probe); err != nil {
		return false
	}
	l.mu.Lock()
	clear(l.wanted)
	for channel := range l.feeds {
		l.wanted[channel] = true
	}
	l.mu.Unlock()
	signal(l.wake)
	parts.Go(func() {
		defer cancel()
		l.receive(ctx, ps)
	})
	parts.Go(func() { l.compare(ctx) })
	_ = l.keep(ctx, ps, &parts) // whatever it was, the next session begins
	return false                // the deferred function knows
}

func (l *link) subscribe(ctx context.Context, ps *redis.PubSub, channels ...string) error {
	if l.s.cluster {
		return ps.SSubscribe(ctx, channels...)
	}
	return ps.Subscribe(ctx, channels...)
}

func (l *link) unsubscribe(ctx context.Context, ps *redis.PubSub, channels ...string) error {
	if l.s.cluster {
		return ps.SUnsubscribe(ctx, channels...)
	}
	return ps.Unsubscribe(ctx, channels...)
}

// keep subscribes what is wanted and sends probes, until something fails.
func (l *link) keep(ctx context.Context, ps *redis.PubSub, parts *sync.WaitGroup) error {
	probes, belt := time.NewTicker(l.s.opt.tune.probe), time.NewTicker(l.s.opt.tune.belt)
	defer probes.Stop()
	defer belt.Stop()
	sent := ""
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.wake:
			if err := l.change(ctx, ps); err != nil {
				return err
			}
		case <-belt.C:
			l.suspectAll()
		case <-probes.C:
			l.mu.Lock()
			back := l.heard == sent || l.fresh
			l.fresh = false
			l.mu.Unlock()
			if !back && !l.s.opt.tune.noProbe {
				return errSilent
			}
			nonce := rand.Text()
			sent = nonce
			parts.Go(func() { l.send(ctx, nonce) })
		}
	}
}

// send publishes a probe. If that fails it does not come back either.
func (l *link) send(ctx context.Context, nonce string) {
	ctx, cancel := context.WithTimeout(ctx, l.s.opt.tune.probe)
	defer cancel()
	if l.s.cluster {
		l.s.client.SPublish(ctx, l.probe, nonce)
	} else {
		l.s.client.Publish(ctx, l.probe, nonce)
	}
}

// change makes the subscriptions what is wanted.
func (l *link) change(ctx context.Context, ps *redis.PubSub) error {
	var on, off []string
	l.mu.Lock()
	for channel, want := range l.wanted {
		if want {
			on = append(on, channel)
		} else {
			off = append(off, channel)
		}
	}
	clear(l.wanted)
	l.mu.Unlock()
	if len(off) > 0 {
		if err := l.unsubscribe(ctx, ps, off...); err != nil {
			return err
		}
	}
	if len(on) > 0 {
		return l.subscribe(ctx, ps, on...)
	}
	return nil
}

// receive hands over what comes. When the connection is lost go-redis connects
// again and subscribes to what was subscribed; in a Redis Cluster that may be
// the wrong node by now, so there a new session looks for the right one.
func (l *link) receive(ctx context.Context, ps *redis.PubSub) {
	wait := time.Duration(0)
	for {
		msg, err := ps.Receive(ctx)
		if err != nil {
			if l.s.cluster || !pause(ctx, wait) {
				return
			}
			wait = min(max(2*wait, redialFirst), redialLast)
			continue
		}
		switch msg := msg.(type) {
		case *redis.Subscription:
			if wait = 0; msg.Kind == "subscribe" || msg.Kind == "ssubscribe" {
				l.confirm(msg.Channel)
			}
		case *redis.Message:
			l.hear(msg.Channel, msg.Payload)
		}
	}
}

// pause waits for about d, so that instances that lost the same Redis come back
// spread over time. It reports false if ctx has ended.
func pause(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d/2 + mathrand.N(d))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// confirm has the head of a room compared whose subscription has begun: what
// was said before may have been missed, what is said from now on will come.
func (l *link) confirm(channel string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.alive = true
	l.fresh = l.fresh || channel == l.probe
	if fd := l.feeds[channel]; fd != nil && !l.s.opt.tune.noHeadCheck {
		l.dirty[fd] = true
		signal(l.check)
	}
}

// suspectAll has all heads compared.
func (l *link) suspectAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, fd := range l.feeds {
		l.dirty[fd] = true
	}
	signal(l.check)
}

func (l *link) hear(channel, payload string) {
	l.mu.Lock()
	fd := l.feeds[channel]
	if channel == l.probe {
		l.heard = payload
	}
	l.mu.Unlock()
	if fd == nil {
		return
	}
	fr, err := parseFrame(payload)
	if err != nil {
		// Nothing of ours: let the log decide what there is.
		l.confirm(channel)
		return
	}
	fd.push(fr)
}

// compare compares the heads of dirty feeds with what they have heard.
func (l *link) compare(ctx context.Context) {
	for {
		select {
		case <-l.check:
		case <-ctx.Done():
			return
		}
		for feeds := l.takeDirty(); len(feeds) > 0; feeds = l.takeDirty() {
			heads, err := l.heads(ctx, feeds)
			for i, fd := range feeds {
				if err == nil {
					fd.suspect(heads[i])
				} else {
					// The followers try themselves, and go on trying.
					fd.doubt()
				}
			}
			if ctx.Err() != nil {
				return
			}
		}
	}
}

func (l *link) takeDirty() (feeds []*feed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for fd := range l.dirty {
		delete(l.dirty, fd)
		if feeds = append(feeds, fd); len(feeds) == checkStep {
			break
		}
	}
	return feeds
}

// heads reads the heads of feeds in one pipeline.
func (l *link) heads(ctx context.Context, feeds []*feed) ([]store.Pos, error) {
	pipe := l.s.client.Pipeline()
	cmds := make([]*redis.SliceCmd, len(feeds))
	for i, fd := range feeds {
		cmds[i] = pipe.HMGet(ctx, l.s.keys.of(fd.room, "m"), headFields...)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, err
	}
	heads := make([]store.Pos, len(feeds))
	for i, cmd := range cmds {
		var err error
		if heads[i], err = headOf(cmd.Val()); err != nil {
			return nil, err
		}
	}
	return heads, nil
}
