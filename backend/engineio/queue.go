package engineio

import (
	"context"
	"errors"
	"net"
	"os"
	"time"
)

// maxSpare is the longest queue, in frames, that an idle session keeps.
const maxSpare = 64

// Send queues frames for the peer. It never blocks and never reorders, and
// the frames of one call stay together. It keeps their Data, which nobody may
// change any more. A queue above MaxQueue closes the session with
// SlowConsumer. The error is a *CloseError.
func (s *Session) Send(frames ...Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendLocked(frames...)
}

func (s *Session) sendLocked(frames ...Frame) error {
	if s.closed != nil {
		return s.closed
	}
	cost := costOf(frames)
	if s.waiting+cost > s.server.cfg.MaxQueue {
		s.closeLocked(SlowConsumer)
		return s.closed
	}
	s.waiting += cost
	s.queue = append(s.queue, frames...)
	s.wakeLocked()
	return nil
}

// SendVolatile queues frames unless the peer isn't ready for them: something
// already waits for it, or it has no poll open. sent tells whether it did.
func (s *Session) SendVolatile(frames ...Frame) (sent bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == nil && (s.draining || len(s.queue) > 0 || !s.transport.ready()) {
		return false, nil
	}
	err = s.sendLocked(frames...)
	return err == nil, err
}

// wake is called when the transport has become ready.
func (s *Session) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hurriesLocked() && s.closed == nil && !s.draining && len(s.queue) == 0 && s.transport.ready() {
		_ = s.sendLocked(noopFrame) // a session that it closes needs no noop
		return
	}
	s.wakeLocked()
}

// hurriesLocked tells whether a GET is answered at once, even with nothing: the
// session is about to take to a WebSocket, or to another instance.
func (s *Session) hurriesLocked() bool {
	return time.Now().Before(s.probed) || s.turn > 0 && s.server.leaving.Load()
}

// wakeLocked sees to it that somebody drains the queue, as soon as the
// transport is ready, and releases the transport of a closed session.
func (s *Session) wakeLocked() {
	if s.draining || len(s.queue) == 0 && s.closed == nil || len(s.queue) > 0 && !s.transport.ready() {
		return
	}
	s.draining = true
	go s.drainFunc()
}

// drain writes until the queue is empty or the transport is not ready any
// more. If the session is closed and its queue empty by then, it releases the
// transport, and nothing is drained any more.
func (s *Session) drain() {
	s.mu.Lock()
	for len(s.queue) > 0 {
		n := s.transport.reserve(s.queue)
		if n == 0 {
			break
		}
		t := s.transport
		batch, cost := s.takeLocked(n)
		s.stampLocked()
		s.mu.Unlock()
		err := s.write(t, batch)
		clear(batch)
		s.mu.Lock()
		s.taken, s.greeted = nil, true
		s.waiting -= cost
		if cap(batch) <= maxSpare {
			s.spare = batch[:0]
		}
		if err != nil {
			s.writeFailedLocked(err)
		}
	}
	s.noteDrainedLocked()
	closed := s.closed
	if closed == nil || len(s.queue) > 0 {
		s.draining = false
		s.mu.Unlock()
		return
	}
	t := s.transport
	s.mu.Unlock()
	t.close(closed.Reason)
	close(s.done)
}

// write writes what was taken off the queue, unless another instance does.
func (s *Session) write(t transport, batch []Frame) error {
	switch err := s.settle(); {
	case err == nil:
		return t.write(batch)
	case errors.Is(err, ErrLostTurn), errors.Is(err, ErrNoSession):
		s.Close(Moved)
		return t.write([]Frame{noopFrame})
	default:
		// What the peer has by now can't be kept: it must come back, with its
		// places.
		s.server.cfg.Logger.Warn("engineio: save a session", "error", err)
		s.Close(ServerError)
		return t.write([]Frame{closeFrame})
	}
}

// takeLocked takes the first n frames off the queue, with their cost.
func (s *Session) takeLocked(n int) (batch []Frame, cost int) {
	batch, cost = s.queue, s.waiting
	s.queue, s.spare = s.spare, nil
	if n < len(batch) {
		s.queue = append(s.queue[:0], batch[n:]...)
		clear(batch[n:])
		batch, cost = batch[:n], cost-costOf(s.queue)
	}
	if s.keptLocked() {
		s.taken = batch
	}
	return batch, cost
}

func costOf(frames []Frame) int {
	cost := 0
	for i := range frames {
		cost += len(frames[i].Data) + frameCost
	}
	return cost
}

func (s *Session) noteDrainedLocked() {
	if s.drained != nil && (len(s.queue) == 0 || s.closed != nil) {
		close(s.drained)
		s.drained = nil
	}
}

// Drained waits until nothing waits for the peer any more, so that whoever has
// much to send can go at the peer's pace. The error is ctx's or a *CloseError.
func (s *Session) Drained(ctx context.Context) error {
	s.mu.Lock()
	if s.closed != nil || !s.draining && len(s.queue) == 0 {
		defer s.mu.Unlock()
		return s.errorLocked()
	}
	if s.drained == nil {
		s.drained = make(chan struct{})
	}
	drained := s.drained
	s.mu.Unlock()
	select {
	case <-drained:
		return s.closeError()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// writeFailedLocked gives up on a peer that can't be written to. When the
// connection was closed already, the reading side knows better why.
func (s *Session) writeFailedLocked(err error) {
	clear(s.queue)
	s.queue, s.waiting = s.queue[:0], 0
	switch {
	case errors.Is(err, net.ErrClosed):
		return
	case s.closed != nil:
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.closeLocked(SlowConsumer)
	default:
		s.closeLocked(TransportError)
	}
	// The last frame may have gone out in part: nothing may follow it.
	s.transport.expire(time.Now())
}
