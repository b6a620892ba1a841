// Package socketio is the server side of Socket.IO v5: namespaces, events and
// acknowledgements over the sessions of package engineio.
//
// It promises that the events of one session are handled one after the other,
// that what a handler returns is the ack, that every connected socket is
// reported as disconnected exactly once, and that a packet which goes to many
// sockets is encoded once. It must not know what the events mean. It follows
// the Socket.IO protocol, revision 5, and where that is silent the reference
// implementation.
package socketio

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"maru/app/wire/sio"
	"maru/backend/engineio"
)

// Defaults of Options.
const (
	DefaultConnectTimeout = 10 * time.Second
	DefaultAckTimeout     = 10 * time.Second
	DefaultMaxNamespaces  = 8
	DefaultMaxCalls       = 16

	DefaultAttachmentTimeout = 30 * time.Second
)

// Options sets the limits of a Server. A zero field means its default.
type Options struct {
	// ConnectTimeout is how long a session may stay without a namespace
	// after it was opened.
	ConnectTimeout time.Duration
	// AckTimeout is how long Socket.Call waits for the ack.
	AckTimeout time.Duration
	// AttachmentTimeout is how long the attachments of one packet may take,
	// all together, after it was announced.
	AttachmentTimeout time.Duration
	// MaxNamespaces is how many namespaces one session may connect to.
	MaxNamespaces int
	// MaxCalls is how many acks one socket may owe.
	MaxCalls int
	// Logger gets the faults of this side; never an id or a text. If nil,
	// it is that of the engine.
	Logger *slog.Logger
}

func (o Options) withDefaults(engine engineio.Config) Options {
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = DefaultConnectTimeout
	}
	if o.AckTimeout <= 0 {
		o.AckTimeout = DefaultAckTimeout
	}
	if o.AttachmentTimeout <= 0 {
		o.AttachmentTimeout = DefaultAttachmentTimeout
	}
	if o.MaxNamespaces <= 0 {
		o.MaxNamespaces = DefaultMaxNamespaces
	}
	if o.MaxCalls <= 0 {
		o.MaxCalls = DefaultMaxCalls
	}
	if o.Logger == nil {
		o.Logger = engine.Logger
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Server is the handler of the path that Socket.IO is served at.
type Server struct {
	engine     *engineio.Server
	opts       Options
	maxBinary  int // bytes of one packet's attachments
	namespaces map[string]*Namespace
}

// New returns a Server without namespaces; declare them with Of before the
// first request.
func New(engine engineio.Config, opts Options) *Server {
	s := &Server{
		opts:       opts.withDefaults(engine),
		maxBinary:  int(engine.MaxPayload),
		namespaces: make(map[string]*Namespace),
	}
	if s.maxBinary <= 0 {
		s.maxBinary = engineio.DefaultMaxPayload
	}
	if engine.Logger == nil {
		engine.Logger = s.opts.Logger
	}
	s.engine = engineio.New(engine, s.serve)
	return s
}

// Of declares the namespace of that name, or returns it if it is declared. It
// must not be called once requests are served.
func (s *Server) Of(name string) *Namespace {
	n, ok := s.namespaces[name]
	if !ok {
		n = &Namespace{server: s, name: name, handlers: make(map[string]Handler)}
		s.namespaces[name] = n
	}
	return n
}

// ServeHTTP implements http.Handler; see engineio.Server.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// Shutdown ends all sessions with engineio.ServerShutdown and refuses new
// ones; see engineio.Server.
func (s *Server) Shutdown(ctx context.Context) error { return s.engine.Shutdown(ctx) }

// serve runs one session to its end.
func (s *Server) serve(ctx context.Context, session *engineio.Session) {
	c := newClient(ctx, s, session)
	defer c.end()
	if !c.resume(session.Resumed()) {
		session.Close(engineio.ServerError)
	}
	for {
		m, err := session.Receive(ctx)
		if err != nil {
			return
		}
		if reason := c.message(m); reason != "" {
			session.Close(reason)
			return
		}
	}
}

// message takes one message of the session. A reason ends the session.
func (c *client) message(m engineio.Message) engineio.Reason {
	p, whole, err := c.take(m)
	switch {
	case err != nil:
		return engineio.ParseError
	case !whole:
		c.keepPartial(m)
		return c.awaitAttachments()
	case c.partial != nil:
		c.partial = nil
		defer c.keep()
	}
	c.attachments.Stop()
	return c.packet(p)
}

// prefixRoom is enough for the types, the counts and the id before a payload.
const prefixRoom = 32

// frames encodes p for the session's transport.
func frames(p sio.Packet) []engineio.Frame {
	fs := make([]engineio.Frame, 1, 1+len(p.Attachments))
	text := make([]byte, 0, len(p.Namespace)+len(p.Data)+prefixRoom)
	fs[0].Data = sio.Append(append(text, messageType), p)
	for _, a := range p.Attachments {
		fs = append(fs, engineio.Frame{Binary: true, Data: a})
	}
	return fs
}
