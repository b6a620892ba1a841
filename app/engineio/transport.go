package engineio

import (
	"errors"

	"maru/app/wire/eio"
)

// Transport carries the packets of one session. WebSocket is one; HTTP
// long-polling has the same shape, with payloads in the place of frames.
type Transport interface {
	// Receive returns the next packet, whose data the caller may keep. One
	// goroutine calls it. An error that is ErrBroken concerns one packet; any
	// other tells that the transport is gone.
	Receive() (eio.Packet, error)
	// Send writes packets in their order and returns when they have been
	// handed over, or when the transport is gone. One goroutine calls it.
	Send(packets []eio.Packet) error
	// Close ends the transport, after which Receive returns an error soon. It
	// may block until the peer has agreed, for a bounded time.
	Close()
}

// ErrBroken tells that the server sent what is no packet, or one too long.
var ErrBroken = errors.New("engineio: broken or over-long packet")
