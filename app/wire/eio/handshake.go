package eio

import (
	"encoding/json"
	"errors"
	"time"
	"unicode/utf8"
)

// Transport names, as in the transport query parameter and in Upgrades.
const (
	Polling   = "polling"
	WebSocket = "websocket"
)

// Handshake is the data of the Open packet (section "Handshake").
type Handshake struct {
	SID          string
	Upgrades     []string // never nil on the wire: [] for none
	PingInterval time.Duration
	PingTimeout  time.Duration
	MaxPayload   int64 // bytes
}

type handshakeJSON struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int64    `json:"pingInterval"`
	PingTimeout  int64    `json:"pingTimeout"`
	MaxPayload   int64    `json:"maxPayload"`
}

// Append appends h as JSON, with exactly the keys of the specification.
func (h Handshake) Append(dst []byte) []byte {
	up := h.Upgrades
	if up == nil {
		up = []string{}
	}
	b, err := json.Marshal(handshakeJSON{h.SID, up, h.PingInterval.Milliseconds(), h.PingTimeout.Milliseconds(), h.MaxPayload})
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	return append(dst, b...)
}

// ErrHandshake tells that the data of an Open packet is not a handshake.
var ErrHandshake = errors.New("eio: broken handshake")

// Bounds of a handshake, so that a broken server can neither make a client
// wait for ever nor put what it likes into the client's next URL.
const (
	maxBeat     = time.Hour
	maxSID      = 128 // bytes
	maxUpgrades = 8
)

// ParseHandshake reads the data of an Open packet. Keys are matched exactly;
// unknown ones are ignored. Without maxPayload MaxPayload is 0.
func ParseHandshake(data []byte) (Handshake, error) {
	var keys map[string]json.RawMessage
	if !utf8.Valid(data) || json.Unmarshal(data, &keys) != nil {
		return Handshake{}, ErrHandshake
	}
	var h Handshake
	var interval, timeout int64
	for key, dst := range map[string]any{
		"sid": &h.SID, "upgrades": &h.Upgrades, "maxPayload": &h.MaxPayload,
		"pingInterval": &interval, "pingTimeout": &timeout,
	} {
		if raw, ok := keys[key]; ok && json.Unmarshal(raw, dst) != nil {
			return Handshake{}, ErrHandshake
		}
	}
	longest := maxBeat.Milliseconds()
	if !validSID(h.SID) || len(h.Upgrades) > maxUpgrades || h.MaxPayload < 0 ||
		interval <= 0 || timeout <= 0 || interval > longest || timeout > longest {
		return Handshake{}, ErrHandshake
	}
	h.PingInterval = time.Duration(interval) * time.Millisecond
	h.PingTimeout = time.Duration(timeout) * time.Millisecond
	return h, nil
}

// validSID tells whether sid can stand in a URL's query: printable ASCII.
func validSID(sid string) bool {
	for i := range len(sid) {
		if sid[i] <= ' ' || sid[i] > '~' {
			return false
		}
	}
	return sid != "" && len(sid) <= maxSID
}

// Error is what a server answers to a request that it can't take, as JSON with
// HTTP status 400 or 403.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return "eio: " + e.Message }

// The errors of the reference implementation.
var (
	ErrUnknownTransport   = &Error{Code: 0, Message: "Transport unknown"}
	ErrUnknownSID         = &Error{Code: 1, Message: "Session ID unknown"}
	ErrBadHandshakeMethod = &Error{Code: 2, Message: "Bad handshake method"}
	ErrBadRequest         = &Error{Code: 3, Message: "Bad request"}
	ErrForbidden          = &Error{Code: 4, Message: "Forbidden"}
	ErrUnsupported        = &Error{Code: 5, Message: "Unsupported protocol version"}
)
