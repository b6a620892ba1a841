package server

import (
	"context"
	"encoding/json"

	"maru/app/wire/event"
	"maru/backend/chat"
	"maru/backend/socketio"
)

// bindMoments binds what is told at once or not at all.
func (b *binding) bindMoments(ns *socketio.Namespace) {
	ns.On(event.Typing, b.handler(b.typing))
	ns.On(event.Read, b.handler(b.read))
}

func (b *binding) typing(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseTyping(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	in, err := p.in(q.Room)
	if err != nil {
		return outcome{}, err
	}
	b.signal(ctx, signal{event.Typing, in.seat.Room, in.seat.User, in.seat.Conn, chat.Typing(in.seat, q.Stop).Append(nil)})
	return outcome{}, nil
}

func (b *binding) read(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseMark(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	in, err := p.in(q.Room)
	if err != nil {
		return outcome{}, err
	}
	mark, err := b.rooms.Mark(ctx, in.seat, q.Seq)
	if err != nil {
		return outcome{}, err
	}
	b.signal(ctx, signal{event.Read, in.seat.Room, in.seat.User, in.seat.Conn, mark.Append(nil)})
	return outcome{result: mark}, nil
}

// signal tells all instances. If that fails nobody is told, which is allowed.
func (b *binding) signal(ctx context.Context, s signal) {
	if err := b.rooms.Signal(ctx, s.append(nil)); err != nil {
		b.log.Warn("signal", "event", s.event, "err", err)
	}
}
