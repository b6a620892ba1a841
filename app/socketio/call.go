package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"maru/app/engineio"
	"maru/app/wire/sio"
)

// Errors of Emit, Call and Ack, beside engineio.ErrFull and ErrTooBig.
var (
	ErrNotConnected = errors.New("socketio: not connected")
	ErrDisconnected = errors.New("socketio: the connection went before the answer came")
	ErrName         = errors.New("socketio: this event name is reserved")
	ErrBusy         = errors.New("socketio: too many calls are waiting for an answer")
	ErrNoAck        = errors.New("socketio: the event wants no answer, or has got one")
)

// maxCalls is how many calls of a namespace may wait for their answer.
const maxCalls = 1024

// call is one that waits. Its channel is closed without a value when the
// connection goes.
type call struct {
	answer chan []json.RawMessage
	sent   time.Time
}

// Emit sends an event with JSON arguments. ErrNotConnected tells that nothing
// was sent; nil does not tell that it arrived.
func (s *Socket) Emit(name string, args ...[]byte) error {
	if sio.Reserved(name) {
		return ErrName
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != connected {
		return ErrNotConnected
	}
	return s.sendLocked(sio.Packet{Type: sio.Event, ID: sio.NoID, Data: sio.AppendEvent(nil, name, args...)})
}

// Call sends an event with JSON arguments and returns the arguments of the
// server's acknowledgement. With ErrNotConnected nothing was sent. With
// ErrDisconnected, or when ctx ended first, nobody knows whether the server did
// what was asked.
func (s *Socket) Call(ctx context.Context, name string, args ...[]byte) ([]json.RawMessage, error) {
	if sio.Reserved(name) {
		return nil, ErrName
	}
	id, c, err := s.begin(name, args)
	if err != nil {
		return nil, err
	}
	select {
	case answer, ok := <-c.answer:
		if !ok {
			return nil, ErrDisconnected
		}
		return answer, nil
	case <-ctx.Done():
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.calls, id)
		return nil, ctx.Err()
	}
}

func (s *Socket) begin(name string, args [][]byte) (id int64, c call, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.phase != connected:
		return 0, c, ErrNotConnected
	case len(s.calls) >= maxCalls:
		return 0, c, ErrBusy
	}
	id = s.nextID
	err = s.sendLocked(sio.Packet{Type: sio.Event, ID: id, Data: sio.AppendEvent(nil, name, args...)})
	if err != nil {
		return 0, c, err
	}
	s.nextID++
	c = call{answer: make(chan []json.RawMessage, 1), sent: time.Now()}
	s.calls[id] = c
	return id, c, nil
}

// answer takes an acknowledgement. One that nobody waits for is late, not wrong.
func (s *Socket) answer(p sio.Packet) error {
	args, err := sio.Args(p.Data)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c, ok := s.calls[p.ID]; ok {
		delete(s.calls, p.ID)
		took := time.Since(c.sent)
		s.manager.rtt.Store(int64(took))
		if o := s.manager.options.Observer; o != nil {
			o.Answered(took)
		}
		c.answer <- args
	}
	return nil
}

// sendLocked sends a packet of this namespace on the current session.
func (s *Socket) sendLocked(p sio.Packet) error {
	p.Namespace = s.namespace
	err := s.session.Send(engineio.Message{Data: sio.Append(nil, p)})
	var closed *engineio.CloseError
	if errors.As(err, &closed) {
		return ErrNotConnected
	}
	return err
}
