package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/socketio"
)

type answer struct {
	args []json.RawMessage
	err  error
}

// call starts a Call that gives up after a minute.
func call(t *testing.T, c client, name string, args ...[]byte) <-chan answer {
	t.Helper()
	got := make(chan answer, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		args, err := c.main.Call(ctx, name, args...)
		got <- answer{args, err}
	}()
	return got
}

func TestCall(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		first := call(t, c, "join", []byte(`{"room":"a"}`))
		wantFrames(t, peer, `420["join",{"room":"a"}]`)
		second := call(t, c, "message", []byte(`"hi"`))
		wantFrames(t, peer, `421["message","hi"]`)
		pass(80 * time.Millisecond)
		peer.Send(`431[null,{"seq":7}]`)
		if a := <-second; a.err != nil || join(a.args) != `null|{"seq":7}` {
			t.Errorf("second = %s, %v", join(a.args), a.err)
		}
		if d := c.RTT(); d != 80*time.Millisecond {
			t.Errorf("RTT = %v", d)
		}
		peer.Send(`430[]`)
		peer.Send(`430["twice"]`)
		if a := <-first; a.err != nil || len(a.args) != 0 {
			t.Errorf("first = %s, %v", join(a.args), a.err)
		}
	})
}

func TestCallGivesUp(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		begin := time.Now()
		a := <-call(t, c, "slow")
		if !errors.Is(a.err, context.DeadlineExceeded) || time.Since(begin) != 30*time.Second {
			t.Errorf("after %v: %v", time.Since(begin), a.err)
		}
		peer.Send(`430["late"]`)
		got := call(t, c, "next")
		wantFrames(t, peer, `420["slow"]`, `421["next"]`)
		peer.Send(`431[1]`)
		if a := <-got; join(a.args) != "1" {
			t.Errorf("next = %s, %v", join(a.args), a.err)
		}
	})
}

// The outcome of a call is unknown when the connection goes; an answer that
// the next connection brings is not taken for it.
func TestCallLosesTheConnection(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		got := call(t, c, "message")
		wantFrames(t, peer, `420["message"]`)
		peer.Drop()
		if a := <-got; a.err != socketio.ErrDisconnected {
			t.Errorf("err = %v", a.err)
		}
		wantDisconnected(t, c.main, engineio.ReasonTransport)
		if a := <-call(t, c, "message"); a.err != socketio.ErrNotConnected {
			t.Errorf("without a connection: %v", a.err)
		}
		peer = c.accept(t)
		got = call(t, c, "message")
		wantFrames(t, peer, `421["message"]`)
		peer.Send(`430["of the old one"]`)
		peer.Send(`41`)
		if a := <-got; a.err != socketio.ErrDisconnected {
			t.Errorf("after a DISCONNECT: %v", a.err)
		}
	})
}

func TestCallsAreBounded(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		for range 1024 {
			call(t, c, "a")
		}
		synctest.Wait()
		if a := <-call(t, c, "one more"); a.err != socketio.ErrBusy {
			t.Errorf("err = %v", a.err)
		}
		peer.Drop()
		synctest.Wait()
	})
}

func TestReservedNames(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		c.accept(t)
		if err := c.main.Emit("disconnect"); err != socketio.ErrName {
			t.Errorf("Emit: %v", err)
		}
		if a := <-call(t, c, "connect"); a.err != socketio.ErrName {
			t.Errorf("Call: %v", a.err)
		}
	})
}

func TestAck(t *testing.T) {
	bubble(t, socketio.Options{}, func(t *testing.T, c client) {
		peer := c.accept(t)
		peer.Send(`4212["question",1]`)
		peer.Send(`4213["another"]`)
		peer.Send(`42["statement"]`)
		e, late, none := next(t, c.main), next(t, c.main), next(t, c.main)
		if !e.WantsAck() || none.WantsAck() {
			t.Errorf("WantsAck = %t, %t", e.WantsAck(), none.WantsAck())
		}
		if err := c.main.Ack(e, []byte(`null`), []byte(`"yes"`)); err != nil {
			t.Error(err)
		}
		wantFrames(t, peer, `4312[null,"yes"]`)
		if err := c.main.Ack(e); err != socketio.ErrNoAck {
			t.Errorf("twice: %v", err)
		}
		if err := c.main.Ack(none); err != socketio.ErrNoAck {
			t.Errorf("not wanted: %v", err)
		}
		peer.Drop()
		wantDisconnected(t, c.main, engineio.ReasonTransport)
		peer = c.accept(t)
		if err := c.main.Ack(late); err != socketio.ErrDisconnected {
			t.Errorf("on another connection: %v", err)
		}
		peer.Send("2")
		wantFrames(t, peer, "3")
	})
}

func TestEmitIsBounded(t *testing.T) {
	bubble(t, socketio.Options{Engine: engineio.Options{SendLimit: 100}}, func(t *testing.T, c client) {
		peer := c.accept(t)
		peer.Fill()
		var err error
		for i := 0; err == nil && i < 10; i++ {
			err = c.main.Emit("message", []byte(strconv.Quote(string(make([]byte, 10)))))
			synctest.Wait()
		}
		if err != engineio.ErrFull {
			t.Errorf("err = %v", err)
		}
		peer.Drop()
		synctest.Wait()
	})
}
