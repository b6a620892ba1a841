package engineio

import (
	"context"
	"errors"
	"sync"
	"time"

	"maru/app/wire/eio"
)

// Errors of Send.
var (
	ErrFull   = errors.New("engineio: too much is waiting to be sent")
	ErrTooBig = errors.New("engineio: a message is longer than the server takes")
)

// Message is what travels in either direction.
type Message struct {
	Binary bool
	Data   []byte
}

// Session is one Engine.IO session. Its methods are safe for concurrent use,
// but Receive, which one goroutine calls.
type Session struct {
	options   *Options
	handshake eio.Handshake // written once, before opened is closed
	incoming  chan Message
	opened    chan struct{}
	ctx       context.Context // ends with the session
	end       context.CancelFunc
	reason    string // written once, before ctx ends

	mu        sync.Mutex
	transport Transport
	upgrade   upgrade
	closed    bool
	failed    bool // the transport can't be written any more
	queue     []eio.Packet
	queued    int // bytes
	writing   bool
	left      bool // the writer has taken the session's last packet
	lastPing  time.Time
	heard     time.Time   // when the last packet came
	holding   bool        // a message waits for Receive
	beat      *time.Timer // nil until the session is open
}

// newSession starts a session of which t is the transport. o has its defaults.
func newSession(t Transport, o *Options) *Session {
	s := &Session{
		transport: t, options: o,
		incoming: make(chan Message), opened: make(chan struct{}),
	}
	s.ctx, s.end = context.WithCancel(context.Background())
	go s.read(t)
	return s
}

// Transport is the name of the transport that carries the session now:
// eio.WebSocket or eio.Polling.
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transport.Name()
}

// Heard is when the last packet of the server came. While a message waits for
// Receive it is now, because the packets behind it are not read.
func (s *Session) Heard() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holding {
		return time.Now()
	}
	return s.heard
}

// hear notes that a packet has come, or that one has been taken.
func (s *Session) hear(holding bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard, s.holding = time.Now(), holding
}

// Handshake returns what the server said in its Open packet.
func (s *Session) Handshake() eio.Handshake { return s.handshake }

// Receive returns the next message. When the session has ended it returns a
// *CloseError, and the end of ctx ends the waiting alone. Who does not call it
// for longer than the heartbeat loses the session: pings wait behind the
// message that nobody takes.
func (s *Session) Receive(ctx context.Context) (Message, error) {
	select {
	case m := <-s.incoming:
		return m, nil
	case <-s.ctx.Done():
		return Message{}, &CloseError{Reason: s.reason}
	case <-ctx.Done():
		return Message{}, ctx.Err()
	}
}

// Close ends the session with a reason that Receive returns. It never blocks:
// what was sent before, and the farewell, leave in the background. Later calls
// change nothing.
func (s *Session) Close(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeLocked(reason)
}

func (s *Session) closeLocked(reason string) {
	if s.closed {
		return
	}
	s.closed, s.reason = true, reason
	if s.beat != nil {
		s.beat.Stop()
	}
	s.upgrade.stopLocked()
	s.end()
	s.queueLocked(eio.Packet{Type: eio.Close})
}

// Check closes the session at once if the server's ping is overdue, and tells
// whether the session is still open. Timers of a tab that slept or is in the
// background come late, so it is to be called when the tab becomes visible or
// the network is back. It looks at the wall clock too, because the monotonic
// one of some browsers stands still in sleep.
func (s *Session) Check() (open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, patience := time.Now(), s.patience()
	if now.Sub(s.lastPing) >= patience || now.Round(0).Sub(s.lastPing.Round(0)) >= patience {
		s.closeLocked(ReasonPingTimeout)
	}
	return !s.closed
}

// patience is how long the server may be silent (section "Heartbeat").
func (s *Session) patience() time.Duration {
	return s.handshake.PingInterval + s.handshake.PingTimeout
}

// read takes packets from the transport until that is gone. It goes on after
// the session's end, because a browser keeps what nobody reads.
func (s *Session) read(t Transport) {
	for {
		p, err := t.Receive()
		switch {
		case err == nil:
			s.take(p)
		case errors.Is(err, errPaused):
			t = s.switchTransport()
		case errors.Is(err, ErrBroken):
			s.Close(ReasonBroken)
		default:
			s.lose(reasonOf(err))
			s.abandonUpgrade()
			return
		}
	}
}

// lose ends the session because the transport is gone.
func (s *Session) lose(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = true
	s.closeLocked(reason)
}

func (s *Session) take(p eio.Packet) {
	if s.handshake.SID == "" {
		s.open(p)
		return
	}
	s.hear(p.Type == eio.Message)
	switch p.Type {
	case eio.Ping:
		s.pong()
	case eio.Message:
		select {
		case s.incoming <- Message{Binary: p.Binary, Data: p.Data}:
			s.hear(false)
		case <-s.ctx.Done():
		}
	case eio.Close:
		s.Close(ReasonServer)
	}
}

func (s *Session) open(p eio.Packet) {
	h, err := eio.ParseHandshake(p.Data)
	if p.Type != eio.Open || err != nil {
		s.Close(ReasonBroken)
		return
	}
	s.handshake = h
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.lastPing, s.heard = time.Now(), time.Now()
	s.beat = time.AfterFunc(s.patience(), func() { s.Close(ReasonPingTimeout) })
	close(s.opened)
}

func (s *Session) pong() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.lastPing = time.Now()
	s.beat.Reset(s.patience())
	s.queueLocked(eio.Packet{Type: eio.Pong})
}
