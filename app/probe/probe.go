// Package probe looks at the connection of a chat and at the network under it:
// how long round trips took lately, when there was no connection, and which ways
// of getting messages work here, by trying them.
//
// It promises that every figure is measured, or marked as computed; that it
// writes nothing to any room; that it costs nothing while it is not open; and
// that it runs in a tab and natively alike. It must not know go-app or the
// rooms.
package probe

import (
	"context"
	"slices"
	"sync"
	"time"

	"maru/app/socketio"
	"maru/app/wire/event"
	"maru/app/wire/sio"
)

const (
	pingEvery   = 5 * time.Second
	pingTimeout = 10 * time.Second
)

// Probe watches one connection and tries others beside it. Its methods are safe
// for concurrent use, and none blocks.
type Probe struct {
	options socketio.Options
	manager *socketio.Manager
	history *History

	mu      sync.Mutex
	trials  [ways]Trial
	again   chan struct{}      // of the present Open: holds a token to try all ways
	changed func()             // of the present Open
	cancel  context.CancelFunc // nil: not open
	done    chan struct{}      // closed when what the last Open began has ended
}

// New makes a probe, and the manager of the connection that it watches. o is
// also how the ways are tried, but for its Memory and Observer, which are the
// connection's alone.
func New(o socketio.Options) *Probe {
	p := &Probe{history: newHistory()}
	o.Observer = p.history
	p.options, p.manager = o, socketio.New(o)
	for way := range ways {
		p.trials[way].Way = way
	}
	return p
}

// Manager returns the manager of the connection, for the chat to run.
func (p *Probe) Manager() *socketio.Manager { return p.manager }

// Recent returns the round trips and outages within the Window before now.
func (p *Probe) Recent(now time.Time) ([]Sample, []Outage) { return p.history.Recent(now) }

// Trials returns what is known of each way, in their order.
func (p *Probe) Trials() []Trial {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.trials[:])
}

// Open begins to look: it tries all ways once, and from now on sends a ping
// every five seconds, until Close. changed is called when there is something
// new to see, by several goroutines; it must not block. An open probe stays as it is.
func (p *Probe) Open(changed func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	before, done := p.done, make(chan struct{})
	again := make(chan struct{}, 1)
	p.changed, p.cancel, p.done, p.again = changed, cancel, done, again
	p.tryLocked()
	go func() {
		defer close(done)
		if before != nil {
			<-before
		}
		p.run(ctx, again)
	}()
}

// Close ends what Open began. What was seen stays.
func (p *Probe) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel == nil {
		return
	}
	p.cancel()
	p.cancel = nil
	for way := range ways {
		if p.trials[way].State == Trying {
			p.trials[way] = Trial{Way: way}
		}
	}
}

// Try tries all ways again, if the probe is open and not at it.
func (p *Probe) Try() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil && !slices.ContainsFunc(p.trials[:], func(t Trial) bool { return t.State == Trying }) {
		p.tryLocked()
	}
}

// tryLocked asks for a round of trials. All ways are shown as being tried from
// now on.
func (p *Probe) tryLocked() {
	for way := range ways {
		p.trials[way] = Trial{Way: way, State: Trying}
	}
	select {
	case p.again <- struct{}{}:
	default:
	}
}

func (p *Probe) run(ctx context.Context, again <-chan struct{}) {
	var running sync.WaitGroup
	defer running.Wait()
	running.Go(func() { p.ping(ctx) })
	for {
		select {
		case <-again:
			p.tryAll(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// tryAll tries one way after the other, so that none disturbs another.
func (p *Probe) tryAll(ctx context.Context) {
	for way := range ways {
		t := p.try(ctx, way)
		p.mu.Lock()
		if ctx.Err() != nil {
			p.mu.Unlock()
			return
		}
		p.trials[way] = t
		p.mu.Unlock()
		p.notify(ctx)
	}
}

// notify tells what Open was given, unless that has ended.
func (p *Probe) notify(ctx context.Context) {
	p.mu.Lock()
	changed := p.changed
	p.mu.Unlock()
	if ctx.Err() == nil {
		changed()
	}
}

// ping talks to the server's mirror over the watched connection. The history
// learns of each answer from the manager.
func (p *Probe) ping(ctx context.Context) {
	socket := p.manager.Socket(event.Echo, nil)
	var listening sync.WaitGroup
	defer listening.Wait()
	defer socket.Leave()
	connected := make(chan struct{}, 1)
	listening.Go(func() {
		for {
			e, err := socket.Next(ctx)
			if err != nil {
				return
			}
			if e.Kind == socketio.Connected {
				select {
				case connected <- struct{}{}:
				default:
				}
			}
		}
	})
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-connected:
		case <-tick.C:
		case <-ctx.Done():
		}
		once, cancel := context.WithTimeout(ctx, pingTimeout)
		_, _ = socket.Call(once, event.Send, sio.AppendString(nil, "ping")) // what is not answered is no sample
		cancel()
		p.notify(ctx)
	}
}
