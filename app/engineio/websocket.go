package engineio

import (
	"context"
	"errors"
	"time"

	"github.com/coder/websocket"

	"maru/app/wire/eio"
)

// Conn is an open WebSocket as coder/websocket has it. Read is called by one
// goroutine and Write by one.
type Conn interface {
	Read(ctx context.Context) (websocket.MessageType, []byte, error)
	Write(ctx context.Context, typ websocket.MessageType, p []byte) error
	Close(code websocket.StatusCode, reason string) error
}

// writeTimeout bounds the writing of one batch to a peer that does not read.
const writeTimeout = 10 * time.Second

// webSocket is the Transport over a WebSocket: a text frame is a packet, a
// binary frame the data of a message (section "WebSocket").
type webSocket struct {
	conn  Conn
	limit int64
	buf   []byte // of the writer, kept between frames
}

func newWebSocket(conn Conn, limit int64) *webSocket {
	if c, ok := conn.(interface{ SetReadLimit(int64) }); ok {
		c.SetReadLimit(limit)
	}
	return &webSocket{conn: conn, limit: limit}
}

func (w *webSocket) Name() string { return eio.WebSocket }

// Receive never lets a context end the Read: natively that would cut the
// connection, and in a browser it would leave the socket open, unread.
func (w *webSocket) Receive() (eio.Packet, error) {
	typ, data, err := w.conn.Read(context.Background())
	switch {
	case errors.Is(err, websocket.ErrMessageTooBig), int64(len(data)) > w.limit:
		return eio.Packet{}, ErrBroken
	case err != nil:
		return eio.Packet{}, err
	case typ == websocket.MessageBinary:
		return eio.Packet{Type: eio.Message, Binary: true, Data: data}, nil
	}
	p, err := eio.Parse(data)
	if err != nil {
		return eio.Packet{}, ErrBroken
	}
	return p, nil
}

func (w *webSocket) Send(packets []eio.Packet) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	for _, p := range packets {
		if p.Binary {
			if err := w.conn.Write(ctx, websocket.MessageBinary, p.Data); err != nil {
				return err
			}
			continue
		}
		w.buf = eio.Append(w.buf[:0], p)
		if err := w.conn.Write(ctx, websocket.MessageText, w.buf); err != nil {
			return err
		}
	}
	if cap(w.buf) > keptBuffer {
		w.buf = nil
	}
	return nil
}

// keptBuffer is the most that a quiet session keeps for its next frame.
const keptBuffer = 16 << 10

func (w *webSocket) Close() { closeWebSocket(w.conn) }
