package engineio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"maru/app/wire/eio"
)

// Message is one message of the peer, text (always valid UTF-8) or binary.
type Message struct {
	Binary bool
	Data   []byte
}

// idBytes is the randomness of a session id: it is a bearer token, so that it
// must not be guessed.
const idBytes = 18

// closeGrace is how long a closing session may take to flush its queue and to
// exchange close frames.
const closeGrace = 3 * time.Second

// Session is one client's connection. Send and Close may be called by any
// goroutine; Receive by one, which is the one that serves the session.
type Session struct {
	server    *Server
	id        string
	request   *http.Request
	pass      Pass     // set before it is served
	polling   *polling // nil if the session was opened on WebSocket
	ctx       context.Context
	cancel    context.CancelCauseFunc
	drainFunc func()        // s.drain, made once
	done      chan struct{} // closed when the transport is released

	resumed []byte     // the state that it began with here; nil if it was opened here
	saving  sync.Mutex // one save after the other; taken before mu

	mu         sync.Mutex
	transport  transport
	candidate  *webSocket // that the session may move to; nil if none
	probed     time.Time  // until then a candidate that works may take over: no GET is kept
	turn       int64      // that the keeper gave; 0: the session stays here
	origin     string     // of the page that uses the session; empty: not known
	stamp      string     // of the GET that was answered last; empty: it had none
	places     map[string]string
	app        []byte  // state of the layers above
	greeted    bool    // the handshake has been written
	taken      []Frame // off the queue, to be written once that is saved
	queue      []Frame
	spare      []Frame       // the queue before, to be used again
	waiting    int           // cost of the queue and of what is being written
	draining   bool          // drain runs
	drained    chan struct{} // closed by drain at its end; nil if nobody waits
	closed     *CloseError
	awaitsPong bool
	pinged     time.Time // when the last ping was due
	due        time.Time // of the next ping or of the pong
	timer      *time.Timer
}

func newSession(server *Server, r *http.Request, t transport) *Session {
	s := &Session{server: server, id: newID(), request: r, transport: t, done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancelCause(context.WithoutCancel(r.Context()))
	s.drainFunc = s.drain
	if p, ok := t.(*polling); ok {
		s.polling, p.wake = p, s.wake
	}
	return s
}

func newID() string {
	var b [idBytes]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// ID is the session's id, which whoever knows it may speak for: keep it out
// of logs.
func (s *Session) ID() string { return s.id }

// Request is the request that opened the session, for its header, its query
// and its address. Its body and its context are used up.
func (s *Session) Request() *http.Request { return s.request }

// Pass is what Config.Admit or Readmit gave the session; without them it means
// nothing. It is for those who serve the session.
func (s *Session) Pass() Pass { return s.pass }

// open sends the handshake (section "Handshake") and starts the heartbeat.
func (s *Session) open() {
	cfg := &s.server.cfg
	handshake := eio.Handshake{
		SID:          s.id,
		PingInterval: cfg.PingInterval,
		PingTimeout:  cfg.PingTimeout,
		MaxPayload:   cfg.MaxPayload,
	}
	if s.polling != nil && cfg.serves(eio.WebSocket) {
		handshake.Upgrades = []string{eio.WebSocket}
	}
	s.startHeartbeat()
	packet := eio.Packet{Type: eio.Open, Data: handshake.Append(nil)}
	_ = s.Send(Frame{Data: eio.Append(nil, packet)}) // Receive tells of a closed session
}

// Receive waits for the next message. Its Data is valid until the next call.
// Heartbeats are answered here, so that a session which isn't received from
// times out. The error is always a *CloseError: once ctx is done the session
// is closed with ForcedClose.
func (s *Session) Receive(ctx context.Context) (Message, error) {
	if ctx != s.ctx && ctx.Done() != nil {
		defer context.AfterFunc(ctx, func() { s.Close(ForcedClose) })()
	}
	for {
		t, err := s.current()
		if err != nil {
			s.forget()
			return Message{}, s.closeError()
		}
		frame, reason := t.read()
		if reason == replaced {
			continue
		}
		if reason != "" {
			s.Close(reason)
			continue
		}
		if s.closeError() != nil {
			continue // current tells of it
		}
		if !s.pass.Packet() { // before it is looked at
			s.Close(RateLimited)
			continue
		}
		m, ok, reason := s.accept(frame)
		if reason != "" {
			s.Close(reason)
			continue
		}
		if ok {
			return m, nil
		}
	}
}

// accept takes one frame of the peer. ok tells that it is a message. Packets
// that only make sense towards a client are ignored as the reference does; a
// ping is an error, since in this revision the server pings.
func (s *Session) accept(f Frame) (m Message, ok bool, reason Reason) {
	if f.Binary {
		return Message(f), true, ""
	}
	if !utf8.Valid(f.Data) {
		return Message{}, false, ParseError
	}
	p, err := eio.Parse(f.Data)
	if err != nil {
		return Message{}, false, ParseError
	}
	switch p.Type {
	case eio.Message:
		return Message{Binary: p.Binary, Data: p.Data}, true, ""
	case eio.Pong:
		s.pong()
	case eio.Ping:
		return Message{}, false, TransportError
	case eio.Close:
		return Message{}, false, TransportClose
	}
	return Message{}, false, ""
}

// Close ends the session; only the first call counts. What was sent before
// still goes out, unless the reason is that the peer doesn't take it. It never
// blocks.
func (s *Session) Close(reason Reason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == nil {
		s.closeLocked(reason)
	}
}

// closeLocked closes a session that is still open.
func (s *Session) closeLocked(reason Reason) {
	s.closed = &CloseError{Reason: reason}
	s.cancel(s.closed)
	if s.timer != nil {
		s.timer.Stop()
	}
	if reason.drops() {
		s.waiting -= costOf(s.queue)
		clear(s.queue)
		s.queue = s.queue[:0]
	}
	if s.candidate != nil && reason != Moved {
		s.candidate.expire(time.Now())
	}
	if last, ok := s.transport.farewell(reason); ok {
		s.waiting += len(last.Data) + frameCost
		s.queue = append(s.queue, last)
	}
	s.noteDrainedLocked()
	s.wakeLocked() // drain releases the transport
}

// Reason is why the session ended, or empty while it is open.
func (s *Session) Reason() Reason {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed == nil {
		return ""
	}
	return s.closed.Reason
}

// current is the transport of an open session.
func (s *Session) current() (transport, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transport, s.errorLocked()
}

func (s *Session) expire(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.transport.expire(t)
}

func (s *Session) closeError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errorLocked()
}

func (s *Session) errorLocked() error {
	if s.closed == nil {
		return nil
	}
	return s.closed
}
