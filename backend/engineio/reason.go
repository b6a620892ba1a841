package engineio

import "github.com/coder/websocket"

// Reason says why a session ended. The list below is closed; those that the
// reference implementation knows have its wording.
type Reason string

const (
	// TransportClose: the peer closed the connection, and said so.
	TransportClose Reason = "transport close"
	// TransportError: the connection broke off, or the peer broke the
	// transport's rules.
	TransportError Reason = "transport error"
	// PingTimeout: no pong came within PingTimeout.
	PingTimeout Reason = "ping timeout"
	// ForcedClose: this side ended the session in good order.
	ForcedClose Reason = "forced close"
	// ParseError: the peer sent something that no client sends.
	ParseError Reason = "parse error"
	// BadRequest: the peer sent something well-formed in the wrong state.
	BadRequest Reason = "bad request"
	// MessageTooBig: one message or payload was longer than MaxPayload.
	MessageTooBig Reason = "message too big"
	// SlowConsumer: the peer took its messages too slowly.
	SlowConsumer Reason = "slow consumer"
	// RateLimited: the peer sent far more than it may, although it was told.
	RateLimited Reason = "rate limited"
	// ServerShutdown: this instance is going away; another one may serve.
	ServerShutdown Reason = "server shutting down"
	// ServerError: a fault of this side, such as a panic.
	ServerError Reason = "server error"
	// Moved: another instance goes on with the session. The peer sees no end,
	// and nothing is over but what this instance had of it.
	Moved Reason = "moved"
)

// Code is the WebSocket close code that tells the peer of r (RFC 6455, section
// 7.4, and the registry that it names).
func (r Reason) Code() websocket.StatusCode {
	switch r {
	case TransportError:
		return websocket.StatusProtocolError
	case ParseError:
		return websocket.StatusInvalidFramePayloadData
	case BadRequest:
		return websocket.StatusPolicyViolation
	case MessageTooBig:
		return websocket.StatusMessageTooBig
	case SlowConsumer, RateLimited:
		return websocket.StatusTryAgainLater
	case ServerShutdown:
		return websocket.StatusServiceRestart
	case ServerError:
		return websocket.StatusInternalError
	}
	return websocket.StatusNormalClosure
}

// Reconnect tells whether the client should come back by itself. It should
// not when it would only meet the same end again.
func (r Reason) Reconnect() bool {
	switch r {
	case ForcedClose, ParseError, BadRequest, MessageTooBig:
		return false
	}
	return true
}

// drops tells whether what still waits for the peer is thrown away: a peer
// that is too slow or silent would not take it anyway, and one that has moved
// gets it elsewhere.
func (r Reason) drops() bool { return r == SlowConsumer || r == PingTimeout || r == Moved }

// lingers tells whether a peer on long-polling that has no GET open is given
// the time to send one, and so to be told, with what waits for it. Where it has
// broken the session, or is not there any more, it isn't.
func (r Reason) lingers() bool {
	switch r {
	case PingTimeout, TransportError, ParseError, BadRequest, MessageTooBig, Moved:
		return false
	}
	return true
}

// CloseError is what a session's methods return once it is closed.
type CloseError struct{ Reason Reason }

func (e *CloseError) Error() string { return "engineio: session closed: " + string(e.Reason) }
