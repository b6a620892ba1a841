package socketio_test

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
	"maru/app/socketio"
)

func TestBackoffSchedule(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		rand float64
		want []time.Duration
	}{
		{0, []time.Duration{250 * ms, 500 * ms, 1000 * ms, 2000 * ms, 4000 * ms, 8000 * ms, 10000 * ms, 10000 * ms}},
		{0.5, []time.Duration{500 * ms, 1000 * ms, 2000 * ms, 4000 * ms, 8000 * ms, 16000 * ms, 20000 * ms, 20000 * ms}},
		{1, []time.Duration{750 * ms, 1500 * ms, 3000 * ms, 6000 * ms, 12000 * ms, 24000 * ms, 30000 * ms, 30000 * ms}},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := start(t, socketio.Options{Rand: func() float64 { return tt.rand }})
			defer c.stop()
			c.accept(t)
			c.server.SetDown(true)
			c.Offline()
			for i, want := range tt.want {
				s := wantState(t, c, socketio.StateWaiting)
				if d := time.Until(s.RetryAt); d != want || s.Attempt != i+1 {
					t.Errorf("r = %g, attempt %d: %v; want %v, attempt %d", tt.rand, s.Attempt, d, want, i+1)
				}
				if i > 0 && s.Reason != socketio.ReasonUnreachable {
					t.Errorf("reason = %q", s.Reason)
				}
				pass(want)
			}
		})
	}
}

// The back-off begins anew only after a connection that lasted.
func TestBackoffResets(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		for _, tt := range []struct {
			lasted, delay time.Duration
		}{
			{0, 500 * time.Millisecond},
			{4 * time.Second, time.Second},
			{0, 2 * time.Second},
			{5 * time.Second, 500 * time.Millisecond},
			{0, time.Second},
		} {
			peer := c.accept(t)
			pass(tt.lasted)
			peer.Drop()
			wantDisconnected(t, c.main, engineio.ReasonTransport)
			s := wantState(t, c, socketio.StateWaiting)
			if d := time.Until(s.RetryAt); d != tt.delay || s.Reason != engineio.ReasonTransport {
				t.Errorf("after %v: waits %v (%s); want %v", tt.lasted, d, s.Reason, tt.delay)
			}
		}
	})
}

func TestWakeEndsTheWait(t *testing.T) {
	bubble(t, socketio.Options{MinDelay: 20 * time.Second}, func(t *testing.T, c client) {
		c.accept(t).Drop()
		wantDisconnected(t, c.main, engineio.ReasonTransport)
		wantState(t, c, socketio.StateWaiting)
		begin := time.Now()
		c.Wake()
		c.Wake()
		peer := c.accept(t)
		if d := time.Since(begin); d != 0 {
			t.Errorf("connected after %v", d)
		}
		wantState(t, c, socketio.StateConnected)
		c.Wake() // on a sound connection it changes nothing, now or later
		peer.Send("2")
		wantFrames(t, peer, "3")
		peer.Drop()
		wantDisconnected(t, c.main, engineio.ReasonTransport)
		if s := wantState(t, c, socketio.StateWaiting); time.Until(s.RetryAt) != 20*time.Second {
			t.Errorf("status = %+v", s)
		}
	})
}

func TestOfflineDropsAtOnce(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		pass(10 * time.Second)
		begin := time.Now()
		got := call(t, c, "message")
		wantFrames(t, peer, `420["message"]`)
		c.Offline()
		if a := <-got; a.err != socketio.ErrDisconnected {
			t.Errorf("call: %v", a.err)
		}
		wantDisconnected(t, c.main, socketio.ReasonOffline)
		if d := time.Since(begin); d != 0 {
			t.Errorf("took %v", d)
		}
		wantState(t, c, socketio.StateWaiting)
		c.Wake()
		c.accept(t)
	})
}

func TestOfflineEndsTheDialling(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		silent := c.server.Next() // never says Open
		wantState(t, c, socketio.StateConnecting)
		c.Wake() // dialling already
		c.Offline()
		if s := wantState(t, c, socketio.StateWaiting); s.Reason != socketio.ReasonOffline || s.Attempt != 1 {
			t.Errorf("status = %+v", s)
		}
		wantFrames(t, silent, "1", "closed")
		c.accept(t)
	})
}

func TestSilentServer(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		c.accept(t)
		begin := time.Now()
		wantDisconnected(t, c.main, engineio.ReasonPingTimeout)
		if d := time.Since(begin); d != 45*time.Second {
			t.Errorf("noticed after %v", d)
		}
		c.accept(t)
	})
}

func TestStatusIsAnnounced(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		var states []socketio.State
		for range 4 {
			synctest.Wait()
			<-c.Changed()
			s := c.Status()
			states = append(states, s.State)
			if !s.Since.Equal(time.Now()) {
				t.Errorf("since %v; now %v", s.Since, time.Now())
			}
			switch len(states) {
			case 1:
				c.accept(t)
			case 2:
				c.server.SetDown(true)
				c.Offline()
			case 3:
				c.stop()
			}
		}
		want := [4]socketio.State{
			socketio.StateConnecting, socketio.StateConnected, socketio.StateWaiting, socketio.StateStopped,
		}
		if [4]socketio.State(states) != want {
			t.Errorf("states = %v; want %v", states, want)
		}
		select {
		case <-c.Changed():
			t.Error("announced without a change")
		default:
		}
	})
}

// A thousand clients that lose their server together come back evenly over the
// whole window, 250 to 750 ms: about 200 in each tenth of a second.
func TestReconnectStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const clients = 1000
		seeded := rand.New(rand.NewPCG(1, 2))
		all := make([]client, clients)
		peers := make([]*enginetest.Peer, clients)
		for i := range all {
			r := seeded.Float64()
			all[i] = start(t, socketio.Options{Rand: func() float64 { return r }})
			defer all[i].stop()
			peers[i] = all[i].accept(t)
		}
		pass(10 * time.Second)
		lost := time.Now()
		for i := range all {
			all[i].server.SetDown(true)
			peers[i].Drop()
		}
		synctest.Wait()
		buckets := map[int]int{}
		for i := range all {
			buckets[int(all[i].Status().RetryAt.Sub(lost)/(100*time.Millisecond))]++
		}
		most := 0
		for at, n := range buckets {
			most = max(most, n)
			if at < 2 || at > 7 {
				t.Errorf("%d attempts at %d00 ms", n, at)
			}
		}
		if most > 240 {
			t.Errorf("%d attempts in one tenth of a second", most)
		}
		t.Logf("attempts by tenth of a second: %v", buckets)
		dialled := 0
		pass(750 * time.Millisecond)
		synctest.Wait()
		for i := range all {
			dialled += all[i].server.Dials() - 1
		}
		if dialled < clients {
			t.Errorf("%d of %d tried", dialled, clients)
		}
	})
}
