package socketio

import (
	"time"

	"maru/app/engineio"
	"maru/app/wire/sio"
)

// The protocol has no ping of the client. But a CONNECT to a namespace that
// nobody has is answered by every server, with a CONNECT_ERROR, and changes
// nothing (Socket.IO protocol, section "Connection to a namespace").
const aliveNamespace = "/.alive"

const (
	// aliveTimeout is how long a sign of life may take. The radio of a phone
	// that wakes up needs a second or two.
	aliveTimeout = 5 * time.Second
	// aliveFresh is for how long a packet is sign enough.
	aliveFresh = time.Second
)

// verify asks the server for a sign of life, and closes the session if none
// comes: after a short sleep, or on another network, a connection may be dead
// long before the ping is overdue.
func (m *Manager) verify(session *engineio.Session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session != session || m.verifying == session || m.acceptedAt.IsZero() || time.Since(session.Heard()) < aliveFresh {
		return
	}
	data := sio.Append(nil, sio.Packet{Type: sio.Connect, Namespace: aliveNamespace, ID: sio.NoID})
	if session.Send(engineio.Message{Data: data}) != nil {
		return // it ends anyway, or has so much to send that it will be noticed
	}
	m.verifying = session
	asked := time.Now()
	time.AfterFunc(aliveTimeout, func() { m.judge(session, asked) })
}

func (m *Manager) judge(session *engineio.Session, asked time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.verifying == session {
		m.verifying = nil
	}
	if session.Heard().Before(asked) {
		session.Close(engineio.ReasonPingTimeout)
	}
}

// verified leaves the namespace again on a server that takes any name.
func verified(session *engineio.Session, p sio.Packet) {
	if p.Namespace != aliveNamespace || p.Type != sio.Connect {
		return
	}
	data := sio.Append(nil, sio.Packet{Type: sio.Disconnect, Namespace: aliveNamespace, ID: sio.NoID})
	_ = session.Send(engineio.Message{Data: data}) // the session's end is seen elsewhere
}
