package socketio_test

import (
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
	"maru/app/socketio"
)

// A connection that has died in a short sleep is noticed soon after Wake, not
// when the next ping is overdue.
func TestWakeNoticesADeadConnection(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		pass(10 * time.Second)
		begin := time.Now()
		c.Wake()
		c.Wake() // asks once
		wantDisconnected(t, c.main, engineio.ReasonPingTimeout)
		if d := time.Since(begin); d != 5*time.Second {
			t.Errorf("noticed after %v", d)
		}
		wantFrames(t, peer, "40/.alive,", "1", "closed")
		c.accept(t)
	})
}

func TestWakeOnASoundConnection(t *testing.T) {
	for name, answer := range map[string]func(*enginetest.Peer){
		"refused":     func(p *enginetest.Peer) { p.Send(`44/.alive,{"message":"Invalid namespace"}`) },
		"other event": func(p *enginetest.Peer) { p.Send(`42/unknown,["a"]`) },
		"ping":        func(p *enginetest.Peer) { p.Send("2"); p.Receive() },
		"in time":     func(p *enginetest.Peer) { pass(5*time.Second - 1); p.Send("6") },
	} {
		bubble(t, socketio.Options{}, func(t *testing.T, c client) {
			peer := c.accept(t)
			for range 2 {
				pass(10 * time.Second)
				c.Wake()
				wantFrames(t, peer, "40/.alive,")
				answer(peer)
				synctest.Wait()
				c.Wake() // what has just been heard is sign enough
			}
			pass(10 * time.Second)
			peer.Send("2")
			wantFrames(t, peer, "3")
			if s := wantState(t, c, socketio.StateConnected); s.Reconnects != 0 {
				t.Errorf("%s: %+v", name, s)
			}
		})
	}
}

// A server that takes any namespace is rid of this one at once.
func TestWakeLeavesTheNamespace(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		pass(10 * time.Second)
		c.Wake()
		wantFrames(t, peer, "40/.alive,")
		peer.Send(`40/.alive,{"sid":"x"}`)
		wantFrames(t, peer, "41/.alive,")
	})
}

// Who takes no events is slow; the connection is not to blame.
func TestWakeWhileTheQueueIsFull(t *testing.T) {
	bubble(t, socketio.Options{Queue: 1}, func(t *testing.T, c client) {
		peer := c.accept(t)
		for range 5 {
			peer.Send(`42["e"]`)
		}
		pass(10 * time.Second)
		c.Wake()
		pass(10 * time.Second)
		wantState(t, c, socketio.StateConnected)
	})
}
