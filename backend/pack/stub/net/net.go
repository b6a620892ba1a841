// Package net takes the place of net in the WebAssembly, where coder/websocket
// names these and the browser makes all connections.
package net

import (
	"errors"
	"time"
)

// ErrClosed is what coder/websocket returns for a connection that is closed.
var ErrClosed = errors.New("use of closed network connection")

// Addr is the address of an end; nothing here makes one.
type Addr interface {
	Network() string
	String() string
}

// Conn is a connection as a stream; nothing here makes one.
type Conn interface {
	Read(b []byte) (n int, err error)
	Write(b []byte) (n int, err error)
	Close() error
	LocalAddr() Addr
	RemoteAddr() Addr
	SetDeadline(t time.Time) error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}
