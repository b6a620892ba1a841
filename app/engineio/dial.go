// Package engineio is the client of Engine.IO v4: one session over one
// transport, in a browser tab and natively with the same code. Only how a
// WebSocket is opened and closed differs, in websocket_js.go and
// websocket_native.go.
//
// It promises that Receive yields messages in the order of the wire, that Send
// and Close never block, that pings are answered from the network event, and
// that a silent server is noticed. It knows nothing of Socket.IO, writes no log
// and does not reconnect. It follows the Engine.IO protocol, revision 4.
package engineio

import (
	"context"
	"errors"
	"strings"
	"time"

	"maru/app/wire/eio"
)

// Defaults of Options.
const (
	DefaultDialTimeout = 10 * time.Second
	DefaultReadLimit   = 1 << 20
	DefaultSendLimit   = 4 << 20
)

// Options says how to open a session. The zero Options is ready.
type Options struct {
	// DialTimeout bounds the opening, the Open packet included.
	DialTimeout time.Duration
	// ReadLimit is the longest frame that is taken, in bytes.
	ReadLimit int64
	// SendLimit is how many bytes may wait to be written. In a browser the
	// socket takes everything at once, and its own buffer can't be seen.
	SendLimit int
	// Dial opens the WebSocket; nil is coder/websocket. A *websocket.Conn is a
	// Conn, so a test can pass one that runs over memory.
	Dial func(ctx context.Context, url string) (Conn, error)
	// Header is sent with the handshake. Browsers can't, and ignore it.
	Header map[string][]string
}

func (o Options) withDefaults() Options {
	if o.DialTimeout <= 0 {
		o.DialTimeout = DefaultDialTimeout
	}
	if o.ReadLimit <= 0 {
		o.ReadLimit = DefaultReadLimit
	}
	if o.SendLimit <= 0 {
		o.SendLimit = DefaultSendLimit
	}
	if o.Dial == nil {
		header := o.Header
		o.Dial = func(ctx context.Context, url string) (Conn, error) {
			return dialWebSocket(ctx, url, header)
		}
	}
	return o
}

// ErrURL tells that a URL is neither ws:// nor wss://.
var ErrURL = errors.New("engineio: the URL must start with ws:// or wss://")

// Dial opens a session at url, ws(s)://host/socket.io/, and waits for the Open
// packet (section "Handshake"). The protocol's own query parameters are added.
// The end of ctx stops the dialling; it does not touch a session that is open.
func Dial(ctx context.Context, url string, o Options) (*Session, error) {
	if !strings.HasPrefix(url, "ws://") && !strings.HasPrefix(url, "wss://") {
		return nil, ErrURL
	}
	o = o.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, o.DialTimeout)
	defer cancel()
	mark := "?"
	if strings.Contains(url, "?") {
		mark = "&"
	}
	conn, err := o.Dial(ctx, url+mark+"EIO="+eio.Protocol+"&transport="+eio.WebSocket)
	if err != nil {
		return nil, err
	}
	s := newSession(newWebSocket(conn, o.ReadLimit), o.SendLimit)
	select {
	case <-s.opened:
		return s, nil
	case <-s.done:
		return nil, &CloseError{Reason: s.reason}
	case <-ctx.Done():
		s.Close(ReasonTimeout)
		return nil, ctx.Err()
	}
}
