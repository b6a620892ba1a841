package engineio

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// recorder is a connection that keeps what is written.
type recorder struct {
	net.Conn
	writes [][]byte
	closed bool
}

func (c *recorder) Write(p []byte) (int, error) {
	c.writes = append(c.writes, bytes.Clone(p))
	return len(p), nil
}
func (c *recorder) SetWriteDeadline(time.Time) error { return nil }
func (c *recorder) Close() error                     { c.closed = true; return nil }

// sink is a connection that takes everything and sends nothing.
type sink struct {
	net.Conn
	written atomic.Int64
	writes  atomic.Int64
	once    sync.Once
	closed  chan struct{}
}

func (c *sink) Read([]byte) (int, error) { <-c.closed; return 0, net.ErrClosed }
func (c *sink) Write(p []byte) (int, error) {
	c.writes.Add(1)
	c.written.Add(int64(len(p)))
	return len(p), nil
}
func (c *sink) SetDeadline(time.Time) error      { return nil }
func (c *sink) SetWriteDeadline(time.Time) error { return nil }
func (c *sink) Close() error                     { c.once.Do(func() { close(c.closed) }); return nil }

type sinkWriter struct {
	*httptest.ResponseRecorder
	conn *sink
}

func (w sinkWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

// toSink opens a session that writes to a sink.
func toSink(tb testing.TB) (*Session, *sink) {
	conn := &sink{closed: make(chan struct{})}
	opened, ended := make(chan *Session), make(chan struct{})
	server := New(Config{}, func(ctx context.Context, s *Session) {
		opened <- s
		_, _ = s.Receive(ctx)
	})
	r := httptest.NewRequest(http.MethodGet, "/?EIO=4&transport=websocket", nil)
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
	go func() {
		defer close(ended)
		server.ServeHTTP(sinkWriter{httptest.NewRecorder(), conn}, r)
	}()
	s := <-opened
	tb.Cleanup(func() {
		s.Close(ForcedClose)
		conn.Close()
		<-ended
	})
	return s, conn
}

// deliver sends a frame and waits until it is written.
func deliver(s *Session, conn *sink, f Frame) {
	before := conn.written.Load()
	if err := s.Send(f); err != nil {
		panic(err)
	}
	for conn.written.Load() == before {
		runtime.Gosched()
	}
}

func TestSendDoesNotAllocate(t *testing.T) {
	s, conn := toSink(t)
	frame := text("a message of an ordinary length, encoded once for all")
	for range 100 {
		deliver(s, conn, frame)
	}
	allocs := testing.AllocsPerRun(1000, func() { deliver(s, conn, frame) })
	// A collection may empty the pool of buffers meanwhile: below one is none.
	if allocs >= 1 {
		t.Errorf("%v allocations for a delivery", allocs)
	}
}

// BenchmarkSend delivers one frame to a thousand sessions; an operation is all
// of them, written.
func BenchmarkSend(b *testing.B) {
	const sessions = 1000
	var all [sessions]*Session
	var sinks [sessions]*sink
	for i := range all {
		all[i], sinks[i] = toSink(b)
		for sinks[i].writes.Load() == 0 { // the handshake
			runtime.Gosched()
		}
	}
	frame := text("a message of an ordinary length, encoded once for all")
	var before [sessions]int64
	b.ReportAllocs()
	for b.Loop() {
		for i, s := range all {
			before[i] = sinks[i].written.Load()
			if err := s.Send(frame); err != nil {
				b.Fatal(err)
			}
		}
		for i := range sinks {
			for sinks[i].written.Load() == before[i] {
				runtime.Gosched()
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/sessions, "ns/delivery")
}
