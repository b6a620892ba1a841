package socketio

import (
	"context"
	"errors"
	"time"

	"maru/app/engineio"
)

// Reasons of the manager's own, beside those of app/engineio.
const (
	ReasonOffline          = "offline"              // Offline was called
	ReasonStopped          = "client close"         // Run's context ended
	ReasonUnreachable      = "unreachable"          // dialling failed
	ReasonConnectTimeout   = "connect timeout"      // no reply to a CONNECT in time
	ReasonServerDisconnect = "io server disconnect" // a DISCONNECT packet
)

// stable is how long a connection must have lasted, from its first CONNECT
// reply on, for the back-off to begin anew. A server that accepts and fails at
// once is asked ever more seldom.
const stable = 5 * time.Second

// backoff yields the delays between attempts. The n-th, counted from zero, is
//
//	base · (1 − jitter + 2·jitter·r),  base = min(min·2ⁿ, max/(1+jitter))
//
// with r uniform in [0, 1). So the delays of many clients spread evenly over
// base·(1±jitter), none is longer than max, and they do not pile up there.
type backoff struct {
	min, max time.Duration
	jitter   float64
	rand     func() float64
	attempt  int
}

func newBackoff(o Options) backoff {
	return backoff{min: o.MinDelay, max: o.MaxDelay, jitter: o.Jitter, rand: o.Rand}
}

func (b *backoff) next() time.Duration {
	most := float64(b.max) / (1 + b.jitter)
	base := float64(b.min)
	for n := 0; n < b.attempt && base < most; n++ {
		base *= 2
	}
	b.attempt++
	return b.spread(min(base, most))
}

// longest counts an attempt too, but yields a delay around the longest.
func (b *backoff) longest() time.Duration {
	b.attempt++
	return b.spread(float64(b.max) / (1 + b.jitter))
}

func (b *backoff) spread(base float64) time.Duration {
	return time.Duration(base * (1 - b.jitter + 2*b.jitter*b.rand()))
}

// wait lets the back-off pass, unless Wake or the end of ctx cut it short.
// After an end that would only come again it is long at once.
func (m *Manager) wait(ctx context.Context, reason string) {
	m.mu.Lock()
	next := m.backoff.next
	if !engineio.ComeBack(reason) {
		next = m.backoff.longest
	}
	delay := next()
	m.setStatusLocked(Status{
		State: StateWaiting, RetryAt: time.Now().Add(delay), Attempt: m.backoff.attempt, Reason: reason,
	})
	m.mu.Unlock()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-m.wake:
	case <-ctx.Done():
	}
}

// Wake means "connect now": the network is back, the tab became visible, or the
// person asked. It ends a back-off at once. On an open connection it looks
// whether the server has gone silent during a sleep, asks it for a sign of
// life, asks again for namespaces that were refused, and tries to leave
// polling for WebSocket.
func (m *Manager) Wake() {
	m.mu.Lock()
	session, dialing := m.session, m.cancelDial != nil
	m.mu.Unlock()
	if dialing {
		return
	}
	if session != nil && session.Check() {
		m.retryNow(session)
		m.verify(session)
		session.Upgrade()
		return
	}
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// NetworkChanged means that the device is on another network: what is known
// about the old one is forgotten. Then it does as Wake.
func (m *Manager) NetworkChanged() {
	if memory := m.options.Engine.Memory; memory != nil {
		memory.Set("")
	}
	m.Wake()
}

func (m *Manager) retryNow(session *engineio.Session) {
	m.mu.Lock()
	sockets := make([]*Socket, 0, len(m.sockets))
	for _, s := range m.sockets {
		sockets = append(sockets, s)
	}
	m.mu.Unlock()
	for _, s := range sockets {
		s.retry(session)
	}
}

// Offline means that the network is known to be gone. A browser lets an open
// socket just stall then, so the connection is given up at once, and with it
// an attempt that is under way. The back-off goes on, because the news may be
// wrong; Wake ends it.
func (m *Manager) Offline() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cancelDial != nil {
		m.cancelDial()
	}
	if m.session != nil {
		m.session.Close(ReasonOffline)
	}
}

// reasonOf puts why a connection ended, or did not begin, into one word or two.
func reasonOf(err error) string {
	var closed *engineio.CloseError
	switch {
	case errors.As(err, &closed):
		return closed.Reason
	case errors.Is(err, context.DeadlineExceeded):
		return engineio.ReasonTimeout
	case errors.Is(err, context.Canceled):
		return ReasonStopped
	}
	return ReasonUnreachable
}
