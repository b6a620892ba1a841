package socketio

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"sync"

	"maru/app/wire/sio"
	"maru/backend/engineio"
)

// Reasons of OnDisconnect that are not those of a session, as the reference
// words them.
const (
	clientDisconnect = "client namespace disconnect"
	serverDisconnect = "server namespace disconnect"
)

// Errors of a socket's methods.
var (
	ErrDisconnected = errors.New("socketio: the socket is disconnected")
	ErrNamespace    = errors.New("socketio: the packet is for another namespace")
)

// maxHeld is how many bytes may be sent to a socket before it is connected.
const maxHeld = 256 << 10

// socketIDBytes gives an id of 20 characters.
const socketIDBytes = 15

// Socket is one client in one namespace. Its methods may be called by any
// goroutine.
type Socket struct {
	// Data is the application's own. It should be set in OnConnect only,
	// from when on the other callbacks may read it.
	Data any

	client    *client
	namespace *Namespace
	id        string
	state     []byte // that Keep was given; used on the session's goroutine

	mu       sync.Mutex
	welcomed bool   // the client has been told that it is connected
	reason   string // why the socket has ended, if it has
	farewell bool   // the client is to be told that it has ended
	held     []engineio.Frame
	heldSize int
	calls    map[int64]chan answer
	lastCall int64
}

func newSocket(c *client, n *Namespace) *Socket {
	var b [socketIDBytes]byte
	rand.Read(b[:]) // never fails
	return &Socket{client: c, namespace: n, id: base64.RawURLEncoding.EncodeToString(b[:])}
}

// ID is the socket's id in its namespace. The client knows it; unlike the id
// of the session it is no secret.
func (s *Socket) ID() string { return s.id }

// SetID gives the socket of a client that is brought back the id it had before.
// It may be called in OnConnect only.
func (s *Socket) SetID(id string) { s.id = id }

// Namespace is the name of the socket's namespace.
func (s *Socket) Namespace() string { return s.namespace.name }

// Header is that of the request that opened the session; it must not be
// changed.
func (s *Socket) Header() http.Header { return s.client.session.Request().Header }

// Query is that of the request that opened the session.
func (s *Socket) Query() url.Values { return s.client.session.Request().URL.Query() }

// RemoteAddr is the network address that the request came from.
func (s *Socket) RemoteAddr() string { return s.client.session.Request().RemoteAddr }

// Pass is what the session was let in with; see engineio.Session.Pass.
func (s *Socket) Pass() engineio.Pass { return s.client.session.Pass() }

// Send queues a packet; see engineio.Session.Send. The error is
// ErrDisconnected, ErrNamespace or an *engineio.CloseError.
func (s *Socket) Send(p Packet) error {
	if p.namespace != s.namespace.name {
		return ErrNamespace
	}
	return s.send(p.frames)
}

// SendVolatile sends a packet that is worth nothing later: it is dropped if the
// client is not connected yet, or not ready because something already waits
// for it; see engineio.Session.SendVolatile. sent tells whether it was queued.
// The error is one of Send's.
func (s *Socket) SendVolatile(p Packet) (sent bool, err error) {
	if p.namespace != s.namespace.name {
		return false, ErrNamespace
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.reason != "":
		return false, ErrDisconnected
	case !s.welcomed:
		return false, nil
	}
	return s.client.session.SendVolatile(p.frames...)
}

// Drained waits until nothing waits for the client any more; see
// engineio.Session.Drained.
func (s *Socket) Drained(ctx context.Context) error { return s.client.session.Drained(ctx) }

func (s *Socket) send(fs []engineio.Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendLocked(fs)
}

func (s *Socket) sendLocked(fs []engineio.Frame) error {
	if s.reason != "" {
		return ErrDisconnected
	}
	if s.welcomed {
		return s.client.session.Send(fs...)
	}
	for _, f := range fs {
		s.heldSize += len(f.Data)
	}
	if s.heldSize > maxHeld {
		s.client.session.Close(engineio.SlowConsumer)
		return ErrDisconnected
	}
	s.held = append(s.held, fs...)
	return nil
}

// reply sends an ack. Its loss means that the socket has ended.
func (s *Socket) reply(id int64, r Reply) {
	p := sio.Packet{Type: sio.Ack, Namespace: s.namespace.name, ID: id, Data: r.Args, Attachments: r.Attachments}
	if len(r.Attachments) > 0 {
		p.Type = sio.BinaryAck
	}
	_ = s.send(frames(p))
}

// live tells that the socket has not ended.
func (s *Socket) live() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reason == ""
}

// welcome tells the client that it is connected, then what was sent to it
// meanwhile. A socket that was disconnected meanwhile ends here.
func (s *Socket) welcome(reply []byte) {
	data := sio.AppendString([]byte(`{"sid":`), s.id)
	if len(reply) > 0 {
		data = append(append(data, ','), reply...)
	}
	data = append(data, '}')
	fs := frames(sio.Packet{Type: sio.Connect, Namespace: s.namespace.name, ID: sio.NoID, Data: data})

	s.mu.Lock()
	fs = append(fs, s.held...)
	s.welcomed, s.held = true, nil
	if s.farewell {
		fs = append(fs, s.disconnectFrame())
	}
	_ = s.client.session.Send(fs...) // Receive tells of a closed session
	reason := s.reason
	s.mu.Unlock()
	if reason != "" {
		s.finish(reason)
	}
}

// abandon ends a socket that was never connected.
func (s *Socket) abandon() {
	s.mu.Lock()
	s.reason, s.held = serverDisconnect, nil
	s.mu.Unlock()
	s.dropCalls()
}

// end ends the socket, once. farewell tells the client.
func (s *Socket) end(reason string, farewell bool) {
	s.mu.Lock()
	if s.reason != "" {
		s.mu.Unlock()
		return
	}
	s.reason = reason
	if !s.welcomed { // welcome or abandon does the rest
		s.farewell = farewell
		s.mu.Unlock()
		return
	}
	if farewell {
		_ = s.client.session.Send(s.disconnectFrame()) // it may be closed
	}
	s.mu.Unlock()
	s.finish(reason)
}

// finish tells those who wait for the socket that it has ended.
func (s *Socket) finish(reason string) {
	s.dropCalls()
	s.namespace.disconnected(s, reason)
}

func (s *Socket) disconnectFrame() engineio.Frame {
	return frames(sio.Packet{Type: sio.Disconnect, Namespace: s.namespace.name, ID: sio.NoID})[0]
}

// Disconnect ends the socket and tells the client, whose stock implementation
// doesn't come back from that by itself. closeConnection does the same to all
// sockets of the session and closes it. OnDisconnect runs before Disconnect
// returns; for a socket that is still connecting, after OnConnect.
func (s *Socket) Disconnect(closeConnection bool) {
	if !closeConnection {
		s.end(serverDisconnect, true)
		return
	}
	for _, other := range s.client.all() {
		other.end(serverDisconnect, true)
	}
	s.Close(engineio.ForcedClose)
}

// Close closes the socket's session, and so all of its sockets, for reason.
func (s *Socket) Close(reason engineio.Reason) { s.client.session.Close(reason) }
