package engineio

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// maxBatch is how many bytes are gathered before they are written; maxPooled
// is the largest buffer that is kept for the next batch.
const (
	maxBatch  = 64 << 10
	maxPooled = 2 * maxBatch
)

var batches = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

// errFlood ends a connection whose peer sends control frames and empty
// fragments without end, which the WebSocket library would swallow silently.
var errFlood = errors.New("engineio: too many bytes without a message")

// batchConn is the connection under the WebSocket library. While it is corked
// it gathers what is written, so that frames that are due together leave in
// one write. Frames reach it whole, so that a control frame which the reading
// side writes meanwhile goes into the batch, or between two.
type batchConn struct {
	net.Conn
	writeTimeout time.Duration

	// budget is how many bytes may be read before it is renewed.
	budget atomic.Int64

	mu      sync.Mutex
	batch   *[]byte   // not nil while corked
	expires time.Time // the end of all reading and writing, if set
}

func (c *batchConn) Read(p []byte) (int, error) {
	if c.budget.Load() <= 0 {
		return 0, errFlood
	}
	n, err := c.Conn.Read(p)
	c.budget.Add(int64(-n))
	return n, err
}

func (c *batchConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	if c.batch != nil {
		*c.batch = append(*c.batch, p...)
		c.mu.Unlock()
		return len(p), nil
	}
	c.mu.Unlock()
	return c.writeNow(p)
}

// writeNow writes with a deadline of its own. Concurrent calls don't mix: a
// net.Conn writes each slice whole.
func (c *batchConn) writeNow(p []byte) (int, error) {
	deadline := time.Now().Add(c.writeTimeout)
	c.mu.Lock()
	if !c.expires.IsZero() && c.expires.Before(deadline) {
		deadline = c.expires
	}
	err := c.Conn.SetWriteDeadline(deadline)
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// cork makes writes gather until flush.
func (c *batchConn) cork() {
	b := batches.Get().(*[]byte)
	c.mu.Lock()
	c.batch = b
	c.mu.Unlock()
}

// gathered is the number of bytes that wait for flush.
func (c *batchConn) gathered() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.batch == nil {
		return 0
	}
	return len(*c.batch)
}

// flush takes out the cork.
func (c *batchConn) flush() error {
	c.mu.Lock()
	b := c.batch
	c.batch = nil
	c.mu.Unlock()
	if b == nil {
		return net.ErrClosed // Close has flushed already
	}
	var err error
	if len(*b) > 0 {
		_, err = c.writeNow(*b)
	}
	putBatch(b)
	return err
}

func putBatch(b *[]byte) {
	if cap(*b) <= maxPooled {
		*b = (*b)[:0]
		batches.Put(b)
	}
}

func (c *batchConn) expire(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expires = t
	_ = c.Conn.SetDeadline(t) // fails only on a closed connection
}

// Close writes what was gathered first: the answer to a close frame may be in
// it.
func (c *batchConn) Close() error {
	if c.gathered() > 0 {
		_ = c.flush() // the connection ends either way
	}
	return c.Conn.Close()
}

// controlBuffer suffices for a control frame; longer frames pass in pieces
// into the batch.
const controlBuffer = 256

// batchHijacker hands the WebSocket library a batchConn instead of the bare
// connection.
type batchHijacker struct {
	http.ResponseWriter
	writeTimeout time.Duration
	budget       int64
	conn         *batchConn
}

// Hijack implements http.Hijacker.
func (h *batchHijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.conn = &batchConn{Conn: conn, writeTimeout: h.writeTimeout}
	h.conn.budget.Store(h.budget)
	rw.Writer = bufio.NewWriterSize(h.conn, controlBuffer)
	return h.conn, rw, nil
}
