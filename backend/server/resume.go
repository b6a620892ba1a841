package server

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"maru/app/wire/text"
	"maru/backend/chat"
	"maru/backend/socketio"
	"maru/backend/store"
)

// stay is a person as another instance needs to know it. The places in the
// rooms are kept beside it, since they change with every line.
type stay struct {
	Conn   string      `json:"conn"`
	Device chat.Device `json:"device"`
	Known  bool        `json:"known,omitempty"`
	Stock  bool        `json:"stock,omitempty"`
	Lang   text.Lang   `json:"lang"`
	Last   string      `json:"last,omitempty"`
	Seats  []chat.Seat `json:"seats,omitempty"` // of a stock client in the order of joining
	Back   []string    `json:"back,omitempty"`  // the rooms that it was brought back to
}

// renewedKey is where the time is kept at which the leases were renewed last by
// an instance that went on with a socket. No room has such a name.
const renewedKey = "\x01"

// keep keeps a person for the instance that goes on with the socket.
func (b *binding) keep(s *socketio.Socket, p *person) {
	if !s.Moves() {
		return
	}
	st := stay{Conn: p.conn, Device: p.device, Known: p.known, Stock: p.stock != nil, Lang: p.lang, Last: p.last}
	for _, room := range p.rooms() {
		in := p.seats[room]
		st.Seats = append(st.Seats, in.seat)
		if in.back {
			st.Back = append(st.Back, room)
		}
	}
	data, err := json.Marshal(st)
	if err != nil {
		panic(err) // strings always marshal
	}
	s.Keep(data)
}

// rooms are those that a person is in; of a stock client in the order of
// joining.
func (p *person) rooms() []string {
	if p.stock == nil {
		return slices.Collect(maps.Keys(p.seats))
	}
	var rooms []string
	for _, st := range p.stays() {
		rooms = append(rooms, st.Room)
	}
	return rooms
}

// resume goes on with a person whose session was served by another instance.
// It is told what came after its places there, room by room.
func (b *binding) resume(_ context.Context, s *socketio.Socket, data []byte) error {
	var st stay
	if err := json.Unmarshal(data, &st); err != nil {
		return err
	}
	p := &person{conn: st.Conn, device: st.Device, known: st.Known, lang: st.Lang, last: st.Last, seats: map[string]*presence{}}
	if st.Stock {
		p.stock = &cursors{}
	}
	s.Data = p
	places := make([]store.Pos, len(st.Seats))
	for i, seat := range st.Seats { // before any of them is told something
		var err error
		if places[i], err = store.ParsePos(s.Place(seat.Room)); err != nil {
			return err
		}
		in := b.seat(s, p, seat)
		in.back = slices.Contains(st.Back, seat.Room)
		in.member.back, in.member.told = in.back, s.Place(peopleKey(seat.Room)) // it is not attached yet
		if p.stock != nil {
			p.stock.enter(seat.Room, places[i])
		}
	}
	for i, seat := range st.Seats {
		b.attachAgain(s, p.seats[seat.Room], places[i])
	}
	b.renewAgain(s, st.Seats)
	return nil
}

// attachAgain is attach for a room in which the socket was on another instance.
// If it is followed here already, the store need not be asked where it stands.
func (b *binding) attachAgain(s *socketio.Socket, in *presence, from store.Pos) {
	if in.feed.follows() {
		b.attach(s, in, from, from)
		return
	}
	if !b.hub.begin() {
		return
	}
	go func() {
		defer b.hub.running.Done()
		head, err := b.hub.rooms.Head(b.hub.ctx, in.seat.Room)
		if err == nil && from.Epoch != "" && (head.Epoch != from.Epoch || head.Seq < from.Seq) {
			err = errOtherLog
		}
		if err == nil {
			err = in.feed.attach(b.hub.ctx, in.member, from, head)
		}
		b.attached(s, err)
	}()
}

// renewAgain keeps somebody in their rooms whose requests go from instance to
// instance: none of them might have the session when it renews those it has.
func (b *binding) renewAgain(s *socketio.Socket, seats []chat.Seat) {
	now := time.Now()
	last, err := strconv.ParseInt(s.Place(renewedKey), 10, 64)
	if err == nil && now.Sub(time.UnixMilli(last)) < b.hub.lease/4 || len(seats) == 0 || !b.hub.begin() {
		return
	}
	s.SetPlace(renewedKey, strconv.FormatInt(now.UnixMilli(), 10))
	go func() {
		defer b.hub.running.Done()
		b.hub.renewSeats(seats)
	}()
}

// follows tells whether the feed has begun.
func (f *feed) follows() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.started
}
