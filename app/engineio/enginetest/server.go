// Package enginetest is a server for tests of clients: it does what the
// test tells it, frame by frame, over memory, and answers a Close packet by
// closing; nothing else. It speaks WebSocket and HTTP long-polling. It holds no
// goroutine and no clock, so it works inside a testing/synctest bubble.
package enginetest

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/coder/websocket"

	"maru/app/engineio"
	"maru/app/wire/eio"
)

// Open is the handshake that Accept sends: a ping each 25 s, answered within
// 20 s.
const Open = `0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`

// room is how many frames each direction holds, so that a script need not read
// what it does not look at.
const room = 4096

// ErrRefused is what Dial returns while the server is down.
var ErrRefused = errors.New("enginetest: connection refused")

// Server takes connections.
type Server struct {
	peers chan *Peer // by WebSocket
	polls chan *Peer // by long-polling

	mu       sync.Mutex
	down     bool
	polling  map[string]*Peer // by session id
	requests int
	dials    int
}

// New returns a server that is up.
func New() *Server {
	return &Server{peers: make(chan *Peer, room), polls: make(chan *Peer, room), polling: map[string]*Peer{}}
}

// Dial is for engineio.Options.
func (s *Server) Dial(_ context.Context, url string) (engineio.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dials++
	if s.down {
		return nil, ErrRefused
	}
	p := newPeer(url)
	s.peers <- p
	return conn{p}, nil
}

func newPeer(url string) *Peer {
	return &Peer{URL: url, toClient: make(chan frame, room), toServer: make(chan frame, room), closed: make(chan struct{})}
}

// SetDown says whether the server refuses WebSockets; polling goes on.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Dials counts the connections that were asked for.
func (s *Server) Dials() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dials
}

// Next waits for a connection and leaves it silent.
func (s *Server) Next() *Peer { return <-s.peers }

// Accept waits for a connection and sends it the Open packet.
func (s *Server) Accept() *Peer {
	p := s.Next()
	p.Send(Open)
	return p
}

type frame struct {
	typ  websocket.MessageType
	data []byte
}

// Peer is the server's end of one connection.
type Peer struct {
	URL      string
	http     http // of long-polling
	toClient chan frame
	toServer chan frame
	once     sync.Once
	closed   chan struct{}
}

// Send sends a text frame.
func (p *Peer) Send(text string) { p.toClient <- frame{websocket.MessageText, []byte(text)} }

// SendBinary sends a binary frame.
func (p *Peer) SendBinary(data []byte) { p.toClient <- frame{websocket.MessageBinary, data} }

// Receive waits for the client's next frame; binary ones begin with "binary:".
// It returns "closed" when the connection has ended and nothing is left.
func (p *Peer) Receive() string {
	select {
	case f := <-p.toServer:
		return f.String()
	default:
	}
	select {
	case f := <-p.toServer:
		return f.String()
	case <-p.closed:
		return "closed"
	}
}

func (f frame) String() string {
	if f.typ == websocket.MessageBinary {
		return "binary:" + string(f.data)
	}
	return string(f.data)
}

// Fill makes every further write of the client block, as a peer does that
// reads nothing.
func (p *Peer) Fill() {
	for {
		select {
		case p.toServer <- frame{}:
		default:
			return
		}
	}
}

// Closed tells whether the connection has ended.
func (p *Peer) Closed() bool {
	select {
	case <-p.closed:
		return true
	default:
		return false
	}
}

// Drop cuts the connection.
func (p *Peer) Drop() { p.once.Do(func() { close(p.closed) }) }

// conn is the client's end.
type conn struct{ p *Peer }

func (c conn) Read(ctx context.Context) (websocket.MessageType, []byte, error) {
	select {
	case f := <-c.p.toClient:
		return f.typ, f.data, nil
	default:
	}
	select {
	case f := <-c.p.toClient:
		return f.typ, f.data, nil
	case <-c.p.closed:
		return 0, nil, net.ErrClosed
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
}

func (c conn) Write(ctx context.Context, typ websocket.MessageType, data []byte) error {
	select {
	case <-c.p.closed:
		return net.ErrClosed
	default:
	}
	select {
	case c.p.toServer <- frame{typ, append([]byte(nil), data...)}:
		if typ == websocket.MessageText && string(data) == string(eio.Close) {
			c.p.Drop() // as a server does; a client in a browser relies on it
		}
		return nil
	case <-c.p.closed:
		return net.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c conn) Close(websocket.StatusCode, string) error {
	c.p.Drop()
	return nil
}
