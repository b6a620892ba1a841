package engineio

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

const (
	// keptBuffer is the read buffer that an idle session keeps.
	keptBuffer = 4 << 10
	// maxFragments bounds the pieces of one message that carry data; the
	// read budget bounds the empty ones.
	maxFragments = 256
	// maxDiscarded is how much of a message that is too big is read and thrown
	// away, so that its sender gets to hear of it.
	maxDiscarded = 4 << 20
	// readOverhead is what the frame headers and the control frames before
	// and within one message may cost beside the message itself, in bytes.
	readOverhead = 16 << 10
)

// webSocket is the transport of that name. A text frame is one packet, a
// binary frame one binary message (Engine.IO protocol, section "WebSocket").
type webSocket struct {
	ws     *websocket.Conn
	conn   *batchConn
	budget int64
	limit  int // bytes of one message
	buf    []byte
}

// acceptWebSocket answers the upgrade request, or refuses it with an HTTP
// error and returns an error.
func acceptWebSocket(w http.ResponseWriter, r *http.Request, cfg *Config) (*webSocket, error) {
	budget := cfg.MaxPayload + readOverhead
	hijacker := &batchHijacker{ResponseWriter: w, writeTimeout: cfg.WriteTimeout, budget: budget}
	ws, err := websocket.Accept(hijacker, r, &websocket.AcceptOptions{
		OriginPatterns:  acceptedOrigin(r),
		CompressionMode: websocket.CompressionDisabled,
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1) // readMessage has its own, since the library's speaks for itself
	return &webSocket{ws: ws, conn: hijacker.conn, budget: budget, limit: int(cfg.MaxPayload)}, nil
}

func (t *webSocket) read() (Frame, Reason) {
	t.conn.budget.Store(t.budget)
	kind, r, err := t.ws.Reader(context.Background())
	if err != nil {
		return Frame{}, readReason(err)
	}
	if cap(t.buf) > keptBuffer {
		t.buf = nil
	}
	t.buf, err = readMessage(r, t.buf[:0], t.limit)
	if err != nil {
		return Frame{}, readReason(err)
	}
	return Frame{Binary: kind == websocket.MessageBinary, Data: t.buf}, ""
}

var (
	errFragments = errors.New("engineio: too many fragments")
	errTooBig    = errors.New("engineio: message too big")
)

// readMessage appends to buf what r holds, up to limit bytes. It grows with
// what has come, not with what a frame header announced.
func readMessage(r io.Reader, buf []byte, limit int) ([]byte, error) {
	for range maxFragments {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(max(512, 2*cap(buf)), limit+1))
			copy(grown, buf)
			buf = grown
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if len(buf) > limit {
			return buf, errTooBig
		}
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
	return buf, errFragments
}

func readReason(err error) Reason {
	switch {
	case errors.Is(err, errTooBig):
		return MessageTooBig
	case errors.Is(err, errFlood), errors.Is(err, errFragments):
		return BadRequest
	case websocket.CloseStatus(err) != -1:
		return TransportClose
	}
	return TransportError // also when it broke off without a close frame
}

func (t *webSocket) write(frames []Frame) error {
	t.conn.cork()
	for i := range frames {
		kind := websocket.MessageText
		if frames[i].Binary {
			kind = websocket.MessageBinary
		}
		if err := t.ws.Write(context.Background(), kind, frames[i].Data); err != nil {
			_ = t.conn.flush() // err says it already
			return err
		}
		if t.conn.gathered() >= maxBatch {
			if err := t.conn.flush(); err != nil {
				return err
			}
			t.conn.cork()
		}
	}
	return t.conn.flush()
}

func (t *webSocket) ready() bool { return true }

func (t *webSocket) reserve(frames []Frame) int { return len(frames) }

// farewell leaves it to close to tell the peer, by a close frame.
func (t *webSocket) farewell(reason Reason) (Frame, bool) {
	end := time.Now()
	if reason != PingTimeout { // such a peer wouldn't hear it
		end = end.Add(closeGrace)
	}
	t.expire(end)
	return Frame{}, false
}

func (t *webSocket) expire(at time.Time) { t.conn.expire(at) }

func (t *webSocket) close(reason Reason) {
	if reason == MessageTooBig {
		// A peer that is cut off while it writes may never read why.
		t.conn.budget.Store(maxDiscarded)
	}
	_ = t.ws.Close(reason.Code(), string(reason)) // the peer may be gone
}
