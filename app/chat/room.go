package chat

import (
	"encoding/json"
	"slices"
	"time"

	"maru/app/wire/event"
)

// Phase says how one stands to a room.
type Phase byte

// The phases of a room.
const (
	Joining Phase = iota // asked for, or to be asked for when the connection is there
	Inside
	Refused // the server said no: Refusal says why
)

// room is one room that the client wants to be in. Guarded by Client.mu.
type room struct {
	name, as   string
	phase      Phase
	asking     bool // a join is under way
	refusal    *event.Error
	me         string // my person's ID in this room
	cursor     string // of the last event that the timeline has
	timeline   Timeline
	outbox     Outbox
	arrived    []string // what is one's own and came back from the log, still on the shelf
	right      func()   // gives the right to send back; nil: another tab may have it
	asksRight  func()   // gives up asking for it
	loads      bool     // what is kept of it is being read
	kept       bool     // what is shown is what was kept: one was not inside since
	unkept     bool     // it has changed since it was kept
	floor      int64    // lines below are not kept: what changed of them was missed
	held       []held   // lines that came before the join's answer
	people     event.People
	peopleRev  int64
	loading    bool    // a page of history is under way
	wanted     []int64 // messages that replies show, and that are asked for; the first is under way
	opened     bool    // the first page of history has come
	read       int64
	marking    bool           // how far was read is being told
	marked     int64          // how far the server knows it
	acts       []event.Change // made here, in order; the server does not have them yet
	acting     bool           // the first of them is under way
	denied     *event.Error
	typing     []typist
	typed      time.Time // when it was told last that one types; zero: that one does not
	generation int       // of the connection: answers of older ones say nothing
}

type held struct {
	post   event.Post
	change event.Change // if it has a Kind
	cursor string
}

func (r *room) lost() {
	r.generation++
	r.giveUp()
	r.asking, r.loading, r.held, r.wanted = false, false, nil, nil
	r.acting, r.marking, r.typing, r.typed = false, false, nil, time.Time{}
	if r.phase == Inside {
		r.phase = Joining
	}
}

func (r *room) mine(p event.Post) bool {
	return p.User != "" && p.User == r.me && p.Kind == event.KindText
}

// take puts a line in its place, or keeps it until the join's answer has told
// where the timeline starts.
func (r *room) take(h held) {
	if r.phase != Inside {
		if r.asking && len(r.held) < maxHeld {
			r.held = append(r.held, h)
		}
		return
	}
	if h.change.Kind != "" {
		r.timeline.Change(h.change)
		r.passed(h.change.Seq, h.cursor)
		if h.change.User == r.me && r.acted(h.change.ID) {
			r.arrived = append(r.arrived, h.change.ID)
		}
		return
	}
	p := h.post
	if p.Seq == 0 {
		r.timeline.Greet(p)
		return
	}
	r.timeline.Apply(p, p.User != "" && p.User == r.me)
	r.passed(p.Seq, h.cursor)
	r.stopped(p.User)
	r.arrivedAfterAll(p.ID)
	if r.mine(p) && r.outbox.Len() > 0 {
		r.outbox.Done(p.ID)
		r.arrived = append(r.arrived, p.ID)
	}
}

// passed notes the place after the last event that the timeline has.
func (r *room) passed(seq int64, cursor string) {
	if cursor != "" && seq == r.timeline.Head() {
		r.cursor = cursor
	}
}

// maxHeld bounds what is kept while a join is answered; what is over is missed
// and repaired like any gap.
const maxHeld = 2 * event.MaxMissed

// Enter says that one wants to be in a room under a name, from now until Exit,
// over all reconnects. Entering again under another name changes it.
func (c *Client) Enter(name, as string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.notify()
	name, as = cleaned(name, event.CleanRoom), cleaned(as, event.CleanName)
	r := c.rooms[name]
	if r != nil && r.as == as && r.phase != Refused {
		return
	}
	if r == nil {
		r = &room{name: name, loads: c.cfg.Keep != nil}
		r.timeline.keeps = r.loads
		c.rooms[name] = r
		c.order = append(c.order, name)
	}
	if r.as == "" {
		c.renamePausedLocked(r, as)
	} else if r.as != as {
		c.renameLocked(r, as)
	}
	r.giveUp()
	r.as, r.phase, r.refusal = as, Joining, nil
	r.generation++
	r.asking, r.acting, r.marking = false, false, false
	r.loading, r.wanted = false, nil
	c.shelfLocked(r)
	c.loadLocked(r)
	c.joinLocked(r)
}

