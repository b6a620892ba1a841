package enginetest

import (
	"context"
	"net"
	"net/http"
	"sync"
)

// Listener accepts connections in memory.
type Listener struct {
	limit   int
	backlog chan *Conn
	closed  chan struct{}
	once    sync.Once
}

// Listen returns a Listener whose connections hold limit bytes a direction.
func Listen(limit int) *Listener {
	return &Listener{limit: limit, backlog: make(chan *Conn), closed: make(chan struct{})}
}

// Connect returns both ends of a new connection, once it was accepted.
func (l *Listener) Connect(ctx context.Context) (client, server *Conn, err error) {
	client, server = Pipe(l.limit)
	select {
	case l.backlog <- server:
		return client, server, nil
	case <-l.closed:
		return nil, nil, net.ErrClosed
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// Client is an HTTP client that reaches the listener under every name.
func (l *Listener) Client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			client, _, err := l.Connect(ctx)
			return client, err
		},
	}}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return address{} }
