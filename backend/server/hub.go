package server

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"maru/app/wire/text"
	"maru/backend/chat"
	"maru/backend/engineio"
	"maru/backend/socketio"
)

// storeTimeout is how long the store may take before a person is told that it
// can't be done now.
const storeTimeout = 8 * time.Second

// hub has the feeds of this instance and keeps the leases of everybody here.
//
// Lock order: hub.mu before feed.mu before the locks of sessions.
type hub struct {
	rooms   *chat.Rooms
	lang    text.Lang
	log     *slog.Logger
	lease   time.Duration
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup

	mu    sync.Mutex
	feeds map[string]*feed

	gate   sync.Mutex // taken last of all
	closed bool       // nothing more is begun; guarded by gate
}

func newHub(rooms *chat.Rooms, lang text.Lang, log *slog.Logger, lease time.Duration) *hub {
	h := &hub{rooms: rooms, lang: lang, log: log, lease: lease, feeds: map[string]*feed{}}
	h.ctx, h.stop = context.WithCancel(context.Background())
	h.running.Go(h.keepLeases)
	h.running.Go(h.hear)
	return h
}

// close ends all feeds and waits for them.
func (h *hub) close() {
	h.gate.Lock()
	h.closed = true
	h.gate.Unlock()
	h.stop()
	h.running.Wait()
}

// begin counts one more thing that close waits for; false if it is too late.
func (h *hub) begin() bool {
	h.gate.Lock()
	defer h.gate.Unlock()
	if h.closed {
		return false
	}
	h.running.Add(1)
	return true
}

// add puts a socket into a room's feed; it hears nothing before attach.
func (h *hub) add(socket *socketio.Socket, seat chat.Seat, stock *cursors) (*feed, *member) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[seat.Room]
	if f == nil {
		f = &feed{hub: h, room: seat.Room}
		h.feeds[seat.Room] = f
	}
	if f.warm != nil {
		f.warm.Stop()
		f.warm = nil
	}
	m := &member{socket: socket, seat: seat, stock: stock}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members = append(f.members, m)
	return f, m
}

// remove takes a socket out of a room's feed. The last one ends the feed, but
// for one that goes on on another instance: it may soon be here again.
func (h *hub) remove(f *feed, m *member, moves bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	m.gone = true
	f.members = slices.DeleteFunc(f.members, func(o *member) bool { return o == m })
	switch {
	case len(f.members) > 0 || h.feeds[f.room] != f || f.warm != nil:
	case moves && h.ctx.Err() == nil:
		f.warm = time.AfterFunc(keepWarm, func() { h.endIdle(f) })
	default:
		h.endLocked(f)
	}
}

// keepWarm is how long a feed goes on without anybody in it.
const keepWarm = time.Minute

func (h *hub) endIdle(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.warm != nil && len(f.members) == 0 && h.feeds[f.room] == f {
		h.endLocked(f)
	}
}

// endLocked ends a feed; f.mu is held as well.
func (h *hub) endLocked(f *feed) {
	delete(h.feeds, f.room)
	if f.stop != nil {
		f.stop()
	}
	if f.timer != nil {
		f.timer.Stop()
	}
}

// drop lets nobody else into a feed that has ended: the next one to come starts
// another.
func (h *hub) drop(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.feeds[f.room] == f {
		delete(h.feeds, f.room)
	}
}

// keepLeases renews the leases of everybody here, and ends those that others
// left behind.
func (h *hub) keepLeases() {
	ticker := time.NewTicker(h.lease / 3)
	defer ticker.Stop()
	// Not a timer of 0: of several that are due as they are made, in one bubble of
	// testing/synctest, Go's race detector takes two at once, and ends.
	sweep := time.NewTimer(h.sweep())
	defer sweep.Stop()
	for {
		select {
		case <-h.ctx.Done():
			return
		case <-ticker.C:
			h.renew()
		case <-sweep.C:
			sweep.Reset(h.sweep())
		}
	}
}

// sweep ends leases and tells when to look again: when the next one ends, but
// not later than a third of a lease, since other instances add theirs.
func (h *hub) sweep() (next time.Duration) {
	defer survive(h.log, "the end of leases", func() { next = h.lease / 3 })
	ctx, cancel := context.WithTimeout(h.ctx, storeTimeout)
	defer cancel()
	ends, err := h.rooms.Sweep(ctx)
	if err != nil && h.ctx.Err() == nil {
		h.log.Warn("end leases", "err", err)
	}
	wait := h.lease / 3
	if !ends.IsZero() {
		wait = min(wait, time.Until(ends))
	}
	return max(wait, sweepMin)
}

const sweepMin = 250 * time.Millisecond

func (h *hub) renew() {
	defer survive(h.log, "the renewing of leases", func() {})
	h.renewSeats(h.seats())
}

// renewSeats keeps people in their rooms, and puts back whose lease has ended.
func (h *hub) renewSeats(seats []chat.Seat) {
	conns := map[string][]string{}
	for _, s := range seats {
		conns[s.Room] = append(conns[s.Room], s.Conn)
	}
	ctx, cancel := context.WithTimeout(h.ctx, storeTimeout)
	defer cancel()
	gone, err := h.rooms.Renew(ctx, conns)
	if err != nil {
		if h.ctx.Err() == nil {
			h.log.Warn("renew leases", "err", err)
		}
		return
	}
	for _, s := range seats {
		if slices.Contains(gone[s.Room], s.Conn) {
			h.restore(ctx, s)
		}
	}
}

// restore puts somebody back whose lease ended although the connection stands,
// as after the machine slept. Whose name was taken meanwhile must come anew.
func (h *hub) restore(ctx context.Context, s chat.Seat) {
	if !h.seated(s) {
		return // it has left meanwhile, or moved
	}
	err := h.rooms.Return(ctx, s)
	if err == nil || h.ctx.Err() != nil {
		return
	}
	h.log.Warn("put somebody back into a room", "err", err)
	for _, m := range h.members(s.Room) {
		if m.seat == s {
			m.socket.Close(engineio.ServerError)
		}
	}
}

func (h *hub) seated(s chat.Seat) bool {
	return slices.ContainsFunc(h.members(s.Room), func(m *member) bool { return m.seat == s })
}

func (h *hub) members(room string) []*member {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[room]
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.members)
}

func (h *hub) seats() []chat.Seat {
	h.mu.Lock()
	defer h.mu.Unlock()
	var seats []chat.Seat
	for _, f := range h.feeds {
		f.mu.Lock()
		for _, m := range f.members {
			seats = append(seats, m.seat)
		}
		f.mu.Unlock()
	}
	return seats
}
