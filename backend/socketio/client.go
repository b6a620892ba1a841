package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"maru/app/wire/sio"
	"maru/backend/engineio"
)

// client is one session and its sockets, at most one for each namespace. Its
// methods run on the session's goroutine unless they say otherwise.
type client struct {
	ctx     context.Context
	server  *Server
	session *engineio.Session
	decoder sio.Decoder
	partial []engineio.Message // what decoder has of a packet that is not whole
	timer   *time.Timer        // until the first namespace

	attachments *time.Timer // until those must have come that are due

	mu sync.Mutex
	// sockets also keeps those that this side has disconnected, because
	// packets may be under way from a client that does not know it yet.
	sockets map[string]*Socket
}

func newClient(ctx context.Context, s *Server, session *engineio.Session) *client {
	c := &client{ctx: ctx, server: s, session: session, sockets: make(map[string]*Socket)}
	c.decoder.MaxBytes = s.maxBinary
	c.attachments = time.AfterFunc(s.opts.AttachmentTimeout, func() { session.Close(engineio.ParseError) })
	c.attachments.Stop()
	c.timer = time.AfterFunc(s.opts.ConnectTimeout, func() { session.Close(engineio.ForcedClose) })
	return c
}

// end reports all sockets as disconnected. A session that is still open here
// has met a panic.
func (c *client) end() {
	c.timer.Stop()
	c.attachments.Stop()
	c.session.Close(engineio.ServerError)
	reason := string(c.session.Reason())
	for _, s := range c.all() {
		s.end(reason, false)
	}
}

// all returns the sockets; any goroutine may call it.
func (c *client) all() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*Socket, 0, len(c.sockets))
	for _, s := range c.sockets {
		all = append(all, s)
	}
	return all
}

func (c *client) socket(namespace string) *Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sockets[namespace]
}

// add tells whether the session may have one more socket.
func (c *client) add(s *Socket) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, again := c.sockets[s.namespace.name]; !again && len(c.sockets) >= c.server.opts.MaxNamespaces {
		return false
	}
	c.sockets[s.namespace.name] = s
	return true
}

func (c *client) remove(s *Socket) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sockets, s.namespace.name)
}

// packet takes one packet. Like the reference, it ends a session that connects
// twice to a namespace, that speaks in one which it isn't connected to, or
// that sends what only a server sends.
func (c *client) packet(p sio.Packet) engineio.Reason {
	s := c.socket(p.Namespace)
	live := s != nil && s.live()
	switch {
	case p.Type == sio.Connect:
		if live {
			return engineio.BadRequest
		}
		c.connect(p)
	case s == nil || p.Type == sio.ConnectError || !c.server.takes(p):
		return engineio.BadRequest
	case p.Type == sio.Disconnect:
		c.remove(s)
		s.end(clientDisconnect, false)
		c.keep()
	case !live: // sent before the client knew
	case p.Type == sio.Ack || p.Type == sio.BinaryAck:
		return s.ack(p)
	default:
		return c.event(s, p)
	}
	return ""
}

// connect answers a CONNECT (Socket.IO protocol, section "Connection to a
// namespace"). A refused client keeps its session.
func (c *client) connect(p sio.Packet) {
	n, ok := c.server.namespaces[p.Namespace]
	if !ok {
		c.refuse(p.Namespace, &Refusal{Message: "Invalid namespace"})
		return
	}
	s := newSocket(c, n)
	if !c.add(s) {
		c.refuse(p.Namespace, &Refusal{Message: "Too many namespaces"})
		return
	}
	var reply []byte
	if n.onConnect != nil {
		var auth json.RawMessage
		if len(p.Data) > 0 {
			auth = p.Data
		}
		var err error
		if reply, err = n.onConnect(c.ctx, s, auth); err != nil {
			c.remove(s)
			s.abandon()
			c.refuse(p.Namespace, n.refusal(err))
			return
		}
	}
	c.timer.Stop()
	s.welcome(reply)
	c.keep()
	if n.onConnected != nil {
		n.onConnected(c.ctx, s)
	}
}

// refusal is what the client may know of err; the rest is logged.
func (n *Namespace) refusal(err error) *Refusal {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return refusal
	}
	n.server.opts.Logger.Error("socketio: OnConnect failed", "namespace", n.name, "error", err)
	return &Refusal{Message: "internal"}
}

func (c *client) refuse(namespace string, r *Refusal) {
	data := sio.AppendString([]byte(`{"message":`), r.Message)
	if len(r.Data) > 0 {
		data = append(append(data, `,"data":`...), r.Data...)
	}
	data = append(data, '}')
	// Receive tells of a closed session.
	_ = c.session.Send(frames(sio.Packet{Type: sio.ConnectError, Namespace: namespace, ID: sio.NoID, Data: data})...)
}

// event handles an event. A name that the reference keeps for itself is broken
// input, as it is there.
func (c *client) event(s *Socket, p sio.Packet) engineio.Reason {
	name, args, err := sio.EventArgs(p.Data)
	if err != nil {
		return engineio.ParseError
	}
	h := s.namespace.handler(name)
	if h == nil {
		return ""
	}
	wantsAck := p.ID != sio.NoID
	reply := h(c.ctx, s, Event{Name: name, Args: args, Attachments: p.Attachments, WantsAck: wantsAck})
	if wantsAck && reply.Args != nil {
		s.reply(p.ID, reply)
	}
	if reply.After != nil {
		reply.After()
	}
	return ""
}
