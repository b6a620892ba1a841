package engineio

import (
	"encoding/json"
	"errors"

	"github.com/coder/websocket"

	"maru/app/wire/eio"
)

// Reasons with which a session ends by itself. Where both ends know a reason,
// the wording is the server's.
const (
	ReasonTimeout     = "timeout"              // no Open packet in time
	ReasonPingTimeout = "ping timeout"         // the server has gone silent
	ReasonTransport   = "transport close"      // the connection is gone
	ReasonServer      = "server close"         // the server sent a Close packet
	ReasonBroken      = "parse error"          // the server broke the protocol
	ReasonUnknown     = "session unknown"      // the server has forgotten the session
	ReasonShutdown    = "server shutting down" // another instance may serve
	ReasonSlow        = "slow consumer"        // we took our messages too slowly
	ReasonFault       = "server error"         // a fault of the server
	ReasonBadRequest  = "bad request"          // the server did not understand us
	ReasonTooBig      = "message too big"      // we sent more than the server takes
	ReasonForbidden   = "forbidden"            // the server does not serve this origin or program
)

// ComeBack tells whether a session that ended with reason is worth opening
// again soon. It is false where the next one would only meet the same end. A
// browser does not show why a server closed a WebSocket; there most ends are
// ReasonTransport.
func ComeBack(reason string) bool {
	switch reason {
	case ReasonBadRequest, ReasonTooBig, ReasonForbidden:
		return false
	}
	return true
}

// CloseError tells why a session has ended: one of the reasons above, or what
// was given to Close.
type CloseError struct{ Reason string }

func (e *CloseError) Error() string { return "engineio: " + e.Reason }

// reasonOf puts the end of a transport into one of the reasons.
func reasonOf(err error) string {
	var closed *CloseError
	if errors.As(err, &closed) {
		return closed.Reason
	}
	switch websocket.CloseStatus(err) {
	case websocket.StatusGoingAway, websocket.StatusServiceRestart:
		return ReasonShutdown
	case websocket.StatusTryAgainLater:
		return ReasonSlow
	case websocket.StatusInternalError:
		return ReasonFault
	case websocket.StatusProtocolError, websocket.StatusInvalidFramePayloadData, websocket.StatusPolicyViolation:
		return ReasonBadRequest
	case websocket.StatusMessageTooBig:
		return ReasonTooBig
	}
	return ReasonTransport
}

// refusal is the end that a server gives a session by an HTTP status other
// than 200 (section "HTTP long-polling"). Without a readable error in the body
// it may be a proxy that speaks, so the status alone condemns nobody.
func refusal(status int, body []byte) error {
	reason := ReasonTransport
	switch code := errorCode(body); {
	case status == statusTooLarge:
		reason = ReasonTooBig
	case code == eio.ErrUnknownSID.Code:
		reason = ReasonUnknown
	case code == eio.ErrForbidden.Code, code == eio.ErrUnsupported.Code:
		reason = ReasonForbidden
	}
	return &CloseError{Reason: reason}
}

// errorCode reads the code of an eio.Error, exactly spelt; -1 is none.
func errorCode(body []byte) int {
	var keys map[string]json.RawMessage
	code := -1
	if json.Unmarshal(body, &keys) != nil || json.Unmarshal(keys["code"], &code) != nil {
		return -1
	}
	return code
}

// Statuses of RFC 9110; net/http must not be linked into the tab for them.
const (
	statusOK       = 200
	statusTooLarge = 413
)
