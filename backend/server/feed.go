package server

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"maru/app/wire/event"
	"maru/backend/chat"
	"maru/backend/engineio"
	"maru/backend/socketio"
	"maru/backend/store"
)

// feed carries one room's log to the sockets that are in it here. One goroutine
// follows the log; each line is encoded once, and the same bytes go to
// everybody. A feed lives as long as somebody is in it.
type feed struct {
	hub  *hub
	room string
	stop context.CancelFunc

	// mu is taken after hub.mu, and before the locks of a session's queue.
	mu       sync.Mutex
	members  []*member
	pos      store.Pos // of the last line that was told
	started  bool
	everyone bool // the people changed: tell all, not just the new ones
	timer    *time.Timer
}

// member is one socket in a feed. Guarded by feed.mu.
type member struct {
	socket *socketio.Socket
	stock  *cursors // of a stock client; nil for one that knows its places
	seat   chat.Seat
	from   int64 // lines up to here are known to it, or told otherwise
	live   bool  // it has caught up
	back   bool  // it was brought back: of its own coming and going it is not told
	new    bool  // it has not been told who is here
}

// gather is how long changes of people are gathered before all are told: a
// storm of joins costs one list per beat, not one per join.
const gather = 100 * time.Millisecond

// attach brings a socket to the place where the others are, and from then on
// it is told what they are told. Lines after from reach it once each, in order.
//
// A feed that begins here begins at head, not at from: what was missed is told
// at the newcomer's pace, not at the log's.
func (f *feed) attach(ctx context.Context, m *member, from, head store.Pos) error {
	for {
		done, target := f.tryAttach(m, from, head)
		if done {
			return nil
		}
		var err error
		if from, err = f.catchUp(ctx, m, from, target); err != nil {
			return err
		}
	}
}

// tryAttach makes m live if it is where the feed is, or further. Otherwise
// target is the place to catch up to.
func (f *feed) tryAttach(m *member, from, head store.Pos) (done bool, target int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.started {
		f.started = true
		f.pos = head
		ctx, stop := context.WithCancel(f.hub.ctx)
		f.stop = stop
		f.hub.running.Go(func() { f.follow(ctx, head) })
	}
	if from.Seq < f.pos.Seq {
		return false, f.pos.Seq
	}
	m.from, m.live, m.new = from.Seq, true, true
	f.peopleLocked(false)
	return true, 0
}

// catchUpStep is how many lines are read at a time: the longest of them fit into
// a session's queue.
const catchUpStep = 32

// catchUp tells m alone what the others have heard already, up to seq to.
func (f *feed) catchUp(ctx context.Context, m *member, from store.Pos, to int64) (store.Pos, error) {
	for from.Seq < to {
		limit := int(min(to-from.Seq, catchUpStep))
		lines, err := f.hub.rooms.Lines(ctx, f.room, from, limit, f.hub.lang)
		if err != nil {
			return from, err
		}
		if len(lines) == 0 {
			return from, errNoLines
		}
		for _, l := range lines {
			from = l.Pos
			if m.ownNotice(l) {
				continue
			}
			if err := m.send(l, encodeLine(l)); err != nil {
				return from, err
			}
		}
		if err := m.socket.Drained(ctx); err != nil {
			return from, err
		}
	}
	return from, nil
}

var errNoLines = errors.New("server: the log ends before the place that was told")

// follow tells every line after from, until the feed ends. A log that was
// reset or trimmed under the feed ends everybody's connection: coming back,
// each client learns from its join what became of the room.
func (f *feed) follow(ctx context.Context, from store.Pos) {
	defer survive(f.hub.log, "a feed", f.giveUp)
	for line, err := range f.hub.rooms.Follow(ctx, f.room, from, f.hub.lang) {
		if err == nil {
			f.tell(line)
			continue
		}
		if ctx.Err() == nil {
			f.hub.log.Error("follow a room", "err", err)
			f.giveUp()
		}
	}
}

// giveUp ends a feed that can't go on.
func (f *feed) giveUp() {
	f.hub.drop(f)
	f.expel()
}

func (f *feed) tell(line chat.Line) {
	packet := encodeLine(line)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pos = line.Pos
	for _, m := range f.members {
		if m.live && line.Post.Seq > m.from {
			_ = m.send(line, packet) // a socket that can't take it is closed by its own session
		}
	}
	if line.People {
		f.peopleLocked(true)
	}
}

func (m *member) send(l chat.Line, shared socketio.Packet) error {
	if m.stock != nil {
		return m.stock.send(m.socket, l, shared)
	}
	return m.socket.Send(shared)
}

// ownNotice tells whether a missed line is of one's own coming and going, and
// need not be heard. A client that asked with a cursor counts lines, and so
// gets them all.
func (m *member) ownNotice(l chat.Line) bool {
	return m.back && l.People && l.Post.User == m.seat.User
}

// expel closes everybody's connection; they come back by themselves.
func (f *feed) expel() {
	f.mu.Lock()
	members := slices.Clone(f.members)
	f.mu.Unlock()
	for _, m := range members {
		m.socket.Close(engineio.ServerError)
	}
}

// peopleLocked has the list of people told soon: to everyone, or just to those
// who have none yet.
func (f *feed) peopleLocked(everyone bool) {
	f.everyone = f.everyone || everyone
	if f.timer == nil {
		f.timer = time.AfterFunc(gather, func() {
			if f.hub.begin() {
				defer f.hub.running.Done()
				f.tellPeople()
			}
		})
	}
}

func (f *feed) tellPeople() {
	defer survive(f.hub.log, "the people of a room", f.giveUp)
	f.mu.Lock()
	f.timer = nil // what changes from now on is told next time
	everyone := f.everyone
	f.everyone = false
	f.mu.Unlock()

	ctx, cancel := context.WithTimeout(f.hub.ctx, storeTimeout)
	defer cancel()
	people, err := f.hub.rooms.People(ctx, f.room)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		if f.hub.ctx.Err() == nil && len(f.members) > 0 {
			f.hub.log.Warn("list the people of a room", "err", err)
			f.peopleLocked(everyone) // try again a beat later
		}
		return
	}
	packet := socketio.EncodeEvent(event.Chat, event.RoomData, people.Append(nil))
	for _, m := range f.members {
		if m.live && (everyone || m.new) {
			m.new = false
			m.socket.Send(packet)
		}
	}
}
