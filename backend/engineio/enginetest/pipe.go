// Package enginetest is a network in memory for tests: connections with
// bounded buffers, deadlines and counters, which work in a testing/synctest
// bubble. It knows nothing of what runs over them.
package enginetest

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Conn is one end of a connection in memory.
type Conn struct {
	in, out *stream
}

// Pipe returns the two ends of a connection whose writers wait once limit
// bytes have not been read.
func Pipe(limit int) (a, b *Conn) {
	ab, ba := newStream(limit), newStream(limit)
	return &Conn{in: ba, out: ab}, &Conn{in: ab, out: ba}
}

// Writes is the number of writes that this end has made.
func (c *Conn) Writes() int {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.writes
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) { return c.in.read(p) }

// Write implements net.Conn. Concurrent writes don't mix.
func (c *Conn) Write(p []byte) (int, error) { return c.out.write(p) }

// Close implements net.Conn. The other end reads what was written, then EOF.
func (c *Conn) Close() error {
	c.out.closeWriter()
	c.in.closeReader()
	return nil
}

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	c.in.expire(&c.in.reading, t)
	c.out.expire(&c.out.writing, t)
	return nil
}

// SetReadDeadline implements net.Conn.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.in.expire(&c.in.reading, t)
	return nil
}

// SetWriteDeadline implements net.Conn.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.out.expire(&c.out.writing, t)
	return nil
}

type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return "memory:80" }

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return address{} }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return address{} }

// stream is one direction.
type stream struct {
	limit int

	mu           sync.Mutex
	changed      *sync.Cond
	buf          []byte
	busy         bool // the bytes of one writer are going in
	writes       int
	writerClosed bool
	readerClosed bool
	reading      deadline
	writing      deadline
}

type deadline struct {
	timer   *time.Timer
	expired bool
}

func newStream(limit int) *stream {
	s := &stream{limit: limit}
	s.changed = sync.NewCond(&s.mu)
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readerClosed:
			return 0, net.ErrClosed
		case s.reading.expired:
			return 0, os.ErrDeadlineExceeded
		case len(s.buf) > 0:
			n := copy(p, s.buf)
			s.buf = s.buf[:copy(s.buf, s.buf[n:])]
			s.changed.Broadcast()
			return n, nil
		case s.writerClosed:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.busy { // a mutex would stop the clock of a synctest bubble
		s.changed.Wait()
	}
	s.busy = true
	defer s.release()
	s.writes++
	for {
		switch {
		case s.writerClosed:
			return n, net.ErrClosed
		case s.writing.expired:
			return n, os.ErrDeadlineExceeded
		case s.readerClosed:
			return n, io.ErrClosedPipe
		}
		part := min(len(p), s.limit-len(s.buf))
		s.buf = append(s.buf, p[:part]...)
		n, p = n+part, p[part:]
		if part > 0 {
			s.changed.Broadcast()
		}
		if len(p) == 0 {
			return n, nil
		}
		s.changed.Wait()
	}
}

func (s *stream) release() {
	s.busy = false
	s.changed.Broadcast()
}

func (s *stream) closeWriter() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writerClosed = true
	s.writing.stop()
	s.changed.Broadcast()
}

func (s *stream) closeReader() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readerClosed = true
	s.reading.stop()
	s.changed.Broadcast()
}

func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// expire sets one of the stream's deadlines; zero is none.
func (s *stream) expire(d *deadline, t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.stop()
	d.expired = false
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.expired = true
		s.changed.Broadcast()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.timer == timer {
			d.expired = true
			s.changed.Broadcast()
		}
	})
	d.timer = timer
}
