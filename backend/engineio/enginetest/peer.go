package enginetest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

const openURL = "ws://chat.test/socket.io/?EIO=4&transport=websocket"

// Peer is a bare WebSocket client: it speaks frames, and knows no packet.
type Peer struct {
	t    testing.TB
	Conn *websocket.Conn
}

// Dial opens a session and takes its handshake.
func (l *Listener) Dial(t testing.TB) *Peer {
	t.Helper()
	p := l.DialRaw(t)
	if first := p.Read(); !strings.HasPrefix(first, "0{") {
		t.Fatalf("first frame %q", first)
	}
	return p
}

// DialRaw opens a session whose handshake is still to be read.
func (l *Listener) DialRaw(t testing.TB) *Peer {
	t.Helper()
	return l.dial(t, openURL)
}

// Read returns the next frame, text or binary.
func (p *Peer) Read() string {
	p.t.Helper()
	_, data, err := p.Conn.Read(context.Background())
	if err != nil {
		p.t.Fatal("read:", err)
	}
	return string(data)
}

// Want reads the next frame, which must be want.
func (p *Peer) Want(want string) {
	p.t.Helper()
	if got := p.Read(); got != want {
		p.t.Fatalf("got %.300q, want %.300q", got, want)
	}
}

// Write sends a text frame.
func (p *Peer) Write(frame string) {
	p.t.Helper()
	if err := p.Conn.Write(context.Background(), websocket.MessageText, []byte(frame)); err != nil {
		p.t.Fatal("write:", err)
	}
}

// WriteBinary sends a binary frame.
func (p *Peer) WriteBinary(frame string) {
	p.t.Helper()
	if err := p.Conn.Write(context.Background(), websocket.MessageBinary, []byte(frame)); err != nil {
		p.t.Fatal("write:", err)
	}
}

// WantClose reads to the end, which must be a close frame with that code; 0
// stands for a connection that breaks off.
func (p *Peer) WantClose(code websocket.StatusCode) {
	p.t.Helper()
	for {
		_, _, err := p.Conn.Read(context.Background())
		if err == nil {
			continue
		}
		got := websocket.CloseStatus(err)
		if code == 0 && got == -1 && errors.Is(err, io.EOF) {
			return
		}
		if got != code {
			p.t.Fatalf("closed by %v, want %v", err, code)
		}
		return
	}
}
