package engineio

import "maru/app/wire/eio"

// Send puts messages into the queue, all of them or none, and returns at once.
// They leave in the order of the calls. Their data must not be changed any
// more. The error is ErrFull, ErrTooBig, or a *CloseError when the session has
// ended; that a message was taken does not tell that it arrived.
func (s *Session) Send(messages ...Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return &CloseError{Reason: s.reason}
	}
	size := 0
	for _, m := range messages {
		if most := s.handshake.MaxPayload; most > 0 && int64(len(m.Data)) >= most {
			return ErrTooBig // the type before it counts too
		}
		size += len(m.Data)
	}
	if s.queued+size > s.sendLimit {
		return ErrFull
	}
	s.queued += size
	for _, m := range messages {
		s.queueLocked(eio.Packet{Type: eio.Message, Binary: m.Binary, Data: m.Data})
	}
	return nil
}

// queueLocked adds a packet and sees to it that a writer runs. The writer is a
// goroutine only while there is something to write.
func (s *Session) queueLocked(p eio.Packet) {
	s.queue = append(s.queue, p)
	if !s.writing {
		s.writing = true
		go s.write()
	}
}

// write writes what is due, together, until nothing is; after the session's
// last packet it closes the transport.
func (s *Session) write() {
	for {
		batch, closing := s.nextBatch()
		if len(batch) > 0 && s.transport.Send(batch) != nil {
			s.lose()
		}
		if closing {
			s.transport.Close()
			return
		}
		if len(batch) == 0 {
			return
		}
	}
}

// nextBatch takes the queue. closing tells that nothing can follow, so the
// writer stays marked as running for good; after an empty batch it must end.
func (s *Session) nextBatch() (batch []eio.Packet, closing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch, s.queue, s.queued = s.queue, nil, 0
	if s.failed {
		batch = nil
	}
	if len(batch) == 0 && !s.closed {
		s.writing = false
	}
	return batch, s.closed
}
