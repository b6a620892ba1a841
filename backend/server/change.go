package server

import (
	"context"
	"crypto/rand"
	"encoding/json"

	"maru/app/wire/event"
	"maru/backend/socketio"
)

// bindChanges binds the events that change a message. Everybody in the room
// hears of the change by the room's log; the ack has its place there.
func (b *binding) bindChanges(ns *socketio.Namespace) {
	ns.On(event.Edit, b.handler(b.edit))
	ns.On(event.Delete, b.handler(b.delete))
	ns.On(event.React, b.handler(b.react))
}

// changing is the person's presence in a room where it wants to change
// something, or a refusal.
func (b *binding) changing(p *person, room string) (*presence, error) {
	in, err := p.in(room)
	if err != nil {
		return nil, err
	}
	if over := b.limits.room(room); over != nil {
		return nil, over
	}
	return in, nil
}

// in is the person's presence in a room, or a refusal.
func (p *person) in(room string) (*presence, error) {
	if in := p.seats[room]; in != nil {
		return in, nil
	}
	return nil, event.Refuse(event.NotJoined)
}

// orNew is an id that was given, or a new one.
func orNew(id string) string {
	if id == "" {
		return rand.Text()
	}
	return id
}

func (b *binding) edit(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseEdit(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	in, err := b.changing(p, q.Room)
	if err != nil {
		return outcome{}, err
	}
	q.ID = orNew(q.ID)
	sent, err := b.rooms.Edit(ctx, in.seat, q)
	return outcome{result: sent}, err
}

func (b *binding) delete(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseDelete(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	in, err := b.changing(p, q.Room)
	if err != nil {
		return outcome{}, err
	}
	q.ID = orNew(q.ID)
	sent, err := b.rooms.Delete(ctx, in.seat, q)
	return outcome{result: sent}, err
}

func (b *binding) react(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseReact(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	in, err := b.changing(p, q.Room)
	if err != nil {
		return outcome{}, err
	}
	q.ID = orNew(q.ID)
	sent, err := b.rooms.React(ctx, in.seat, q)
	return outcome{result: sent}, err
}
