// Package socketio is the client of Socket.IO v5 over app/engineio: namespaces
// on one connection, events, acks, and the connection's coming back.
//
// It promises that the events of a namespace come in the order of the wire and
// that none is dropped, that nothing is kept for later when there is no
// connection (who must not lose a message keeps it himself), and that many
// clients that lose a server at once do not come back at once. It knows nothing
// of the chat and writes no log. It follows the Socket.IO protocol, revision 5.
package socketio

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"maru/app/engineio"
	"maru/app/wire/sio"
)

// Defaults of Options.
const (
	DefaultMinDelay       = 500 * time.Millisecond
	DefaultMaxDelay       = 30 * time.Second
	DefaultJitter         = 0.5
	DefaultConnectTimeout = 10 * time.Second
	DefaultQueue          = 32
)

// Options says how to connect. All but URL may be left out.
type Options struct {
	URL    string // ws(s)://host/socket.io/
	Engine engineio.Options
	// MinDelay, MaxDelay and Jitter are those of the back-off (see backoff).
	// A negative Jitter is none.
	MinDelay, MaxDelay time.Duration
	Jitter             float64
	// ConnectTimeout is how long a namespace's reply may take.
	ConnectTimeout time.Duration
	// Queue is how many events of a namespace wait for Next.
	Queue int
	// Rand yields numbers of [0, 1).
	Rand func() float64
	// Observer is told how the connection fares; it may be nil.
	Observer Observer
}

func (o Options) withDefaults() Options {
	if o.MinDelay <= 0 {
		o.MinDelay = DefaultMinDelay
	}
	if o.MaxDelay <= 0 {
		o.MaxDelay = DefaultMaxDelay
	}
	if o.Jitter == 0 {
		o.Jitter = DefaultJitter
	}
	o.Jitter = min(max(o.Jitter, 0), 1)
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = DefaultConnectTimeout
	}
	if o.Queue <= 0 {
		o.Queue = DefaultQueue
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	return o
}

// Manager owns one connection and the namespaces on it. Its methods are safe
// for concurrent use; but for Run, none blocks. Locks are taken in the order
// manager, socket, session.
type Manager struct {
	options Options
	changed chan struct{}
	wake    chan struct{} // holds a token: do not wait, dial
	rtt     atomic.Int64

	mu         sync.Mutex
	status     Status
	sockets    map[string]*Socket
	session    *engineio.Session
	verifying  *engineio.Session  // is asked for a sign of life
	opened     int                // sessions so far
	cancelDial context.CancelFunc // nil but while dialling
	acceptedAt time.Time          // when this connection's first namespace was accepted
	backoff    backoff
}

// New returns a manager that does nothing until Run.
func New(o Options) *Manager {
	o = o.withDefaults()
	m := &Manager{
		options: o,
		changed: make(chan struct{}, 1),
		wake:    make(chan struct{}, 1),
		sockets: map[string]*Socket{},
		backoff: newBackoff(o),
	}
	upgraded := o.Engine.Upgraded
	m.options.Engine.Upgraded = func() {
		m.announce()
		if upgraded != nil {
			upgraded()
		}
	}
	return m
}

// Socket returns the namespace's socket, which connects whenever the manager
// does. auth is asked at each connect for a JSON object or nil; it must not
// block. A namespace that was asked for before keeps its first auth.
func (m *Manager) Socket(namespace string, auth func() []byte) *Socket {
	if namespace == "" || namespace[0] != '/' {
		namespace = "/" + namespace
	}
	m.mu.Lock()
	s, ok := m.sockets[namespace]
	if !ok {
		s = newSocket(m, namespace, auth)
		m.sockets[namespace] = s
	}
	session := m.session
	m.mu.Unlock()
	if !ok && session != nil {
		s.open(session)
	}
	return s
}

// forget takes a socket that is left out of the connection. Another one of the
// same namespace stays.
func (m *Manager) forget(s *Socket) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sockets[s.namespace] == s {
		delete(m.sockets, s.namespace)
	}
}

// Run owns the connection until ctx ends, whose error it returns: it dials,
// serves, backs off, and again. It is called once at a time.
func (m *Manager) Run(ctx context.Context) error {
	for {
		reason := m.connect(ctx)
		if ctx.Err() != nil {
			m.setStatus(Status{State: StateStopped, Reason: ReasonStopped})
			return ctx.Err()
		}
		m.wait(ctx, reason)
	}
}

