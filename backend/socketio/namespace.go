package socketio

import (
	"context"
	"encoding/json"
	"runtime/debug"
)

// Namespace is one of the channels that share a session. Its callbacks are set
// before the first request is served.
type Namespace struct {
	server       *Server
	name         string
	onConnect    func(ctx context.Context, s *Socket, auth json.RawMessage) (reply []byte, err error)
	onConnected  func(ctx context.Context, s *Socket)
	onResume     func(ctx context.Context, s *Socket, data []byte) error
	onDisconnect func(s *Socket, reason string)
	handlers     map[string]Handler
	other        Handler
	textOnly     bool
}

// Event is what a client sent. Args is valid until the handler and its After
// have returned.
type Event struct {
	Name string
	// Args are the arguments, each valid JSON. Where a binary argument was,
	// they hold a placeholder with its index in Attachments.
	Args        []json.RawMessage
	Attachments [][]byte
	WantsAck    bool
}

// Reply is what a handler answers.
type Reply struct {
	// Args is the ack's arguments as one JSON array; nil sends no ack. It is
	// not used if the client wants no ack.
	Args        []byte
	Attachments [][]byte
	// After, if set, runs once the ack is queued, so that what it sends
	// comes after the ack.
	After func()
}

// Handler handles an event on the goroutine of its session, so that a
// session's events are handled in their order; one that takes longer than the
// ping timeout costs the session. ctx ends with the session.
type Handler func(ctx context.Context, s *Socket, e Event) Reply

// Refusal is the error by which OnConnect refuses a client. Message and Data
// (JSON, or nil) are sent to it.
type Refusal struct {
	Message string
	Data    json.RawMessage
}

func (r *Refusal) Error() string { return "socketio: refused: " + r.Message }

// OnConnect sets who decides on a client that asks for the namespace. auth is
// the JSON object that it sent, valid during the call, or nil. reply is empty
// or a list of JSON members, such as `"version":"1","pid":"x"`, that stand
// beside the socket's id in the answer. What is sent to the socket meanwhile
// follows the answer. An error refuses the client: it sees that of a *Refusal,
// of every other just "internal".
func (n *Namespace) OnConnect(f func(ctx context.Context, s *Socket, auth json.RawMessage) (reply []byte, err error)) {
	n.onConnect = f
}

// OnConnected sets who is told that a client has been answered, before any of
// its events. It may take its time: the client's events wait. ctx ends with
// the session.
func (n *Namespace) OnConnected(f func(ctx context.Context, s *Socket)) { n.onConnected = f }

// OnDisconnect sets who is told that a connected socket has ended, once for
// each. reason is the reference's, such as "client namespace disconnect", or
// that of the session, such as "transport close". It runs on the goroutine of
// the session, or on the one that called Disconnect.
func (n *Namespace) OnDisconnect(f func(s *Socket, reason string)) { n.onDisconnect = f }

// On sets the handler of an event.
func (n *Namespace) On(event string, h Handler) { n.handlers[event] = h }

// OnOther sets the handler of all events that have none.
func (n *Namespace) OnOther(h Handler) { n.other = h }

// TextOnly makes that no event and no ack may carry attachments: the session of
// a client that announces one ends with BadRequest, before it has sent it.
func (n *Namespace) TextOnly() { n.textOnly = true }

func (n *Namespace) handler(event string) Handler {
	if h, ok := n.handlers[event]; ok {
		return h
	}
	return n.other
}

// disconnected reports the end of a socket. A panic here must not keep the
// session's other sockets from being reported.
func (n *Namespace) disconnected(s *Socket, reason string) {
	if n.onDisconnect == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			n.server.opts.Logger.Error("socketio: panic in OnDisconnect",
				"namespace", n.name, "panic", v, "stack", string(debug.Stack()))
		}
	}()
	n.onDisconnect(s, reason)
}
