//go:build !js

package engineio_test

import (
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
)

// These are about a peer that reads nothing. The socket of a browser takes
// every write, so they are native.

func TestSendIsBoundedAndNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{SendLimit: 100})
		peer.Fill()
		start := time.Now()
		if err := s.Send(text("the writer takes this")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		hundred := engineio.Message{Data: make([]byte, 100)}
		if err := s.Send(hundred, text("x")); err != engineio.ErrFull {
			t.Errorf("101 bytes of 100: %v", err)
		}
		if err := s.Send(hundred); err != nil {
			t.Errorf("100 bytes of 100: %v", err)
		}
		if err := s.Send(text("x")); err != engineio.ErrFull {
			t.Errorf("one more: %v", err)
		}
		if err := s.Send(engineio.Message{Data: make([]byte, 1_000_000)}); err != engineio.ErrTooBig {
			t.Errorf("over maxPayload: %v", err)
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("Send took %v", d)
		}
		_, err := s.Receive(t.Context()) // the write gives up
		wantReason(t, err, engineio.ReasonTransport)
		if d := time.Since(start); d != 10*time.Second {
			t.Errorf("gave up after %v", d)
		}
	})
}

func TestCloseNeverBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{})
		peer.Fill()
		start := time.Now()
		if err := s.Send(text("stuck")); err != nil {
			t.Fatal(err)
		}
		s.Close("gone")
		_, err := s.Receive(t.Context())
		wantReason(t, err, "gone")
		if d := time.Since(start); d != 0 {
			t.Errorf("took %v", d)
		}
		<-time.After(10 * time.Second) // of virtual time, until the writer gives up
		wantClosed(t, peer)
	})
}

// wantClosed reads what Fill has left behind until the connection's end.
func wantClosed(t *testing.T, peer *enginetest.Peer) {
	t.Helper()
	synctest.Wait()
	for range 1 << 13 {
		if peer.Receive() == "closed" {
			return
		}
	}
	t.Error("the connection is still open")
}

// What is sent while the upgrade itself is being written waits for it.
func TestSendDuringTheUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := enginetest.New()
		s, peer := dialPollingWith(t, server, engineio.Options{}, upgradable)
		ws := server.Next()
		wantFrames(t, ws, "2probe")
		synctest.Wait()
		ws.Send("3probe")
		synctest.Wait()
		ws.Fill()
		peer.Send("6")
		synctest.Wait()
		send(t, s, "a")
		synctest.Wait()
		send(t, s, "b")
		f := ws.Receive()
		for ; f == ""; f = ws.Receive() {
			synctest.Wait()
		}
		if f != "5" {
			t.Errorf("first %q", f)
		}
		wantFrames(t, ws, "4a", "4b")
		s.Close("done")
		wantFrames(t, ws, "1", "closed")
	})
}