// cleaned gives what the server will make of a name; what it would refuse is
// left as it is, so that the server's answer tells why.
func cleaned(s string, clean func(string) (string, *event.Error)) string {
	if c, refusal := clean(s); refusal == nil {
		return c
	}
	return s
}

// Exit leaves a room and forgets it, with the messages and changes that are not sent yet.
func (c *Client) Exit(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		for _, d := range r.outbox.Drafts() {
			c.cfg.Shelf.Set(d.ID, "")
		}
		c.dropActsLocked(r)
		c.dropLocked(name)
		c.exitLocked(r)
	}
}

// Pause leaves a room and keeps what is not sent yet, until it is entered again, be it
// under another name.
func (c *Client) Pause(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.rooms[name]; r != nil {
		if c.paused == nil {
			c.paused = map[string]string{}
		}
		c.paused[name] = r.as
		c.exitLocked(r)
	}
}

func (c *Client) exitLocked(r *room) {
	r.generation++
	r.giveUp()
	delete(c.rooms, r.name)
	c.order = slices.DeleteFunc(c.order, func(n string) bool { return n == r.name })
	if c.online && r.phase != Refused {
		c.call(event.Leave, event.RoomRequest{Room: r.name}.Append(nil), func(json.RawMessage, error) {})
	}
	r.phase = Joining // an answer that is still to come must not send what is left here
	c.notify()
}

// joinLocked asks to be in r, if there is a connection and it was not asked
// yet.
func (c *Client) joinLocked(r *room) {
	if !c.online || r.asking || r.phase != Joining || r.loads {
		return
	}
	r.asking, r.held = true, nil
	generation := r.generation
	request := event.JoinRequest{Username: r.as, Room: r.name, After: r.cursor}
	c.call(event.Join, request.Append(nil), func(result json.RawMessage, err error) {
		if r.generation != generation {
			return
		}
		r.asking = false
		j, parseErr := event.ParseJoined(result)
		if err == nil {
			err = parseErr
		}
		if err == nil {
			c.joinedLocked(r, j)
			return
		}
		c.notJoinedLocked(r, err)
	})
}

func (c *Client) joinedLocked(r *room, j event.Joined) {
	r.phase, r.refusal, r.me, r.kept = Inside, nil, j.User, false
	r.timeline.Me(r.me)
	r.opened = r.opened && !j.Reset
	switch {
	case j.Reset:
		r.floor, r.read = 0, 0
		c.dropActsLocked(r) // they are of messages that are gone
		c.dropLocked(r.name)
		c.detachLocked(r)
	case j.Skipped:
		r.floor = r.timeline.Head() + 1
	}
	before := r.timeline.Head()
	r.timeline.Start(j.Seq, j.Reset)
	if j.Skipped && j.Missed >= 0 {
		r.timeline.Told(before, j.Missed)
	}
	c.keepLocked(r)
	r.cursor = j.Cursor
	waiting := r.held
	r.held = nil
	for _, h := range waiting {
		r.take(h)
	}
	c.tidyLocked(r)
	if to, ok := r.timeline.Oldest(); ok && !r.opened {
		c.pageLocked(r, to)
	}
	c.repairLocked(r)
	if _, to, ok := r.timeline.Newest(); ok && j.Skipped {
		c.pageLocked(r, to) // the newest page; what is missing above it stays a gap
	}
	r.read, r.marked = max(r.read, j.Read), j.Read
	c.sendLocked(r)
	c.markLocked(r)
}

func (c *Client) notJoinedLocked(r *room, err error) {
	final, retry := refusal(err)
	switch {
	case final != nil && final.Code == event.NameTaken && r.timeline.Head() > 0:
		// The one who holds the name came while this one was away, or is this
		// one's own lost connection: that ends by itself.
		c.rejoinLocked(r, max(final.RetryAfter, retryDelay))
		r.refusal = final
	case final != nil:
		r.phase, r.refusal = Refused, final
	case retry > 0:
		c.rejoinLocked(r, retry)
	}
}

func (c *Client) rejoinLocked(r *room, after time.Duration) {
	generation := r.generation
	c.again(after, func() {
		if r.generation == generation {
			c.joinLocked(r)
		}
	})
}
