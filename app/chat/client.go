package chat

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"maru/app/socketio"
	"maru/app/wire/event"
)

// Storage keeps small things over reloads. Get gives "" for what is not there.
// A Storage that forgets is allowed.
type Storage interface {
	Get(key string) string
	Set(key, value string)
}

// tokenKey is where the signed token is kept that makes this device known.
const tokenKey = "maru.token"

// Config is what a Client needs. All of it is required but for what is said to
// be otherwise.
type Config struct {
	Manager   *socketio.Manager
	Storage   Storage             // of the device
	NewID     func() string       // unguessable and never the same twice
	Now       func() time.Time    // the clock of pending messages
	Lang      func() string       // the language that refusals may come in
	Version   string              // of this app; empty: not compared
	Keep      Keep                // of rooms, for when there is no network; nil: nothing is kept
	Shelf     Shelf               // of messages and changes that are not sent; nil: they end with the client
	Normalize func(string) string // gives a text its NFKC, for Find; nil: texts are compared as they are
	Lock      Lock                // lets one tab alone send; nil: there are no others
}

// Client is one person's side of the chat: rooms it wants to be in, their
// timelines and outboxes. It is safe for concurrent use; no method blocks on
// the network, so all may be called from a UI handler.
type Client struct {
	cfg     Config
	socket  *socketio.Socket
	changed chan struct{}
	ctx     context.Context // of Run: what is started ends with it
	running sync.WaitGroup

	mu      sync.Mutex
	rooms   map[string]*room
	order   []string
	update  bool
	welcome event.Welcome // the server's last one, without its token
	online  bool          // the namespace is connected
	brought string        // the token of the last CONNECT

	glance   Glance
	peeking  bool // it is being asked for
	peekedAt time.Time

	passing passing
	paused  map[string]string // by the room that was given up for now: one's name there

	found    Findings
	stopFind func() // nobody looks for it any more
	findNext func() // looks for older ones

	lastAt  int64      // when the last message was written, ms since 1970
	drops   []string   // rooms to be forgotten
	keeping bool       // what changed will be kept soon
	writing sync.Mutex // held while the keep is written to; before mu
}

// New makes a client. Nothing happens before Run.
func New(cfg Config) *Client {
	if cfg.Shelf == nil {
		cfg.Shelf = memoryShelf{}
	}
	c := &Client{cfg: cfg, changed: make(chan struct{}, 1), rooms: map[string]*room{}}
	c.socket = cfg.Manager.Socket(event.Chat, c.auth)
	return c
}

func (c *Client) auth() []byte {
	token := c.cfg.Storage.Get(tokenKey)
	c.mu.Lock()
	c.brought = token
	c.mu.Unlock()
	return event.Auth{Token: token, Keeps: true, Lang: c.cfg.Lang()}.Append(nil)
}

// Run talks to the server until ctx ends, and then waits for what it started.
func (c *Client) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	c.mu.Lock()
	c.ctx = ctx
	for _, r := range c.rooms {
		c.loadLocked(r)
	}
	c.mu.Unlock()
	defer c.running.Wait()
	defer stop()
	if c.cfg.Keep != nil {
		c.running.Go(func() { c.tidyKeep(ctx) })
	}
	c.running.Go(func() { c.cfg.Manager.Run(ctx) })
	c.running.Go(func() { c.watchLink(ctx) })
	for {
		e, err := c.socket.Next(ctx)
		if err != nil {
			return err
		}
		c.take(e)
		c.notify()
	}
}

func (c *Client) watchLink(ctx context.Context) {
	for {
		select {
		case <-c.cfg.Manager.Changed():
			c.notify()
		case <-ctx.Done():
			return
		}
	}
}

// notify tells that something changed, without ever waiting.
func (c *Client) notify() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// Changed tells that something may look different now. Changes that come
// before it is read are told once.
func (c *Client) Changed() <-chan struct{} { return c.changed }

func (c *Client) take(e socketio.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e.Kind {
	case socketio.Connected:
		c.connectedLocked(event.ParseWelcome(e.Data))
	case socketio.Disconnected:
		c.online = false
		for _, r := range c.rooms {
			r.lost()
		}
	case socketio.Message:
		c.messageLocked(e)
	}
}

