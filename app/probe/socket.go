package probe

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"maru/app/engineio"
	"maru/app/socketio"
	"maru/app/wire/eio"
	"maru/app/wire/event"
	"maru/app/wire/sio"
)

// mirror is a connection of its own to the server's mirror, over one transport.
type mirror struct {
	manager *socketio.Manager
	socket  *socketio.Socket
	ready   chan struct{} // closed when the mirror has let us in
	heard   chan string   // what it said, if anybody waits
	lost    chan string   // why it is gone again
}

// trySocket opens a session over the way's transport alone and talks with the
// server's mirror.
func (p *Probe) trySocket(ctx context.Context, t *Trial) {
	ctx, cancel := context.WithCancel(ctx)
	m := p.newMirror(transportOf(t.Way))
	stopped := make(chan struct{})
	defer func() {
		cancel()
		<-stopped
	}()
	go func() {
		defer close(stopped)
		listening := make(chan struct{})
		go func() {
			defer close(listening)
			m.listen(ctx)
		}()
		_ = m.manager.Run(ctx) // ends with ctx
		<-listening
	}()
	if reason := m.wait(ctx); reason != "" {
		t.fail(reason)
		return
	}
	if t.Way == LongPolling {
		// Each ping ends a held GET, and is answered by a POST.
		t.PerMinute = 2 * perMinute(m.manager.Status().PingInterval)
	}
	m.measure(ctx, t)
}

func transportOf(way Way) string {
	if way == LongPolling {
		return eio.Polling
	}
	return eio.WebSocket
}

func (p *Probe) newMirror(transport string) *mirror {
	o := p.options
	o.Observer = nil
	o.Engine.Only, o.Engine.Memory, o.Engine.Upgraded = transport, nil, nil
	o.Engine.DialTimeout, o.ConnectTimeout = openLimit, openLimit
	m := &mirror{manager: socketio.New(o), ready: make(chan struct{}), heard: make(chan string), lost: make(chan string, 1)}
	m.socket = m.manager.Socket(event.Echo, nil)
	return m
}

// listen takes what the mirror says, until ctx ends or it is gone.
func (m *mirror) listen(ctx context.Context) {
	for {
		e, err := m.socket.Next(ctx)
		if err != nil {
			return
		}
		switch e.Kind {
		case socketio.Connected:
			close(m.ready)
		case socketio.Refused:
			m.lost <- engineio.ReasonForbidden
			return
		case socketio.Disconnected:
			m.lost <- e.Reason
			return
		case socketio.Message:
			if len(e.Args) == 0 {
				continue
			}
			select {
			case m.heard <- string(e.Args[0]):
			case <-ctx.Done():
				return
			}
		}
	}
}

// wait returns when the mirror has let us in, or why it does not.
func (m *mirror) wait(ctx context.Context) (reason string) {
	for {
		select {
		case <-m.ready:
			return ""
		case reason := <-m.lost:
			return reason
		case <-m.manager.Changed():
			if s := m.manager.Status(); s.State == socketio.StateWaiting {
				return s.Reason
			}
		case <-ctx.Done():
			return engineio.ReasonTimeout
		}
	}
}

// measure says something to the mirror a few times, and notes when it was
// answered and when it was heard.
func (m *mirror) measure(ctx context.Context, t *Trial) {
	var answered, heard []time.Duration
	for i := range repeats {
		if !m.quiet(ctx, pause) {
			t.fail(engineio.ReasonTimeout)
			return
		}
		rtt, delay, reason := m.say(ctx, "#"+strconv.Itoa(i)+"#")
		if reason != "" {
			t.fail(reason)
			return
		}
		answered, heard = append(answered, rtt), append(heard, delay)
	}
	slices.Sort(answered)
	slices.Sort(heard)
	t.RTT, t.Delay = median(answered), median(heard)
}

// quiet lets d pass, not minding what the mirror says; false if ctx ended.
func (m *mirror) quiet(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-m.heard:
		case <-timer.C:
			return true
		case <-ctx.Done():
			return false
		}
	}
}

// answer is how a call ended, and when.
type answer struct {
	at  time.Time
	err error
}

// say says words and returns how long the answer took, and how long it was
// until they were heard.
func (m *mirror) say(ctx context.Context, words string) (rtt, delay time.Duration, reason string) {
	begin := time.Now()
	answers := make(chan answer, 1)
	go func() {
		_, err := m.socket.Call(ctx, event.Send, sio.AppendString(nil, words))
		answers <- answer{time.Now(), err}
	}()
	for answered, heard := false, false; !answered || !heard; {
		select {
		case a := <-answers:
			if a.err != nil {
				return 0, 0, m.reasonOf(ctx, a.err)
			}
			answered, rtt = true, a.at.Sub(begin)
		case said := <-m.heard:
			if strings.Contains(said, words) {
				heard, delay = true, time.Since(begin)
			}
		case reason := <-m.lost:
			return 0, 0, reason
		case <-ctx.Done():
			return 0, 0, engineio.ReasonTimeout
		}
	}
	return rtt, delay, ""
}

// reasonOf tells why a call failed: if the connection has gone, what became of
// it says more than the call.
func (m *mirror) reasonOf(ctx context.Context, err error) string {
	if !errors.Is(err, socketio.ErrDisconnected) && !errors.Is(err, socketio.ErrNotConnected) {
		return reasonOf(ctx, err)
	}
	for {
		select {
		case reason := <-m.lost:
			return reason
		case <-m.heard: // what was on its way still
		case <-ctx.Done():
			return engineio.ReasonTimeout
		}
	}
}

// reasonOf puts an error of a request into one of the reasons.
func reasonOf(ctx context.Context, err error) string {
	var closed *engineio.CloseError
	switch {
	case errors.As(err, &closed):
		return closed.Reason
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		return engineio.ReasonTimeout
	}
	return socketio.ReasonUnreachable
}
