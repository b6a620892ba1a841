package engineio_test

import (
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
	"maru/app/wire/eio"
)

// With Only no other transport is tried: neither when it fails, nor later.
func TestOnlyOneTransport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := enginetest.New()
		o := engineio.Options{Dial: server.Dial, HTTP: server.HTTP, Only: eio.Polling}
		go server.AcceptPoll("s1")
		s, err := engineio.Dial(t.Context(), "ws://host/socket.io/", o)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(40 * time.Second)
		s.Upgrade()
		time.Sleep(time.Second)
		if s.Transport() != eio.Polling || server.Dials() != 0 {
			t.Errorf("%s after %d WebSockets", s.Transport(), server.Dials())
		}
		s.Close("done")

		requests := server.Requests()
		server.SetDown(true)
		o.Only, o.Prefer = eio.WebSocket, engineio.PollingFirst
		if s, err := engineio.Dial(t.Context(), "ws://host/socket.io/", o); err == nil {
			s.Close("done")
			t.Error("opened over a WebSocket that is refused")
		}
		time.Sleep(time.Minute)
		if more := server.Requests() - requests; more > 1 { // the farewell
			t.Errorf("%d requests of polling", more)
		}
	})
}
