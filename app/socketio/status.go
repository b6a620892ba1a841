package socketio

import "time"

// State is where the connection stands.
type State int

// The states of a Manager.
const (
	StateStopped    State = iota // Run is not running
	StateConnecting              // dialling, or waiting for the first namespace
	StateConnected               // at least one namespace was accepted
	StateWaiting                 // between two attempts
)

// Status is the connection as a person may want to see it.
type Status struct {
	State   State
	RetryAt time.Time // of StateWaiting: when the next attempt begins; zero until it is known
	Attempt int       // failed attempts in a row
	Since   time.Time // when this state began
	Reason  string    // why the last connection or attempt ended
	// Transport carries the connection, "websocket" or "polling"; empty if
	// there is none.
	Transport string
	// Reconnects is how often a connection has followed another one.
	Reconnects int
	// PingInterval is how often the server sends a ping on this connection;
	// zero if there is none.
	PingInterval time.Duration
}

// Observer is told how a connection fares, as it happens. Its methods must not
// block and must not call the Manager or its Sockets.
type Observer interface {
	// Answered tells how long an answered Call took.
	Answered(took time.Duration)
	// Connected tells that the state StateConnected began, or ended.
	Connected(up bool)
}

// Status returns the current status.
func (m *Manager) Status() Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.status
	s.Reconnects = max(m.opened-1, 0)
	if m.session != nil {
		s.Transport = m.session.Transport()
		s.PingInterval = m.session.Handshake().PingInterval
	}
	return s
}

// Changed receives after the status has changed, once for several changes. One
// reader can use it.
func (m *Manager) Changed() <-chan struct{} { return m.changed }

// RTT returns how long the last answered Call took, zero if there was none.
func (m *Manager) RTT() time.Duration { return time.Duration(m.rtt.Load()) }

func (m *Manager) setStatus(s Status) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.setStatusLocked(s)
}

func (m *Manager) setStatusLocked(s Status) {
	s.Since = time.Now()
	if s.State == m.status.State {
		s.Since = m.status.Since
	}
	up := s.State == StateConnected
	if o := m.options.Observer; o != nil && up != (m.status.State == StateConnected) {
		o.Connected(up)
	}
	m.status = s
	m.announce()
}

func (m *Manager) announce() {
	select {
	case m.changed <- struct{}{}:
	default:
	}
}
