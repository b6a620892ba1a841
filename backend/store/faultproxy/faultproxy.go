// Package faultproxy is a TCP proxy that fails on command, for tests of what
// must survive a bad network. It knows no protocol.
package faultproxy

import (
	"bytes"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"
)

// Proxy passes connections on to a target. Its faults hit the connections that
// are there and those that come, until they are changed. All methods may be
// called by many goroutines at once.
type Proxy struct {
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	target  string
	only    string
	holding [2]bool // by direction
	delay   time.Duration
	lose    float64
	changed chan struct{} // closed, and replaced, when a field above changes
	links   map[*link]bool
	closed  bool
}

// The directions: up is from the client to the target.
const (
	up = iota
	down
)

// Listen starts a Proxy on a free port of the loopback. target is host:port,
// or unix: and the path of a socket.
func Listen(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: l, target: target, changed: make(chan struct{}), links: map[*link]bool{}}
	p.running.Go(p.accept)
	return p, nil
}

// Addr is the host:port to connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Cut closes all connections, in the midst of whatever they carry. It returns
// how many there were.
func (p *Proxy) Cut() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for l := range p.links {
		if p.hitsLocked(l) {
			l.cut()
			n++
		}
	}
	return n
}

// Blackhole holds back what is sent to the target (up) or by it (down), without
// a word to either side, as a network does that loses every packet. What was
// held back goes on its way when that ends: TCP sends it again.
func (p *Proxy) Blackhole(up, down bool) {
	p.change(func() { p.holding = [2]bool{up, down} })
}

// Hold is Blackhole in both directions, but only for the connections that are
// there now: those that come later are not hit.
func (p *Proxy) Hold() {
	p.change(func() {
		for l := range p.links {
			l.held = l.held || p.hitsLocked(l)
		}
	})
}

// Delay lets everything arrive later by d, in each direction.
func (p *Proxy) Delay(d time.Duration) { p.change(func() { p.delay = d }) }

// LoseReplies has that share of the chunks that the target sends, from 0 to 1,
// lost with their connection: what was asked is done, but nobody hears of it.
func (p *Proxy) LoseReplies(share float64) { p.change(func() { p.lose = share }) }

// Only has faults, Cut included, hit only those connections over which a client
// has sent text; with "" they hit all.
func (p *Proxy) Only(text string) { p.change(func() { p.only = text }) }

// Target has connections that come from now on go to another target.
func (p *Proxy) Target(target string) { p.change(func() { p.target = target }) }

// Close ends all connections and returns when nothing of the Proxy runs.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.change(func() {
		p.closed = true
		for l := range p.links {
			l.cut()
		}
	})
	p.running.Wait()
	return err
}

func (p *Proxy) change(set func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	set()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(conn) })
	}
}

// link is a connection that is passed on.
type link struct {
	ends [2]net.Conn // client, target
	sent []byte      // the end of what the client has sent, to find text in
	is   string      // the text that was found
	held bool        // for good, by Hold
	done chan struct{}
	cut  func()
}

func (p *Proxy) serve(client net.Conn) {
	l := &link{done: make(chan struct{})}
	server, ok := p.connect(client)
	if !ok {
		return
	}
	l.ends = [2]net.Conn{client, server}
	l.cut = sync.OnceFunc(func() {
		close(l.done)
		_ = client.Close()
		_ = server.Close()
	})
	defer l.cut()
	p.mu.Lock()
	closed := p.closed
	p.links[l] = true
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.links, l)
	}()
	if closed {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.pass(l, up) })
	both.Go(func() { p.pass(l, down) })
	both.Wait()
}

func (p *Proxy) connect(client net.Conn) (net.Conn, bool) {
	p.mu.Lock()
	target := p.target
	p.mu.Unlock()
	network := "tcp"
	if path, ok := strings.CutPrefix(target, "unix:"); ok {
		network, target = "unix", path
	}
	server, err := net.Dial(network, target)
	if err != nil {
		_ = client.Close()
		return nil, false
	}
	return server, true
}

// chunk is what one read brought, and when.
type chunk struct {
	data []byte
	at   time.Time
}

// pass copies one direction until either end is gone. Reading and writing are
// apart, so that a delay delays and does not slow.
func (p *Proxy) pass(l *link, direction int) {
	chunks := make(chan chunk, 64)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(chunks)
		for {
			buf := make([]byte, 32<<10)
			n, err := l.ends[direction].Read(buf)
			if n > 0 {
				p.look(l, direction, buf[:n])
				select {
				case chunks <- chunk{buf[:n], time.Now()}:
				case <-l.done:
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	for c := range chunks {
		if !p.admit(l, direction, c.at) {
			break
		}
		if _, err := l.ends[1-direction].Write(c.data); err != nil {
			break
		}
	}
	l.cut()
	reading.Wait()
}

// look searches what a client sends for the text of Only.
func (p *Proxy) look(l *link, direction int, data []byte) {
	if direction != up {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	l.sent = append(l.sent, data...)
	if p.only != "" && bytes.Contains(l.sent, []byte(p.only)) {
		l.is = p.only
	}
	if keep := 4 << 10; len(l.sent) > keep {
		l.sent = append(l.sent[:0], l.sent[len(l.sent)-keep:]...)
	}
}

func (p *Proxy) hitsLocked(l *link) bool {
	return p.only == "" || l.is == p.only || bytes.Contains(l.sent, []byte(p.only))
}

// admit waits until what came at a time may go on. It returns false if it, and
// its connection, are to be lost.
func (p *Proxy) admit(l *link, direction int, came time.Time) bool {
	decided := false
	for {
		p.mu.Lock()
		hit, hold, lose, changed := p.hitsLocked(l) || l.held, p.holding[direction] || l.held, p.lose, p.changed
		wait := time.Until(came.Add(p.delay))
		p.mu.Unlock()
		if !decided && hit && direction == down && rand.Float64() < lose {
			return false
		}
		decided = true
		var due <-chan time.Time
		switch {
		case !hit || !hold && wait <= 0:
			return true
		case !hold:
			timer := time.NewTimer(wait)
			defer timer.Stop()
			due = timer.C
		}
		select {
		case <-due:
		case <-changed:
		case <-l.done:
			return false
		}
	}
}
