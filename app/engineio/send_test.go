package engineio_test

import (
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

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
