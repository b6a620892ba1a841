package socketio_test

import (
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/socketio"
)

func TestLeave(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		other := c.Socket("/other", nil)
		wantFrames(t, peer, "40/other,")
		peer.Send(`40/other,{"sid":"o"}`)
		next(t, other)
		got := make(chan error, 1)
		go func() {
			_, err := other.Call(t.Context(), "ask")
			got <- err
		}()
		wantFrames(t, peer, `42/other,0["ask"]`)
		other.Leave()
		other.Leave()
		wantFrames(t, peer, "41/other,")
		if err := <-got; err != socketio.ErrDisconnected {
			t.Errorf("call: %v", err)
		}
		peer.Send(`42/other,["late"]`)
		peer.Drop()
		wantDisconnected(t, c.main, engineio.ReasonTransport)
		peer = c.accept(t)
		again := c.Socket("/other", nil)
		if again == other {
			t.Error("the socket that was left has come back")
		}
		wantFrames(t, peer, "40/other,")
	})
}

// A namespace whose events nobody takes holds up the others until it is left.
func TestLeaveWhileTheQueueIsFull(t *testing.T) {
	bubble(t, socketio.Options{Queue: 1}, func(t *testing.T, c client) {
		peer := c.accept(t)
		other := c.Socket("/other", nil)
		wantFrames(t, peer, "40/other,")
		peer.Send(`40/other,{"sid":"o"}`)
		peer.Send(`42/other,["a"]`)
		peer.Send(`42/other,["b"]`)
		peer.Send(`42["c"]`)
		synctest.Wait()
		other.Leave()
		if e := next(t, c.main); e.Name != "c" {
			t.Errorf("event = %+v", e)
		}
	})
}

func TestLeaveBeforeTheReply(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		other := c.Socket("/other", nil)
		other.Leave() // before there is a connection
		peer := c.accept(t)
		other = c.Socket("/other", nil)
		wantFrames(t, peer, "40/other,")
		other.Leave()
		wantFrames(t, peer, "41/other,")
		peer.Send(`40/other,{"sid":"o"}`)
		pass(20 * time.Second)
		wantState(t, c, socketio.StateConnected)
	})
}

// notes keeps what an Observer is told.
type notes struct {
	took []time.Duration
	ups  []bool
}

func (n *notes) Answered(took time.Duration) { n.took = append(n.took, took) }
func (n *notes) Connected(up bool)           { n.ups = append(n.ups, up) }

func TestObserver(t *testing.T) {
	n := &notes{}
	bubble(t, socketio.Options{Observer: n}, func(t *testing.T, c client) {
		peer := c.accept(t)
		if s := wantState(t, c, socketio.StateConnected); s.PingInterval != 25*time.Second {
			t.Errorf("status = %+v", s)
		}
		got := call(t, c, "ask")
		wantFrames(t, peer, `420["ask"]`)
		pass(30 * time.Millisecond)
		peer.Send("430[]")
		<-got
		peer.Drop()
		wantDisconnected(t, c.main, engineio.ReasonTransport)
		c.accept(t)
		synctest.Wait()
		if len(n.took) != 1 || n.took[0] != 30*time.Millisecond {
			t.Errorf("answered %v", n.took)
		}
		if len(n.ups) != 3 || !n.ups[0] || n.ups[1] || !n.ups[2] {
			t.Errorf("connected %v", n.ups)
		}
	})
}
