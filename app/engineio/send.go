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
	size, base64 := 0, s.transport.Name() == eio.Polling
	for _, m := range messages {
		if most := s.handshake.MaxPayload; most > 0 && encodedLen(m.Binary && base64, len(m.Data)) > most {
			return ErrTooBig
		}
		size += len(m.Data)
	}
	if s.queued+size > s.options.SendLimit {
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
	s.startWriterLocked()
}

func (s *Session) startWriterLocked() {
	if !s.writing && !s.upgrade.switching && len(s.queue) > 0 {
		s.writing = true
		go s.write()
	}
}

// write writes what is due, together, until nothing is; after the session's
// last packet it closes the transport.
func (s *Session) write() {
	for {
		t, batch, closing := s.nextBatch()
		if len(batch) > 0 {
			if err := t.Send(batch); err != nil {
				s.lose(reasonOf(err))
			}
		}
		if closing {
			t.Close()
			return
		}
		if len(batch) == 0 {
			return
		}
	}
}

// nextBatch takes the queue. closing tells that nothing can follow, so the
// writer stays marked as running for good; after an empty batch it must end.
func (s *Session) nextBatch() (t Transport, batch []eio.Packet, closing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.upgrade.switching {
		s.writing = false
		close(s.upgrade.quiet)
		return s.transport, nil, false
	}
	batch, s.queue, s.queued = s.queue, nil, 0
	if s.failed {
		batch = nil
	}
	if len(batch) == 0 && !s.closed {
		s.writing = false
	}
	s.left = s.closed
	return s.transport, batch, s.closed
}
