package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"maru/backend/store"
)

var signalTests = map[string]func(*testing.T, *env){
	"Heard":   testSignalHeard,
	"Ends":    testSignalEnds,
	"Slow":    testSignalSlow,
	"Bounds":  testSignalBounds,
	"NoTrace": testSignalNoTrace,
}

// listener is a running Signals.
type listener struct {
	heard  chan string
	ended  chan error
	cancel context.CancelFunc
}

// listen starts a Signals and returns once it hears.
func (e *env) listen(t *testing.T) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	l := &listener{heard: make(chan string, 1000), ended: make(chan error, 1), cancel: cancel}
	go func() {
		for body, err := range e.Signals(ctx) {
			if err != nil {
				l.ended <- err
				return
			}
			l.heard <- string(body)
		}
	}()
	l.hears(t, "")
	return l
}

// hears waits for the next signal.
func (l *listener) hears(t *testing.T, want string) {
	t.Helper()
	if got := <-l.heard; got != want {
		t.Fatalf("heard %q, want %q", got, want)
	}
}

func (l *listener) end(t *testing.T) {
	t.Helper()
	l.cancel()
	if err := <-l.ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

func testSignalHeard(t *testing.T, e *env) {
	one, two := e.listen(t), e.listen(t)
	for i := range 20 {
		body := []byte(fmt.Sprint("signal\x00\xff", i))
		if err := e.Signal(t.Context(), body); err != nil {
			t.Fatal(err)
		}
		clear(body) // it was copied
	}
	for i := range 20 {
		one.hears(t, fmt.Sprint("signal\x00\xff", i))
		two.hears(t, fmt.Sprint("signal\x00\xff", i))
	}
	one.end(t)
	if err := e.Signal(t.Context(), []byte("after one ended")); err != nil {
		t.Fatal(err)
	}
	two.hears(t, "after one ended")
	two.end(t)
}

func testSignalEnds(t *testing.T, e *env) {
	l := e.listen(t)
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	wantErr(t, "Signals of a closed store", <-l.ended, store.ErrUnavailable)
	wantErr(t, "Signal to a closed store", e.Signal(t.Context(), []byte("x")), store.ErrUnavailable)
	l.cancel()
}

// testSignalSlow checks that who does not listen holds up nobody.
func testSignalSlow(t *testing.T, e *env) {
	ctx, cancel := context.WithCancel(t.Context())
	stuck, free, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for body := range e.Signals(ctx) {
			if body == nil && ctx.Err() == nil {
				close(stuck)
				<-free
			}
		}
	}()
	<-stuck
	for range 3000 {
		if err := e.Signal(t.Context(), []byte("nobody listens")); err != nil {
			t.Fatal(err)
		}
	}
	l := e.listen(t)
	if err := e.Signal(t.Context(), []byte("last")); err != nil {
		t.Fatal(err)
	}
	l.hears(t, "last")
	cancel()
	close(free)
	<-done
	l.end(t)
}

func testSignalBounds(t *testing.T, e *env) {
	wantErr(t, "an empty signal", e.Signal(t.Context(), nil), store.ErrInvalid)
	wantErr(t, "a long signal", e.Signal(t.Context(), make([]byte, store.MaxSignal+1)), store.ErrInvalid)
	l := e.listen(t)
	longest := string(bytes.Repeat([]byte("x"), store.MaxSignal))
	if err := e.Signal(t.Context(), []byte(longest)); err != nil {
		t.Fatal(err)
	}
	l.hears(t, longest)
	l.end(t)
}

func testSignalNoTrace(t *testing.T, e *env) {
	e.say(t, room, "a", 1)
	before := e.head(t, room)
	if err := e.Signal(t.Context(), []byte("nobody listens")); err != nil {
		t.Fatal(err)
	}
	if after := e.head(t, room); after != before {
		t.Errorf("head %+v, was %+v", after, before)
	}
}
