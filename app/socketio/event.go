package socketio

import (
	"context"
	"encoding/json"

	"maru/app/engineio"
	"maru/app/wire/sio"
)

// Kind says what an Event tells.
type Kind int

// The kinds of events. Between a Connected and its Disconnected come Messages.
const (
	Connected    Kind = iota // the server accepted the namespace
	Disconnected             // it is gone; the manager sees to its coming back
	Refused                  // the server did not accept the namespace
	Message                  // an event of the server
)

// Event is one thing that happened in a namespace.
type Event struct {
	Kind        Kind
	Name        string            // of a Message
	Args        []json.RawMessage // of a Message; placeholders stand for attachments
	Attachments [][]byte          // of a Message
	Data        json.RawMessage   // the reply of a Connected, the error of a Refused
	Reason      string            // of a Disconnected

	ack *ack
}

// WantsAck tells whether the server waits for an answer by Ack.
func (e Event) WantsAck() bool { return e.ack != nil }

// ack is where an answer goes. It is guarded by the socket's mu.
type ack struct {
	session *engineio.Session
	id      int64
	done    bool
}

// Next returns the namespace's next event, in the order of the wire. Events
// wait in a bounded queue; who does not take them holds up the whole
// connection, and with it the answers to Call, so the goroutine that pulls
// events must not Call.
func (s *Socket) Next(ctx context.Context) (Event, error) {
	select {
	case e := <-s.events:
		return e, nil
	case <-ctx.Done():
		return Event{}, ctx.Err()
	}
}

// push hands an event over to Next, and waits while the queue is full.
func (s *Socket) push(ctx context.Context, e Event) {
	select {
	case s.events <- e:
		return
	default:
	}
	select {
	case s.events <- e:
	case <-s.gone:
	case <-ctx.Done():
	}
}

// Ack answers an event that wants it, once, with JSON arguments.
func (s *Socket) Ack(e Event, args ...[]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.ack == nil || e.ack.done {
		return ErrNoAck
	}
	if s.session != e.ack.session || s.phase != connected {
		return ErrDisconnected
	}
	err := s.sendLocked(sio.Packet{Type: sio.Ack, ID: e.ack.id, Data: sio.AppendArgs(nil, args...)})
	e.ack.done = err == nil
	return err
}
