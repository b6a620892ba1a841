package engineio_test

import (
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
)

func text(s string) engineio.Message { return engineio.Message{Data: []byte(s)} }

func TestSendKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{})
		for i := range 100 {
			binary := engineio.Message{Binary: true, Data: []byte("b" + strconv.Itoa(i))}
			if err := s.Send(text("a"+strconv.Itoa(i)), binary); err != nil {
				t.Fatal(err)
			}
		}
		s.Close("done") // what was sent before still leaves
		for i := range 100 {
			wantFrames(t, peer, "4a"+strconv.Itoa(i), "binary:b"+strconv.Itoa(i))
		}
		wantFrames(t, peer, "1", "closed")
	})
}

// Frames of one Send stay together, whoever else sends.
func TestSendFromManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, peer := dial(t, engineio.Options{})
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				if err := s.Send(text(strconv.Itoa(i)), text(strconv.Itoa(i))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for range 50 {
			wantFrames(t, peer, peer.Receive())
		}
		s.Close("done")
	})
}

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
