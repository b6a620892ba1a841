package server

import (
	"context"
	"errors"
	"hash/fnv"
	"slices"
	"strconv"
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
	warm     *time.Timer // until it ends, while nobody is in it; guarded by hub.mu
}

// member is one socket in a feed. Guarded by feed.mu.
type member struct {
	socket *socketio.Socket
	stock  *cursors // of a stock client; nil for one that knows its places
	seat   chat.Seat
	from   int64  // lines up to here are known to it, or told otherwise
	live   bool   // it has caught up
	back   bool   // it was brought back: of its own coming and going it is not told
	new    bool   // it has not been told who is here
	gone   bool   // it has left the feed
	told   string // the mark of the people it was told of on another instance
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
		done, target, err := f.tryAttach(m, from, head)
		if done || err != nil {
			return err
		}
		if from, err = f.catchUp(ctx, m, from, target); err != nil {
			return err
		}
	}
}

// tryAttach makes m live if it is where the feed is, or further. Otherwise
// target is the place to catch up to. One who has left attaches to nothing, and
// starts nothing: nobody would end it.
func (f *feed) tryAttach(m *member, from, head store.Pos) (done bool, target int64, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.gone {
		return true, 0, nil
	}
	if !f.started {
		if !f.hub.begin() {
			return false, 0, errGone // and so will everybody be
		}
		f.started = true
		f.pos = head
		ctx, stop := context.WithCancel(f.hub.ctx)
		f.stop = stop
		go func() {
			defer f.hub.running.Done()
			f.follow(ctx, head)
		}()
	}
	switch {
	case from.Epoch != "" && f.pos.Epoch != "" && from.Epoch != f.pos.Epoch:
		return false, 0, errOtherLog
	case from.Seq < f.pos.Seq:
		return false, f.pos.Seq, nil
	}
	m.from, m.live, m.new = from.Seq, true, true
	f.peopleLocked(false)
	return true, 0, nil
}

// catchUpStep is how many lines are read at a time: the longest of them fit into
// a session's queue.
const catchUpStep = 32

// catchUp tells m alone what the others have heard already, up to seq to.
func (f *feed) catchUp(ctx context.Context, m *member, from store.Pos, to int64) (store.Pos, error) {
	for from.Seq < to {
		limit := int(min(to-from.Seq, catchUpStep))
		step, cancel := context.WithTimeout(ctx, storeTimeout)
		lines, err := f.hub.rooms.Lines(step, f.room, from, limit, f.hub.lang)
		if err == nil && len(lines) == 0 {
			err = errNoLines
		}
		if err == nil {
			from, err = f.tellMissed(m, from, lines)
		}
		if err == nil {
			err = m.socket.Drained(step)
		}
		cancel()
		if err != nil {
			return from, err
		}
	}
	return from, nil
}

// tellMissed tells m alone some lines. One who has left hears nothing more.
func (f *feed) tellMissed(m *member, from store.Pos, lines []chat.Line) (store.Pos, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range lines {
		if m.gone {
			return from, errGone
		}
		from = l.Pos
		packet, cursor := encodeLine(l)
		if m.ownNotice(l) {
			m.socket.SetPlace(f.room, cursor)
			continue
		}
		if err := m.send(l, packet, cursor); err != nil {
			return from, err
		}
	}
	return from, nil
}

var errOtherLog = errors.New("server: the place is one of another log")

var errGone = errors.New("server: it has left the room")

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
	packet, cursor := encodeLine(line)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pos = line.Pos
	for _, m := range f.members {
		switch {
		case !m.live || line.Post.Seq <= m.from:
		case m.ownNotice(line):
			m.socket.SetPlace(f.room, cursor)
		default:
			_ = m.send(line, packet, cursor) // a socket that can't take it is closed by its own session
		}
	}
	if line.People {
		f.peopleLocked(true)
	}
}

// send sends a line, and keeps that the socket is at its place by then.
func (m *member) send(l chat.Line, shared socketio.Packet, cursor string) error {
	if m.stock != nil {
		return m.stock.send(m.socket, l, shared, cursor)
	}
	return m.socket.SendAt(l.Post.Room, cursor, shared)
}

// ownNotice tells whether a line is of one's own coming and going, and need not
// be heard. A client that asked with a cursor counts lines, and so
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
	list := people.Append(nil)
	mark := markOf(list)
	packet := socketio.EncodeEvent(event.Chat, event.RoomData, list)
	for _, m := range f.members {
		if !m.live || !everyone && !m.new {
			continue
		}
		m.new = false
		if everyone || m.told != mark {
			_ = m.socket.SendAt(peopleKey(f.room), mark, packet) // a socket that can't take it is closed by its own session
		}
	}
}

// markOf tells one list of people from another, for whoever knows one already.
func markOf(list []byte) string {
	h := fnv.New64a()
	h.Write(list)
	return strconv.FormatUint(h.Sum64(), 36)
}

// peopleKey is where the mark of the people is kept that a socket was told of. No
// room has such a name.
func peopleKey(room string) string { return "\x00" + room }
