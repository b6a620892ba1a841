package engineio

import (
	"bytes"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"maru/app/wire/eio"
)

var (
	closeFrame = Frame{Data: eio.Append(nil, eio.Packet{Type: eio.Close})}
	noopFrame  = Frame{Data: eio.Append(nil, eio.Packet{Type: eio.Noop})}

	payloadSeparator = []byte{eio.Separator}
)

// maxPackets is how many packets one payload of the peer may hold.
const maxPackets = 10_000

// errPoll tells that the answer to a GET was not taken.
var errPoll = errors.New("engineio: the answer to a poll broke off")

// polling is the transport of that name (Engine.IO protocol, section "HTTP
// long-polling"): what the peer sends comes as bodies of POSTs, and what it is
// sent leaves as the answer to the GET that it keeps open.
type polling struct {
	cfg    *Config
	wake   func()        // makes the session look again whether it can write
	bodies chan *body    // from the POST to read
	stop   chan struct{} // closed once nothing more is read
	body   *body         // what read is busy with

	mu       sync.Mutex
	held     *poll // the GET that waits for an answer
	reserved *poll // the GET that the next write, or the one under way, answers
	posting  bool  // a POST is being served
	stopped  bool  // stop is closed
	over     bool  // no further GET is taken
	expires  time.Time
	timer    *time.Timer // until expires
}

// body is what one POST has brought.
type body struct {
	rest    []byte
	last    bool          // rest has been handed out
	packets int           // that have been handed out
	done    chan struct{} // closed when all of it has been dealt with
}

func newPolling(cfg *Config) *polling {
	return &polling{cfg: cfg, bodies: make(chan *body), stop: make(chan struct{})}
}

// read hands out the packets of the POSTs one by one. Whoever asks for the
// next one has dealt with the one before.
func (p *polling) read() (Frame, Reason) {
	if p.body != nil && p.body.last {
		close(p.body.done)
		p.body = nil
	}
	if p.body == nil {
		select {
		case p.body = <-p.bodies:
		case <-p.stop:
			return Frame{}, replaced
		}
	}
	if p.body.packets++; p.body.packets > maxPackets {
		return Frame{}, BadRequest
	}
	packet, rest, more := bytes.Cut(p.body.rest, payloadSeparator)
	p.body.rest, p.body.last = rest, !more
	return Frame{Data: packet}, ""
}

func (p *polling) ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held != nil || p.over
}

// reserve takes the GET that waits, and as many frames as one payload may
// hold.
func (p *polling) reserve(frames []Frame) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held == nil {
		if p.over {
			return len(frames)
		}
		return 0
	}
	p.reserved, p.held = p.held, nil
	size := int64(0)
	for i := range frames {
		if size += payloadSize(frames[i]); size > p.cfg.MaxPayload && i > 0 {
			return i
		}
	}
	return len(frames)
}

func (p *polling) write(frames []Frame) error {
	g, deadline := p.startAnswer()
	if g == nil {
		return net.ErrClosed
	}
	err := g.answer(frames, deadline)
	p.mu.Lock()
	p.reserved = nil
	p.mu.Unlock()
	close(g.answered)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return errPoll
	}
	return err
}

func (p *polling) startAnswer() (*poll, time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	deadline := time.Now().Add(p.cfg.WriteTimeout)
	if !p.expires.IsZero() && p.expires.Before(deadline) {
		deadline = p.expires
	}
	return p.reserved, deadline
}

// farewell tells the GET that waits. If none does, one that comes within
// closeGrace is told, where the client may be about to send it.
func (p *polling) farewell(reason Reason) (last Frame, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopLocked()
	if p.held == nil && !reason.lingers() {
		p.over = true
	}
	if p.over {
		return Frame{}, false
	}
	p.expireLocked(time.Now().Add(closeGrace))
	if reason == TransportClose || reason == Moved { // the peer knows, or is not to know
		return noopFrame, true
	}
	return closeFrame, true
}

func (p *polling) stopLocked() {
	if !p.stopped {
		p.stopped = true
		close(p.stop)
	}
}

func (p *polling) expire(t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expireLocked(t)
}

func (p *polling) expireLocked(t time.Time) {
	p.stopTimerLocked()
	p.expires = t
	if p.reserved != nil {
		p.reserved.expire(t)
	}
	if !t.IsZero() {
		p.timer = time.AfterFunc(time.Until(t), p.expired)
	}
}

// expired lets the writes fail that still wait for a GET.
func (p *polling) expired() {
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	p.wake()
}

func (p *polling) stopTimerLocked() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}

// close needs to tell the peer nothing: the farewell has, if it could.
func (p *polling) close(Reason) {
	if g := p.release(); g != nil {
		refuse(g.w, http.StatusBadRequest, eio.ErrUnknownSID)
		close(g.answered)
	}
}

// leave lets a session go that has another transport now.
func (p *polling) leave() {
	if g := p.release(); g != nil {
		_ = g.answer([]Frame{noopFrame}, time.Now().Add(p.cfg.WriteTimeout)) // nothing is lost with it
		close(g.answered)
	}
}

// release ends the transport. It returns the GET that is left, whose answer is
// the caller's.
func (p *polling) release() *poll {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopLocked()
	p.stopTimerLocked()
	p.over = true
	g := p.held
	p.held = nil
	return g
}
