package judge

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Rule names a promise.
type Rule string

// The rules, and what breaking each of them is.
const (
	Lost       Rule = "lost"        // acknowledged or shown, and not in the log
	Duplicate  Rule = "duplicate"   // one message twice, in the log or on one page
	Order      Rule = "order"       // a place has two messages, or a page is not in the order of the log
	Gap        Rule = "gap"         // something is missing that is not shown as missing
	Phantom    Rule = "phantom"     // shown or stored, and never written, or refused
	FIFO       Rule = "fifo"        // a sender's own order is broken
	Realtime   Rule = "realtime"    // acknowledged before another was written, and stored after it
	Monotonic  Rule = "monotonic"   // somebody saw time go back
	Idempotent Rule = "idempotent"  // one id has two places
	SplitBrain Rule = "split-brain" // two instances tell different logs
	Numbering  Rule = "numbering"   // the log does not count 1, 2, 3, …, or its clock goes back
	Presence   Rule = "presence"    // somebody never leaves, or comes or leaves twice
	History    Rule = "history"     // the log is said to be lost, and no fault can lose it
	Recovery   Rule = "recovery"    // after all faults, somebody did not get well
)

// Violation is one broken promise.
type Violation struct {
	Rule Rule
	T    time.Duration // when it was seen
	Who  string
	Room string
	What string
}

func (v Violation) String() string {
	return fmt.Sprintf("%-11s %9.3fs %s %s: %s", v.Rule, v.T.Seconds(), v.Who, v.Room, v.What)
}

// Options are what the rules must know of the run.
type Options struct {
	// Linger is how long somebody who is gone may still be said to be there:
	// the heartbeat's patience and the lease.
	Linger time.Duration
	// Recovery is how long everybody may take to be well after Calm.
	Recovery time.Duration
}

// Check looks at a whole history, in the order in which it was written, and
// returns what it breaks.
func Check(lines []Line, o Options) []Violation {
	c := &check{options: o, lines: lines, rooms: map[string]*room{}, sends: map[string]*sent{}}
	c.readLogs()
	c.readSends()
	c.logs()
	c.acks()
	c.orders()
	c.views()
	c.heard()
	c.presence()
	c.recovery()
	slices.SortStableFunc(c.found, func(a, b Violation) int { return cmp.Compare(a.T, b.T) })
	return c.found
}

// check is one look at a history.
type check struct {
	options Options
	lines   []Line
	rooms   map[string]*room
	sends   map[string]*sent // by text, which is unique
	found   []Violation
}

// room is what the final reads say of a room.
type room struct {
	name   string
	from   string           // whose read is taken for the log
	log    []Line           // in the order of the log
	at     map[int64]int    // seq → its index in log
	ids    map[string]int64 // id of a message → its seq
	before []int            // how many messages stand before log[i]
	read   time.Duration    // when
	others map[string][]Line
}

// sent is what became of one message.
type sent struct {
	Line
	tries   int
	info    bool
	acked   time.Duration // the first ack; 0: none
	place   int64         // of the first ack
	refused bool
	lastTry int64 // the wall clock of the last try before the first ack
	given   bool  // its sender left the room, or vanished, before it had an answer
}

// most is how often one rule is told; after that it is no news.
const most = 20

func (c *check) fail(rule Rule, l Line, format string, args ...any) {
	n := 0
	for i := range c.found {
		if c.found[i].Rule == rule {
			n++
		}
	}
	if n < most {
		c.found = append(c.found, Violation{rule, l.T, l.Who, l.Room, fmt.Sprintf(format, args...)})
	}
}

func (c *check) room(name string) *room {
	r := c.rooms[name]
	if r == nil {
		r = &room{name: name, before: []int{0}, at: map[int64]int{}, ids: map[string]int64{}, others: map[string][]Line{}}
		c.rooms[name] = r
	}
	return r
}

// readLogs takes the first complete final read of each room as its log.
func (c *check) readLogs() {
	for _, l := range c.lines {
		switch l.Op {
		case Log:
			r := c.room(l.Room)
			r.others[l.Who] = append(r.others[l.Who], l)
		case End:
			r := c.room(l.Room)
			if r.from == "" {
				r.from, r.log, r.read = l.Who, r.others[l.Who], l.T
			}
			if n := len(r.others[l.Who]); n == 0 && l.Seq > 0 || n > 0 && r.others[l.Who][n-1].Seq != l.Seq {
				c.fail(Numbering, l, "the read ends before its head %d", l.Seq)
			}
		}
	}
	for _, r := range c.rooms {
		r.before = make([]int, len(r.log)+1)
		for i, l := range r.log {
			r.at[l.Seq] = i
			r.before[i+1] = r.before[i]
			if l.Kind == "" {
				r.before[i+1]++
				if _, twice := r.ids[l.ID]; !twice {
					r.ids[l.ID] = l.Seq
				}
			}
		}
	}
}

// messages counts the messages of the log with from <= seq <= to.
func (r *room) messages(from, to int64) int {
	lo, _ := slices.BinarySearchFunc(r.log, from, func(l Line, seq int64) int { return cmp.Compare(l.Seq, seq) })
	hi, _ := slices.BinarySearchFunc(r.log, to+1, func(l Line, seq int64) int { return cmp.Compare(l.Seq, seq) })
	return max(r.before[hi]-r.before[lo], 0)
}

// readSends gathers what became of each message.
func (c *check) readSends() {
	ids := map[string]*sent{}
	open := map[string][]*sent{} // by who, those without an answer
	for _, l := range c.lines {
		switch l.Op {
		case Send:
			s := &sent{Line: l}
			c.sends[l.Text], ids[l.ID] = s, s
			open[l.Who] = append(open[l.Who], s)
		case Try:
			if s := ids[l.ID]; s != nil && s.acked == 0 {
				s.tries++
				s.lastTry = l.Wall
			}
		case Info:
			if s := ids[l.ID]; s != nil {
				s.info = true
			}
		case Nack:
			if s := ids[l.ID]; s != nil {
				s.refused = true
			}
		case Ack:
			if s := ids[l.ID]; s != nil && s.acked == 0 {
				s.acked, s.place = l.T, l.Seq
			}
		case Exit, Vanish:
			open[l.Who] = slices.DeleteFunc(open[l.Who], func(s *sent) bool {
				hit := l.Op == Vanish || s.Room == l.Room
				s.given = s.given || hit && s.acked == 0 && !s.refused
				return hit || s.acked != 0
			})
		}
	}
}
