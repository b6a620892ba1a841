package server

import (
	"context"
	"errors"

	"maru/app/wire/event"
	"maru/backend/chat"
	"maru/backend/socketio"
)

// clientLeft is the reason of a client that has ended its socket itself. It
// does not mean to be brought back.
const clientLeft = "client namespace disconnect"

// stays are the rooms that a stock client is in, in the order of joining.
func (p *person) stays() []chat.Stay {
	p.stock.mu.Lock()
	defer p.stock.mu.Unlock()
	var stays []chat.Stay
	for _, at := range p.stock.at {
		if in := p.seats[at.room]; in != nil {
			stays = append(stays, chat.Stay{Room: in.seat.Room, Name: in.seat.Name})
		}
	}
	return stays
}

// remember notes where a stock client is, so that it can be brought back after
// a lost connection. If that fails it will have to join anew, no more.
func (b *binding) remember(ctx context.Context, p *person, stays []chat.Stay) {
	if err := b.rooms.Remember(ctx, p.device, stays); err != nil {
		b.log.Warn("remember rooms", "err", err)
	}
}

// recover takes a stock client back into its rooms, before it is answered; it
// tells whether that was possible. What was missed follows the answer.
func (b *binding) recover(ctx context.Context, s *socketio.Socket, p *person, offset string) bool {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	entries, err := b.rooms.Recover(ctx, chat.Conn{ID: p.conn, Device: p.device}, offset)
	var refusal *event.Error
	switch {
	case errors.Is(err, chat.ErrNotRecoverable), errors.As(err, &refusal):
		return false
	case err != nil:
		b.log.Warn("bring a client back", "err", err)
		return false
	}
	for _, e := range entries {
		in := b.seat(s, p, e.Seat)
		in.back, in.member.back = true, true // it is not attached yet, so nobody else reads it
		p.stock.enter(e.Seat.Room, e.From)
		p.last = e.Seat.Room
	}
	p.back = entries
	return true
}

// connected tells a client that was brought back what it has missed, room by
// room, at its own pace.
func (b *binding) connected(_ context.Context, s *socketio.Socket) {
	p := s.Data.(*person)
	for _, e := range p.back {
		s.SetPlace(e.Seat.Room, e.From.String())
		b.attach(s, p.seats[e.Seat.Room], e.From, e.Head)
	}
	p.back = nil
	b.keep(s, p)
}
