package engineio

import (
	"errors"

	"maru/app/wire/eio"
)

// Transport carries the packets of one session: a WebSocket, or HTTP
// long-polling.
type Transport interface {
	// Name is the transport's name in the protocol.
	Name() string
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

// leave says farewell on a transport that no session uses, and reads on until
// it is gone: a browser can't close a socket on which nothing may be waited
// for, so the server is asked to.
func leave(t Transport) {
	_ = t.Send([]eio.Packet{{Type: eio.Close}}) // gone is gone
	t.Close()
	drain(t)
}

func drain(t Transport) {
	for {
		if _, err := t.Receive(); err != nil && !errors.Is(err, ErrBroken) {
			return
		}
	}
}