// connect lives through one connection, from dialling to its end.
func (m *Manager) connect(ctx context.Context) (reason string) {
	dialing, cancel := context.WithCancel(ctx)
	defer cancel()
	m.beginDial(cancel)
	session, err := engineio.Dial(dialing, m.options.URL, m.options.Engine)
	sockets, reason := m.attach(dialing, session, err)
	if reason != "" {
		return reason
	}
	for _, s := range sockets {
		s.open(session)
	}
	reason = m.serve(ctx, session)
	m.detach(ctx, session, reason)
	return reason
}

func (m *Manager) beginDial(cancel context.CancelFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	select {
	case <-m.wake:
	default:
	}
	m.cancelDial, m.acceptedAt = cancel, time.Time{}
	m.setStatusLocked(Status{State: StateConnecting, Attempt: m.backoff.attempt, Reason: m.status.Reason})
}

// attach makes the session current, or tells why there is none.
func (m *Manager) attach(dialing context.Context, session *engineio.Session, err error) (sockets []*Socket, reason string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cancelDial = nil
	switch {
	case dialing.Err() != nil: // Offline, or the end of Run
		if session != nil {
			session.Close(ReasonOffline)
		}
		return nil, ReasonOffline
	case err != nil:
		if reason = reasonOf(err); reason == engineio.ReasonTransport {
			reason = ReasonUnreachable // there was no connection that could end
		}
		return nil, reason
	}
	m.session = session
	m.opened++
	for _, s := range m.sockets {
		sockets = append(sockets, s)
	}
	return sockets, ""
}

// serve hands on what the session receives until it ends.
func (m *Manager) serve(ctx context.Context, session *engineio.Session) (reason string) {
	decoder := sio.Decoder{MaxBytes: maxAttachments}
	for {
		message, err := session.Receive(ctx)
		if err != nil {
			session.Close(ReasonStopped) // only if ctx ended it is still open
			return reasonOf(err)
		}
		if err := m.take(ctx, session, &decoder, message); err != nil {
			session.Close(engineio.ReasonBroken)
		}
	}
}

// maxAttachments is how many bytes the attachments of one packet may have.
const maxAttachments = 4 << 20

// take hands one message to the namespace it is for. An error tells that the
// server broke the protocol.
func (m *Manager) take(ctx context.Context, session *engineio.Session, d *sio.Decoder, message engineio.Message) error {
	decode := d.Text
	if message.Binary {
		decode = d.Binary
	}
	p, done, err := decode(message.Data)
	if err != nil || !done {
		return err
	}
	m.mu.Lock()
	s := m.sockets[p.Namespace]
	m.mu.Unlock()
	if s == nil {
		verified(session, p)
		return nil
	}
	return s.take(ctx, session, p)
}

// detach ends what was bound to the session: first all calls learn of it, then
// each socket's events end with a Disconnected.
func (m *Manager) detach(ctx context.Context, session *engineio.Session, reason string) {
	m.mu.Lock()
	m.session = nil
	if !m.acceptedAt.IsZero() && time.Since(m.acceptedAt) >= stable {
		m.backoff.attempt = 0
	}
	m.setStatusLocked(Status{State: StateWaiting, Attempt: m.backoff.attempt, Reason: reason})
	var sockets []*Socket
	for _, s := range m.sockets {
		if s.lose(session) {
			sockets = append(sockets, s)
		}
	}
	m.mu.Unlock()
	for _, s := range sockets {
		s.push(ctx, Event{Kind: Disconnected, Reason: reason})
	}
}

// accepted notes that a namespace is connected.
func (m *Manager) accepted(session *engineio.Session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session != session || !m.acceptedAt.IsZero() {
		return
	}
	m.acceptedAt = time.Now()
	m.setStatusLocked(Status{State: StateConnected})
}

// kicked notes that the server has ended a namespace, perhaps the last one.
func (m *Manager) kicked() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.sockets {
		if s.Connected() {
			return
		}
	}
	m.acceptedAt = time.Time{}
	m.setStatusLocked(Status{State: StateConnecting, Reason: ReasonServerDisconnect})
}
