package server

import (
	"net/http"
	"time"

	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/engineio"
	"maru/backend/limit"
	"maru/backend/socketio"
)

// Limits say how much one, a few and all may do. A field that is zero sets no
// limit.
type Limits struct {
	Packets  limit.Rate // of a session, of whatever kind; over it, it is closed
	Session  limit.Rate // events of a session; over it, they are refused
	Patience limit.Rate // refusals that a session causes itself; over it, it is closed
	Address  limit.Rate // events of all sessions of an address
	Room     limit.Rate // messages to a room, and joins, by all together
	All      limit.Rate // events of everybody
	Requests limit.Rate // requests of an address to the API
	Opening  limit.Rate // sessions and mirrors that an address opens
	Open     int        // sessions, mirrors and waiting requests of an address at a time
	OpenAll  int        // the same of everybody
}

// DefaultLimits are such that nobody meets them who uses Maru as it is meant,
// also from a school of a thousand behind one address, and that a few who mean
// ill can't take a server from the others.
//
// Session: who comes back with 500 messages that wait and is in ten rooms sends
// 500 of them and 20 joins and pages of history, and may write meanwhile; the
// fastest writer makes a few messages a second. Patience: our own client in ten
// rooms tries each again after two seconds at the earliest, which makes five
// refusals a second. Packets: what both of these let through, and pongs.
//
// Address: a thousand people who come back after a restart of the server send a
// CONNECT, and joins and pages for two rooms each: 5,000; later each may say
// something every two seconds. Opening: half of what the server takes at once,
// and a fifth of what it takes for good, is left to one address; so a school is
// back in some seconds, and others are not kept out. Open: a tenth of all
// sessions, two tabs for each of the thousand. OpenAll: what the server takes of
// sessions, and some mirrors and requests beside them.
//
// Room: in the order of what a page can show, which at that pace works for 4 ms
// a message (make bench-ui), and a thousand who come at once with something to
// say. All: 500 new sessions a second, in ten rooms each.
var DefaultLimits = Limits{
	Packets:  limit.Rate{PerSecond: 100, Burst: 1000},
	Session:  limit.Rate{PerSecond: 20, Burst: 600},
	Patience: limit.Rate{PerSecond: 10, Burst: 200},
	Address:  limit.Rate{PerSecond: 500, Burst: 10_000},
	Room:     limit.Rate{PerSecond: 100, Burst: 2000},
	All:      limit.Rate{PerSecond: 10_000, Burst: 20_000},
	Requests: limit.Rate{PerSecond: 50, Burst: 500},
	Opening:  limit.Rate{PerSecond: 100, Burst: 500},
	Open:     2000,
	OpenAll:  25_000,
}

// Most addresses and rooms that are remembered at a time.
const maxRemembered = 1 << 15

// waitToLeave is what somebody is told for whom too many are there already:
// nobody knows when one leaves.
const waitToLeave = 5 * time.Second

// limits keep the Limits of one server.
type limits struct {
	rates     Limits
	addresses *addresses
	events    *limit.Buckets[address]
	requests  *limit.Buckets[address]
	opening   *limit.Buckets[address]
	rooms     *limit.Buckets[string]
	all       *limit.Bucket
	moved     moved
	open      *limit.Gate[address]
}

func newLimits(l Limits, a *addresses) *limits {
	return &limits{
		rates: l, addresses: a,
		events:   limit.NewBuckets[address](l.Address, maxRemembered),
		requests: limit.NewBuckets[address](l.Requests, maxRemembered),
		opening:  limit.NewBuckets[address](l.Opening, maxRemembered),
		rooms:    limit.NewBuckets[string](l.Room, maxRemembered),
		all:      limit.NewBucket(l.All),
		moved: moved{
			packets:  limit.NewBuckets[string](l.Packets, maxRemembered),
			events:   limit.NewBuckets[string](l.Session, maxRemembered),
			patience: limit.NewBuckets[string](l.Patience, maxRemembered),
		},
		open: limit.NewGate[address](l.Open, l.OpenAll),
	}
}

// pass is a session's or a mirror's share of the limits.
type pass struct {
	limits                    *limits
	address                   address
	packets, events, patience taker
	leave                     func()
}

// taker is a session's bucket.
type taker interface{ Take() time.Duration }

