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
	cost := 0
	for i := range frames {
		cost += len(frames[i].Data) + frameCost
	}
	if s.waiting+cost > s.server.cfg.MaxQueue {
		s.closeLocked(SlowConsumer)
		return s.closed
	}
	s.waiting += cost
	s.queue = append(s.queue, frames...)
	s.wakeLocked()
	return nil
}

// wakeLocked sees to it that somebody drains the queue.
func (s *Session) wakeLocked() {
	if !s.draining {
		s.draining = true
		go s.drainFunc()
	}
}

// drain writes until the queue is empty, all that waits at once. If the
// session is closed by then, it releases the transport, and nothing is
// drained any more.
func (s *Session) drain() {
	s.mu.Lock()
	for len(s.queue) > 0 {
		batch, cost := s.queue, s.waiting
		s.queue, s.spare = s.spare, nil
		s.mu.Unlock()
		err := s.transport.write(batch)
		clear(batch)
		s.mu.Lock()
		s.waiting -= cost
		if cap(batch) <= maxSpare {
			s.spare = batch[:0]
		}
		if err != nil {
			s.writeFailedLocked(err)
		}
	}
	if s.drained != nil {
		close(s.drained)
		s.drained = nil
	}
	closed := s.closed
	if closed == nil {
		s.draining = false
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.transport.close(closed.Reason)
	close(s.done)
}

// Drained waits until nothing waits for the peer any more, so that whoever has
// much to send can go at the peer's pace. The error is ctx's or a *CloseError.
func (s *Session) Drained(ctx context.Context) error {
	s.mu.Lock()
	if s.closed != nil || !s.draining {
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
