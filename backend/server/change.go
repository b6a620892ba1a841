package server

import (
	"context"
	"crypto/rand"
	"encoding/json"

	"maru/app/wire/event"
	"maru/backend/chat"
	"maru/backend/socketio"
)

// bindChanges binds the events that change a message. Everybody in the room
// hears of the change by the room's log; the ack has its place there.
func (b *binding) bindChanges(ns *socketio.Namespace) {
	ns.On(event.Edit, b.handler(change(b, event.ParseEdit, func(q *event.EditRequest) (string, *string) { return q.Room, &q.ID }, b.rooms.Edit)))
	ns.On(event.Delete, b.handler(change(b, event.ParseDelete, func(q *event.DeleteRequest) (string, *string) { return q.Room, &q.ID }, b.rooms.Delete)))
	ns.On(event.React, b.handler(change(b, event.ParseReact, func(q *event.ReactRequest) (string, *string) { return q.Room, &q.ID }, b.rooms.React)))
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

// change makes a verb of what changes a message: parse reads the argument, target
// tells of which room it is and where its id stands, and do makes the change.
func change[Q any](b *binding, parse func(json.RawMessage) (Q, *event.Error), target func(*Q) (room string, id *string),
	do func(context.Context, chat.Seat, Q) (event.Sent, error)) verb {
	return func(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
		q, refusal := parse(arg)
		if refusal != nil {
			return outcome{}, refusal
		}
		room, id := target(&q)
		in, err := b.changing(p, room)
		if err != nil {
			return outcome{}, err
		}
		*id = orNew(*id)
		sent, err := do(ctx, in.seat, q)
		return outcome{result: sent}, err
	}
}
