// Package engineio is the client of Engine.IO v4: one session over WebSocket or
// HTTP long-polling, in a browser tab and natively with the same code. Only how
// a WebSocket is opened and closed, and how a request is made, differs, in
// files that end in _js.go and _native.go.
//
// It promises that Receive yields messages in the order of the wire, over a
// change of the transport too, that Send and Close never block, that pings are
// answered from the network event, that a silent server is noticed, and that a
// network which blocks WebSocket costs two seconds and no storm of attempts. It
// knows nothing of Socket.IO, writes no log and does not reconnect. It follows
// the Engine.IO protocol, revision 4.
package engineio

import (
	"context"
	"errors"
	"net/url"
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

// fallbackDelay is how long the first transport may take to open before the
// other one is tried beside it.
const fallbackDelay = 2 * time.Second

// Preference says which transport gets the first try.
type Preference int

// The preferences. The other transport is tried when the first one fails, or
// is not open within two seconds; the one that opens first carries the session.
const (
	WebSocketFirst Preference = iota
	PollingFirst              // and then at once the upgrade, as the reference client does
)

// Options says how to open a session. The zero Options is ready.
type Options struct {
	// DialTimeout bounds the opening, the Open packet included.
	DialTimeout time.Duration
	// ReadLimit is the longest frame, and the longest answer to a polling
	// request, that is taken, in bytes.
	ReadLimit int64
	// SendLimit is how many bytes may wait to be written. In a browser the
	// socket takes everything at once, and its own buffer can't be seen.
	SendLimit int
	// Prefer says where to begin, unless Memory knows better.
	Prefer Preference
	// Only names a transport, eio.WebSocket or eio.Polling, beside which no
	// other is tried, now or later. Empty allows both.
	Only string
	// Memory keeps which transport worked; it may be nil.
	Memory Memory
	// Upgraded is called, if it is not nil, when a session has gone over from
	// polling to WebSocket. It must not block.
	Upgraded func()
	// Dial opens the WebSocket; nil is coder/websocket. A *websocket.Conn is a
	// Conn, so a test can pass one that runs over memory.
	Dial func(ctx context.Context, url string) (Conn, error)
	// HTTP does the requests of polling; nil is the platform's own, or no
	// polling if Dial is set.
	HTTP HTTP
	// Header is sent with each request. Browsers can't, and ignore it.
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
	if o.HTTP == nil && (o.Dial == nil || o.Only == eio.Polling) {
		o.HTTP = newHTTP(o.ReadLimit, o.Header)
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
// packet (section "Handshake"). The protocol's own query parameters are added;
// polling goes to the same place by http(s)://. The end of ctx stops the
// dialling; it does not touch a session that is open.
func Dial(ctx context.Context, url string, o Options) (*Session, error) {
	if !strings.HasPrefix(url, "ws://") && !strings.HasPrefix(url, "wss://") {
		return nil, ErrURL
	}
	o = o.withDefaults()
	ctx, cancel := context.WithTimeout(ctx, o.DialTimeout)
	defer cancel() // whoever comes second gives up
	mark := "?"
	if strings.Contains(url, "?") {
		mark = "&"
	}
	d := &dialing{options: &o, url: url + mark + "EIO=" + eio.Protocol + "&transport=", attempts: make(chan attempt)}
	return d.race(ctx)
}

// dialing is one call of Dial.
type dialing struct {
	options  *Options
	url      string // but for the transport's name
	attempts chan attempt
}

// attempt is how one transport fared.
type attempt struct {
	session *Session
	err     error
}

// race tries the transports in their order and returns the session that opens
// first.
func (d *dialing) race(ctx context.Context) (*Session, error) {
	order := d.order()
	var failed error
	hurry := time.NewTimer(fallbackDelay)
	defer hurry.Stop()
	begun, ended := 0, 0
	next := func() {
		if begun < len(order) {
			go d.try(ctx, order[begun])
			begun++
		}
	}
	next()
	for {
		select {
		case a := <-d.attempts:
			if a.err == nil {
				d.won(a.session, order[:begun])
				return a.session, nil
			}
			failed = telling(failed, a.err)
			ended++
			next()
		case <-hurry.C:
			next()
		case <-ctx.Done():
			return nil, telling(failed, ctx.Err())
		}
		if ended == begun {
			return nil, failed
		}
	}
}

// telling returns the error that says more: what a server answered before what
// just did not work, and then the later one.
func telling(before, after error) error {
	var closed *CloseError
	if errors.As(before, &closed) && closed.Reason != ReasonTransport {
		return before
	}
	return after
}

// order is in which order the transports are tried.
func (d *dialing) order() []string {
	polling := d.options.Prefer == PollingFirst
	if known := d.options.recall(); known != "" {
		polling = known == eio.Polling
	}
	switch {
	case d.options.Only != "":
		return []string{d.options.Only}
	case d.options.HTTP == nil:
		return []string{eio.WebSocket}
	case polling:
		return []string{eio.Polling, eio.WebSocket}
	}
	return []string{eio.WebSocket, eio.Polling}
}

// try opens a session over one transport. One that comes too late is closed.
func (d *dialing) try(ctx context.Context, transport string) {
	session, err := d.open(ctx, transport)
	select {
	case d.attempts <- attempt{session, err}:
	case <-ctx.Done():
		if session != nil {
			session.Close(ReasonTimeout)
		}
	}
}

func (d *dialing) open(ctx context.Context, transport string) (*Session, error) {
	var t Transport
	if transport == eio.Polling {
		t = newPolling(d.options.HTTP, d.url+eio.Polling, d.options.ReadLimit)
	} else {
		var err error
		if t, err = d.webSocket(ctx, ""); err != nil {
			return nil, err
		}
	}
	s := newSession(t, d.options)
	select {
	case <-s.opened:
		return s, nil
	case <-s.ctx.Done():
		select {
		case <-s.opened: // and has ended since, which is another matter
			return s, nil
		default:
			return nil, &CloseError{Reason: s.reason}
		}
	case <-ctx.Done():
		s.Close(ReasonTimeout)
		return nil, ctx.Err()
	}
}

// webSocket opens a WebSocket, for the session sid if that is not empty.
func (d *dialing) webSocket(ctx context.Context, sid string) (Transport, error) {
	address := d.url + eio.WebSocket
	if sid != "" {
		address += "&sid=" + url.QueryEscape(sid)
	}
	conn, err := d.options.Dial(ctx, address)
	if err != nil {
		return nil, err
	}
	return newWebSocket(conn, d.options.ReadLimit), nil
}

// won notes what worked, and lets a session over polling go on trying the
// better transport: at once if that has not been tried, or failed, before.
func (d *dialing) won(s *Session, tried []string) {
	name := s.Transport()
	known := d.options.recall()
	d.options.remember(name)
	if name == eio.WebSocket || d.options.Only != "" {
		return
	}
	first := minUpgradeDelay
	if len(tried) == 1 && known == "" {
		first = 0
	}
	s.plan(first, d.webSocket)
}