func (c *Client) connectedLocked(w event.Welcome) {
	if kept := c.cfg.Storage.Get(tokenKey); kept != c.brought && !event.SameDevice(kept, w.Token) && kept != "" {
		// Another tab was first to get one, or has become somebody else: so has this one.
		c.running.Go(func() {
			c.cfg.Manager.Offline()
			c.cfg.Manager.Wake()
		})
		return
	}
	c.online = true
	if w.Token != "" {
		c.cfg.Storage.Set(tokenKey, w.Token)
	}
	c.welcome = event.Welcome{Version: w.Version, Store: w.Store}
	c.update = c.update || w.Version != "" && c.cfg.Version != "" && w.Version != c.cfg.Version
	for _, name := range c.order {
		c.joinLocked(c.rooms[name])
	}
	c.peeking = false
	c.peekLocked()
	c.passLocked()
}

func (c *Client) messageLocked(e socketio.Event) {
	if len(e.Args) == 0 {
		return
	}
	switch e.Name {
	case event.Message:
		p, err := event.ParsePost(e.Args[0])
		if r := c.rooms[p.Room]; err == nil && r != nil {
			r.take(held{post: p, cursor: cursorOf(e.Args)})
			c.tidyLocked(r)
			c.keepLocked(r)
			c.repairLocked(r)
		}
	case event.Edit, event.Delete, event.React:
		p, err := event.ParseChange(e.Args[0])
		if r := c.rooms[p.Room]; err == nil && r != nil {
			r.take(held{change: p, cursor: cursorOf(e.Args)})
			c.tidyLocked(r)
			c.repairLocked(r)
			c.keepLocked(r)
		}
	case event.Typing:
		c.typingLocked(e.Args[0])
	case event.Read:
		c.readLocked(e.Args[0])
	case event.RoomData:
		p, err := event.ParsePeople(e.Args[0])
		if r := c.rooms[p.Room]; err == nil && r != nil {
			r.people, r.peopleRev = p, r.peopleRev+1
			c.keepLocked(r)
		}
	}
}

// cursorOf is the last argument of an event of the log.
func cursorOf(args []json.RawMessage) (cursor string) {
	if len(args) > 1 {
		_ = json.Unmarshal(args[len(args)-1], &cursor) // not a string: no cursor
	}
	return cursor
}

// call asks the server and comes back with the lock held. The deadline makes
// that a call ends although the connection neither works nor breaks.
func (c *Client) call(name string, arg []byte, done func(result json.RawMessage, err error)) {
	if c.ctx == nil || c.ctx.Err() != nil {
		return
	}
	base := c.ctx
	c.running.Go(func() {
		ctx, cancel := context.WithTimeout(base, ackTimeout)
		defer cancel()
		args, err := c.socket.Call(ctx, name, arg)
		var result json.RawMessage
		if err == nil {
			result, err = event.ParseAck(args)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		done(result, err)
		c.notify()
	})
}

// again runs f with the lock held after a while, unless the client ends.
func (c *Client) again(after time.Duration, f func()) {
	base := c.ctx
	c.running.Go(func() {
		timer := time.NewTimer(after)
		defer timer.Stop()
		select {
		case <-timer.C:
			c.mu.Lock()
			defer c.mu.Unlock()
			f()
			c.notify()
		case <-base.Done():
		}
	})
}

const (
	ackTimeout = 10 * time.Second // then a message counts as not sent, and is sent again
	retryDelay = 2 * time.Second  // after a refusal that may pass, unless it says how long
)

// refusal reads an error of a call: what the server refused for good, and
// whether it is worth asking again, and when. Neither: the connection is gone
// and the next one starts anew.
func refusal(err error) (final *event.Error, retry time.Duration) {
	var e *event.Error
	switch {
	case errors.As(err, &e) && e.Temporary():
		return nil, max(e.RetryAfter, retryDelay)
	case errors.As(err, &e):
		return e, 0
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, event.ErrAck), errors.Is(err, event.ErrForm):
		return nil, retryDelay
	}
	return nil, 0
}
