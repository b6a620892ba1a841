package socketio

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"maru/app/engineio"
	"maru/app/wire/sio"
)

// Socket is one namespace. It connects with its manager and comes back by
// itself: after a lost connection, after the server's DISCONNECT (which stock
// clients take for a farewell, but a server that drains says the same) and
// after a refusal. Its methods are safe for concurrent use, but Next, which
// one goroutine calls.
type Socket struct {
	manager   *Manager
	namespace string
	auth      func() []byte
	events    chan Event
	gone      chan struct{} // closed by Leave

	mu      sync.Mutex
	session *engineio.Session // nil while the manager has none
	phase   phase
	since   time.Time   // of phase connected
	timer   *time.Timer // of phase asked, or of resting
	backoff backoff
	calls   map[int64]call
	nextID  int64
}

// phase is how far a namespace has come on the current session.
type phase int

const (
	idle      phase = iota // there is no session
	resting                // the next CONNECT waits
	asked                  // a CONNECT waits for its reply
	connected              // the server accepted the namespace
	left                   // Leave was called
)

func newSocket(m *Manager, namespace string, auth func() []byte) *Socket {
	return &Socket{
		manager: m, namespace: namespace, auth: auth,
		events:  make(chan Event, m.options.Queue),
		gone:    make(chan struct{}),
		backoff: newBackoff(m.options),
		calls:   map[int64]call{},
	}
}

// Connected tells whether Emit and Call can reach the server now.
func (s *Socket) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.phase == connected
}

// open asks the server for the namespace, on a session that is new to it.
func (s *Socket) open(session *engineio.Session) {
	if s.begins(session) {
		s.retry(session)
	}
}

// begins binds the socket to a session, unless it has been left for good.
func (s *Socket) begins(session *engineio.Session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == left {
		return false
	}
	s.session, s.phase = session, resting
	return true
}

// Leave leaves the namespace for good: the server is told, waiting calls end
// with ErrDisconnected, and no event follows those that wait for Next. The
// manager's next Socket of this namespace is another one.
func (s *Socket) Leave() {
	s.manager.forget(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == left {
		return
	}
	s.stopTimerLocked()
	if s.phase == asked || s.phase == connected {
		// An error is the session's end, with which the namespace ends too.
		_ = s.sendLocked(sio.Packet{Type: sio.Disconnect, ID: sio.NoID})
	}
	s.dropLocked()
	s.session, s.phase = nil, left
	close(s.gone)
}

// retry sends the CONNECT that rests, unless the session has been replaced.
func (s *Socket) retry(session *engineio.Session) {
	if !s.rests(session) {
		return
	}
	var data []byte
	if s.auth != nil {
		data = s.auth() // without the lock: it is not ours
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != session || s.phase != resting {
		return
	}
	s.phase = asked
	s.setTimerLocked(s.manager.options.ConnectTimeout, func() { session.Close(ReasonConnectTimeout) })
	// An error is the session's end, which the manager sees too; or the queue
	// is full, and the timer sees to it.
	_ = s.sendLocked(sio.Packet{Type: sio.Connect, ID: sio.NoID, Data: data})
}

func (s *Socket) rests(session *engineio.Session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.session == session && s.phase == resting
}

func (s *Socket) setTimerLocked(d time.Duration, f func()) {
	s.stopTimerLocked()
	s.timer = time.AfterFunc(d, f)
}

func (s *Socket) stopTimerLocked() {
	if s.timer != nil {
		s.timer.Stop()
	}
}

// take handles a packet of the namespace. An error tells that the server broke
// the protocol.
func (s *Socket) take(ctx context.Context, session *engineio.Session, p sio.Packet) error {
	switch p.Type {
	case sio.Connect:
		if s.accept() {
			s.manager.accepted(session)
			s.push(ctx, Event{Kind: Connected, Data: p.Data})
		}
	case sio.ConnectError:
		if s.refuse(p.Data) {
			s.push(ctx, Event{Kind: Refused, Data: p.Data})
		}
	case sio.Disconnect:
		if s.kick() {
			s.manager.kicked()
			s.push(ctx, Event{Kind: Disconnected, Reason: ReasonServerDisconnect})
		}
	case sio.Ack, sio.BinaryAck:
		return s.answer(p)
	default:
		return s.receive(ctx, p)
	}
	return nil
}

func (s *Socket) receive(ctx context.Context, p sio.Packet) error {
	name, args, err := sio.EventArgs(p.Data)
	if err != nil || !s.Connected() {
		return err
	}
	e := Event{Kind: Message, Name: name, Args: args, Attachments: p.Attachments}
	if p.ID != sio.NoID {
		s.mu.Lock()
		e.ack = &ack{session: s.session, id: p.ID}
		s.mu.Unlock()
	}
	s.push(ctx, e)
	return nil
}

// accept notes the reply to CONNECT; false if none was due.
func (s *Socket) accept() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != asked {
		return false
	}
	s.stopTimerLocked()
	s.phase, s.since = connected, time.Now()
	return true
}

// refuse notes a CONNECT_ERROR; false if none was due. The namespace is asked
// for again after a back-off, or after the "retryAfter" milliseconds of the
// error's data if that is longer. With "retry": false in the data it is asked
// for on the next connection, or at Wake.
func (s *Socket) refuse(refusal json.RawMessage) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != asked {
		return false
	}
	s.stopTimerLocked()
	s.phase = resting
	if retry, after := retryHint(refusal); retry {
		s.restLocked(after)
	}
	return true
}

// kick notes a DISCONNECT packet; false if the namespace was not connected.
func (s *Socket) kick() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase != connected {
		return false
	}
	s.dropLocked()
	s.phase = resting
	s.restLocked(0)
	return true
}

// restLocked sends the next CONNECT after a back-off, or after least.
func (s *Socket) restLocked(least time.Duration) {
	session := s.session
	s.setTimerLocked(max(s.backoff.next(), least), func() { s.retry(session) })
}

// lose ends what was bound to the session; it tells whether the namespace was
// connected.
func (s *Socket) lose(session *engineio.Session) (was bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.session != session {
		return false
	}
	s.stopTimerLocked()
	was = s.phase == connected
	if was {
		s.dropLocked()
	}
	s.session, s.phase = nil, idle
	return was
}

// dropLocked ends the namespace's connection and all calls on it.
func (s *Socket) dropLocked() {
	if time.Since(s.since) >= stable {
		s.backoff.attempt = 0
	}
	for id, c := range s.calls {
		close(c.answer)
		delete(s.calls, id)
	}
}

// maxRetryAfter bounds what a refusal may ask for.
const maxRetryAfter = 10 * time.Minute

// retryHint reads {"data": {"retry": false, "retryAfter": 1000}} of a refusal.
func retryHint(refusal json.RawMessage) (retry bool, after time.Duration) {
	o, err := sio.ParseObject(refusal)
	if err != nil {
		return true, 0
	}
	data, err := sio.ParseObject(o["data"])
	if err != nil {
		return true, 0
	}
	if again, ok, err := data.Bool("retry"); err == nil && ok && !again {
		return false, 0
	}
	ms, _, _ := data.Int("retryAfter")
	most := maxRetryAfter.Milliseconds()
	return true, time.Duration(min(max(ms, 0), most)) * time.Millisecond
}
