package engineio

import (
	"context"
	"errors"
	"slices"
	"time"

	"maru/app/wire/eio"
)

const (
	// probeTimeout bounds one attempt to upgrade.
	probeTimeout = 10 * time.Second
	// The delays between attempts double, so that a proxy that blocks
	// WebSocket is not asked all the time.
	minUpgradeDelay = 10 * time.Second
	maxUpgradeDelay = 5 * time.Minute
)

var probe = []byte("probe")

// errNoProbe tells that a WebSocket opened but did not answer the probe.
var errNoProbe = errors.New("engineio: the probe was not answered")

// upgrade is how far a polling session is on its way to WebSocket (section
// "Upgrade"). The session's mu guards it.
type upgrade struct {
	dial      func(ctx context.Context, sid string) (Transport, error) // nil: there is no way
	probing   bool
	next      Transport     // has answered the probe, and waits for the open GET
	switching bool          // the writer must stand still
	quiet     chan struct{} // closed when it does
	delay     time.Duration
	timer     *time.Timer
	failedAt  time.Time
}

func (u *upgrade) stopLocked() {
	if u.timer != nil {
		u.timer.Stop()
	}
}

// plan lets the session try to upgrade after first, and then ever more seldom.
func (s *Session) plan(first time.Duration, dial func(ctx context.Context, sid string) (Transport, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || !slices.Contains(s.handshake.Upgrades, eio.WebSocket) {
		return
	}
	s.upgrade.dial, s.upgrade.delay = dial, minUpgradeDelay
	s.upgrade.timer = time.AfterFunc(first, s.tryUpgrade)
}

// Upgrade tries at once to go over from polling to WebSocket, for example
// because the network is another one. It does nothing on a WebSocket, during
// an attempt, and shortly after one that failed.
func (s *Session) Upgrade() {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &s.upgrade
	if !s.closed && u.dial != nil && !u.probing && time.Since(u.failedAt) >= minUpgradeDelay {
		u.timer.Reset(0)
	}
}

// tryUpgrade makes one attempt: up to the answer of the probe nothing changes
// for the session.
func (s *Session) tryUpgrade() {
	s.mu.Lock()
	u := &s.upgrade
	if s.closed || u.probing || u.dial == nil {
		s.mu.Unlock()
		return
	}
	u.probing = true
	dial := u.dial
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(s.ctx, probeTimeout)
	defer cancel()
	t, err := dial(ctx, s.handshake.SID)
	if err == nil {
		err = sendProbe(ctx, t)
	}
	if err != nil {
		s.upgradeFailed()
		return
	}
	s.pausePolling(t)
}

// sendProbe asks the server over t whether packets pass; otherwise it leaves t.
func sendProbe(ctx context.Context, t Transport) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answered := make(chan bool)
	go func() {
		p, err := t.Receive()
		select {
		case answered <- err == nil && p.Type == eio.Pong && string(p.Data) == string(probe):
		case <-ctx.Done():
			drain(t)
		}
	}()
	if err := t.Send([]eio.Packet{{Type: eio.Ping, Data: probe}}); err != nil {
		t.Close()
		return err
	}
	select {
	case ok := <-answered:
		if ok {
			return nil
		}
		leave(t)
	case <-ctx.Done(): // the goroutine above drains
		_ = t.Send([]eio.Packet{{Type: eio.Close}}) // gone is gone
		t.Close()
	}
	return errNoProbe
}

// upgradeFailed plans the next attempt.
func (s *Session) upgradeFailed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := &s.upgrade
	u.probing, u.failedAt = false, time.Now()
	if !s.closed {
		u.timer.Reset(u.delay)
		u.delay = min(2*u.delay, maxUpgradeDelay)
	}
}

// pausePolling lets t take over once the open GET has ended: the server ends
// it when it has answered the probe. What the session sends meanwhile is still
// posted.
func (s *Session) pausePolling(t Transport) {
	s.mu.Lock()
	p, ok := s.transport.(*polling)
	if s.closed || !ok {
		s.mu.Unlock()
		leave(t)
		return
	}
	s.upgrade.next = t
	s.mu.Unlock()
	p.pause()
}

// switchTransport goes over to the transport that answered the probe. The
// reader calls it when polling has brought all that it had, so that what the
// new transport brings comes later. It returns the transport to read from,
// which is polling still if the new one is gone already.
func (s *Session) switchTransport() Transport {
	old, next, alive := s.quietWriter()
	if alive {
		alive = next.Send([]eio.Packet{{Type: eio.Upgrade}}) == nil
	}
	s.mu.Lock()
	s.upgrade.next, s.upgrade.switching = nil, false
	if alive {
		s.transport = next
		s.upgrade.dial, s.upgrade.probing = nil, false
	}
	s.startWriterLocked()
	s.mu.Unlock()
	if !alive {
		go leave(next)
		old.resume()
		s.upgradeFailed()
		return old
	}
	old.Close()
	s.options.remember(eio.WebSocket)
	if s.options.Upgraded != nil {
		s.options.Upgraded()
	}
	return next
}

// quietWriter waits until no POST is under way and keeps others from
// beginning. alive is false when the session has ended over it.
func (s *Session) quietWriter() (old *polling, next Transport, alive bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.upgrade.switching = true
	if s.writing && !s.left {
		quiet := make(chan struct{})
		s.upgrade.quiet = quiet
		s.mu.Unlock()
		<-quiet
		s.mu.Lock()
	}
	return s.transport.(*polling), s.upgrade.next, !s.left && !s.failed
}

// abandonUpgrade leaves a transport that waited for a session which has ended.
func (s *Session) abandonUpgrade() {
	s.mu.Lock()
	next := s.upgrade.next
	s.upgrade.next = nil
	s.mu.Unlock()
	if next != nil {
		leave(next)
	}
}
