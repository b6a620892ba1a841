package socketio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"maru/app/wire/sio"
	"maru/backend/engineio"
)

// Errors of Socket.Call.
var (
	ErrTooManyCalls = errors.New("socketio: the client owes too many acks")
	ErrBinaryAck    = errors.New("socketio: the client answered with binary data")
)

// answer is the ack of a call.
type answer struct {
	args []json.RawMessage
	err  error
}

// Call sends an event and waits for its ack, at most Options.AckTimeout. It
// must not be called on the session's own goroutine, such as by a handler,
// where the ack could not be read. The error is ctx's,
// context.DeadlineExceeded, ErrTooManyCalls, ErrBinaryAck, or one of Send's.
func (s *Socket) Call(ctx context.Context, name string, args ...[]byte) ([]json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, s.client.server.opts.AckTimeout)
	defer cancel()
	id, answered, err := s.startCall(name, args)
	if err != nil {
		return nil, err
	}
	select {
	case a, ok := <-answered:
		if !ok {
			return nil, ErrDisconnected
		}
		return a.args, a.err
	case <-ctx.Done():
		s.takeCall(id)
		return nil, ctx.Err()
	}
}

func (s *Socket) startCall(name string, args [][]byte) (int64, chan answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) >= s.client.server.opts.MaxCalls {
		return 0, nil, ErrTooManyCalls
	}
	id := s.lastCall + 1
	err := s.sendLocked(frames(sio.Packet{
		Type: sio.Event, Namespace: s.namespace.name, ID: id,
		Data: sio.AppendEvent(nil, name, args...),
	}))
	if err != nil {
		return 0, nil, err
	}
	if s.calls == nil {
		s.calls = make(map[int64]chan answer)
	}
	s.lastCall = id
	s.calls[id] = make(chan answer, 1)
	return id, s.calls[id], nil
}

// takeCall returns the call that waits for the ack, or nil, and forgets it.
func (s *Socket) takeCall(id int64) chan answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	answered := s.calls[id]
	delete(s.calls, id)
	return answered
}

// ack takes an ack of the client. One that nobody waits for is ignored: it
// may be late.
func (s *Socket) ack(p sio.Packet) engineio.Reason {
	answered := s.takeCall(p.ID)
	if answered == nil {
		return ""
	}
	if p.Type == sio.BinaryAck {
		answered <- answer{err: ErrBinaryAck}
		return ""
	}
	args, err := sio.Args(bytes.Clone(p.Data)) // they outlive the message
	if err != nil {
		answered <- answer{err: ErrDisconnected}
		return engineio.ParseError
	}
	answered <- answer{args: args}
	return ""
}

// dropCalls ends the calls of a socket that has ended.
func (s *Socket) dropCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		close(c)
	}
	s.calls = nil
}