// moved are the buckets of sessions that were opened elsewhere. They outlast the
// session's stay, which may be one request: it may be here again for the next
// but one.
type moved struct {
	packets, events, patience *limit.Buckets[string] // by session
}

// bucketOf is one of many buckets.
type bucketOf struct {
	all *limit.Buckets[string]
	sid string
}

func (b bucketOf) Take() time.Duration { return b.all.Take(b.sid) }

// admit lets in a new session or mirror; without a pass it isn't, and wait
// tells when it is worth trying again.
func (l *limits) admit(r *http.Request) (p *pass, wait time.Duration) {
	at := l.addresses.of(r)
	if wait := l.opening.Take(at); wait > 0 {
		return nil, wait
	}
	leave, ok := l.open.Enter(at)
	if !ok {
		return nil, waitToLeave
	}
	return &pass{
		limits: l, address: at, leave: leave,
		packets: limit.NewBucket(l.rates.Packets), events: limit.NewBucket(l.rates.Session), patience: limit.NewBucket(l.rates.Patience),
	}, 0
}

// engine is admit as engineio.Config asks for it.
func (l *limits) engine(r *http.Request) (engineio.Pass, time.Duration) {
	p, wait := l.admit(r)
	if p == nil {
		return nil, wait // no pass at all, rather than an empty one
	}
	return p, 0
}

// readmit is what engineio.Config asks for a session that was opened elsewhere.
// It is there already: that it makes one too many is no reason to end it.
func (l *limits) readmit(r *http.Request, sid string) engineio.Pass {
	at := l.addresses.of(r)
	leave, ok := l.open.Enter(at)
	if !ok {
		leave = func() {}
	}
	return &pass{
		limits: l, address: at, leave: leave,
		packets: bucketOf{l.moved.packets, sid}, events: bucketOf{l.moved.events, sid}, patience: bucketOf{l.moved.patience, sid},
	}
}

// Packet implements engineio.Pass.
func (p *pass) Packet() bool { return p.packets.Take() == 0 }

// Leave implements engineio.Pass.
func (p *pass) Leave() { p.leave() }

// event counts an event. A refusal tells when it would be taken; over tells
// that the session goes on as if it had been told nothing.
func (p *pass) event() (refusal *event.Error, over bool) {
	if wait := p.events.Take(); wait > 0 {
		return tooMuch(wait), p.patience.Take() > 0
	}
	if wait := p.limits.events.Take(p.address); wait > 0 {
		return tooMuch(wait), false
	}
	return tooMuch(p.limits.all.Take()), false
}

// tooMuch is the refusal of what may be tried again after wait; nil if that is
// zero.
func tooMuch(wait time.Duration) *event.Error {
	if wait == 0 {
		return nil
	}
	return &event.Error{Code: event.RateLimited, RetryAfter: wait}
}

// count counts an event of a socket, or refuses it, and closes a socket that
// goes on regardless.
func (l *limits) count(s *socketio.Socket) *event.Error {
	refusal, over := s.Pass().(*pass).event()
	if over {
		s.Close(engineio.RateLimited)
	}
	return refusal
}

// connect counts a CONNECT. A client reads from the refusal's data when to ask
// again.
func (l *limits) connect(s *socketio.Socket, lang text.Lang) error {
	e := l.count(s)
	if e == nil {
		return nil
	}
	e.Message = text.Refusal(lang, e.Code)
	return &socketio.Refusal{Message: e.Message, Data: e.Append(nil)}
}

// room counts what everybody in a room gets to see.
func (l *limits) room(name string) *event.Error { return tooMuch(l.rooms.Take(name)) }

// request counts a request to the API.
func (l *limits) request(r *http.Request) *event.Error {
	if wait := l.requests.Take(l.addresses.of(r)); wait > 0 {
		return tooMuch(wait)
	}
	return tooMuch(l.all.Take())
}

// wait lets in a request that waits for something. Whoever is let in calls
// leave.
func (l *limits) wait(r *http.Request) (leave func(), refusal *event.Error) {
	leave, ok := l.open.Enter(l.addresses.of(r))
	if !ok {
		return nil, tooMuch(waitToLeave)
	}
	return leave, nil
}

// refuseAck is the ack of an event over the limits.
func refuseAck(lang text.Lang, e *event.Error) socketio.Reply {
	e.Message = text.Refusal(lang, e.Code)
	return socketio.Reply{Args: refuse(e)}
}
