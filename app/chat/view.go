package chat

import (
	"slices"
	"time"

	"maru/app/socketio"
	"maru/app/wire/event"
)

// LinkState says whether there is a connection.
type LinkState byte

// The states of the connection.
const (
	Connecting LinkState = iota
	Online
	Waiting // until RetryAt
)

// Link is the state of the connection, for showing it.
type Link struct {
	State   LinkState
	Since   time.Time // of this state
	RetryAt time.Time // while Waiting
	RTT     time.Duration
	Update  bool // the server has another version of the app

	Transport  string // "websocket" or "polling"; empty: there is no connection
	Reconnects int    // how often a connection has followed another one
	Server     string // the version that the server told last; empty: none yet
	Store      string // what keeps the server's rooms, as it told last
}

// Room is a room for showing it, without its lines.
type Room struct {
	Name, As, Me string
	Phase        Phase
	Refusal      *event.Error
	Users        []event.User // not to be changed
	Count        int
	Len          int          // lines
	Rev          int64        // changes with the lines
	Head         int64        // the highest seq that is known of
	Fills        int64        // changes when lines come to stand between others, or are deleted
	Read         int64        // up to this seq the person has read, here or elsewhere
	Typing       []string     // the names of the others who write at the moment, in the order they began
	Denied       *event.Error // why the last change of a message was refused; nil: it was not
	PeopleRev    int64        // changes with Users
	More         bool         // there are older lines to load
	Loading      bool
	Failed       int  // messages of one's own that the server has refused
	Unsent       int  // messages and changes of one's own that the server does not have yet
	Kept         bool // what is shown is what this device kept: the room was not reached since
}

// Link returns the state of the connection.
func (c *Client) Link() Link {
	s := c.cfg.Manager.Status()
	c.mu.Lock()
	defer c.mu.Unlock()
	l := Link{State: Connecting, Since: s.Since, RetryAt: s.RetryAt, RTT: c.cfg.Manager.RTT(), Update: c.update,
		Transport: s.Transport, Reconnects: s.Reconnects, Server: c.welcome.Version, Store: c.welcome.Store}
	switch {
	case s.State == socketio.StateWaiting:
		l.State = Waiting
	case s.State == socketio.StateConnected && c.online:
		l.State = Online
	}
	return l
}

// Missing counts the lines of the log that were missed and are not loaded, in
// all rooms. Its cost grows with the lines that are.
func (c *Client) Missing() (n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.rooms {
		n += r.timeline.Missing()
	}
	return n
}

// Rooms lists the rooms one wants to be in, in the order of entering.
func (c *Client) Rooms() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.order)
}

// Room returns a room as it is now; its cost does not grow with its lines.
func (c *Client) Room(name string) (Room, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rooms[name]
	if r == nil {
		return Room{}, false
	}
	_, more := r.timeline.Oldest()
	return Room{Name: r.name, As: r.as, Me: r.me, Phase: r.phase, Refusal: r.refusal, Users: r.people.Users,
		Count: r.people.Count, Len: r.timeline.Len(), Rev: r.timeline.Rev(),
		Head: r.timeline.Head(), Fills: r.timeline.Fills(), PeopleRev: r.peopleRev,
		Read: r.read, Typing: r.typists(), Denied: r.denied,
		More: more, Loading: r.loading, Unsent: r.outbox.Len() + len(r.acts), Failed: r.outbox.Failed(), Kept: r.kept}, true
}

// Items copies lines of a room, from (included) to to (excluded).
func (c *Client) Items(name string, from, to int) []Item {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		return r.timeline.Items(from, to)
	}
	return nil
}

// Index finds a line of a room by its key; -1 if it is gone.
func (c *Client) Index(name, key string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		return r.timeline.Index(key)
	}
	return -1
}

// After finds the first line of a room that stands behind the place of a seq.
func (c *Client) After(name string, seq int64) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		return r.timeline.After(seq)
	}
	return 0
}

// ConnectNow tries at once to be connected.
func (c *Client) ConnectNow() { c.cfg.Manager.Wake() }

// Visible tells that the person looks at the app: the connection is tried or
// looked at.
func (c *Client) Visible() { c.cfg.Manager.Wake() }

// SetOnline passes on what the browser says of the network. One that is there
// again may be another one.
func (c *Client) SetOnline(online bool) {
	if online {
		c.cfg.Manager.NetworkChanged()
		return
	}
	c.cfg.Manager.Offline()
}
