package engineio_test

import (
	"context"
	"errors"
	"syscall/js"
	"testing"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
)

// fakeWebSocket is a browser's socket that says Open, and that answers the
// Close packet as one does whose network has gone: an error event, then close.
const fakeWebSocket = `(open) => { globalThis.WebSocket = class extends EventTarget {
	constructor() {
		super();
		this.say("open", {}, 1);
		this.say("message", {data: open}, 2);
	}
	say(type, fields, ms) {
		setTimeout(() => this.dispatchEvent(Object.assign(new Event(type), fields)), ms);
	}
	fail() {
		this.say("error", {message: "network"}, 10);
		this.say("close", {code: 1006, reason: "", wasClean: false}, 11);
	}
	send(data) {
		globalThis.sent = (globalThis.sent || "") + data;
		if (data === "1") this.fail();
	}
	close(code) {
		if (code !== 1000 && !(code >= 3000 && code <= 4999)) throw new Error("close code " + code);
		this.fail();
	}
} }`

// An error event while the socket closes must not stop the program.
func TestCloseSurvivesAnErrorEvent(t *testing.T) {
	js.Global().Call("eval", fakeWebSocket).Invoke(enginetest.Open)
	s, err := engineio.Dial(context.Background(), "ws://host/socket.io/", engineio.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.Close("done")
	_, err = s.Receive(t.Context())
	wantReason(t, err, "done")
	gone := make(chan struct{})
	f := js.FuncOf(func(js.Value, []js.Value) any { close(gone); return nil })
	defer f.Release()
	js.Global().Call("setTimeout", f, 30)
	<-gone // the events above have been handled, and the program still runs
	if sent := js.Global().Get("sent").String(); sent != "1" {
		t.Errorf("sent %q; want the Close packet", sent)
	}
}

// lateWebSocket opens when it is told to, and is then closed by the server
// when that gets the Close packet.
const lateWebSocket = `() => { globalThis.WebSocket = class extends EventTarget {
	constructor() { super(); globalThis.late = this; globalThis.sent = ""; }
	open() { this.dispatchEvent(new Event("open")); }
	send(data) {
		globalThis.sent += data;
		if (data === "1") setTimeout(() => this.dispatchEvent(
			Object.assign(new Event("close"), {code: 1005, reason: "", wasClean: true})), 1);
	}
	close(code) { throw new DOMException("close code", "InvalidAccessError"); }
} }`

// A socket that connects when nobody waits for it any more is not left open.
func TestLateSocketIsLeft(t *testing.T) {
	js.Global().Call("eval", lateWebSocket).Invoke()
	noPolling := func(ctx context.Context, _, _ string, _ []byte) (int, []byte, error) {
		<-ctx.Done()
		return 0, nil, ctx.Err()
	}
	o := engineio.Options{HTTP: noPolling, DialTimeout: 20 * time.Millisecond}
	if _, err := engineio.Dial(t.Context(), "ws://host/socket.io/", o); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v", err)
	}
	js.Global().Get("late").Call("open")
	wait(t, func() bool { return js.Global().Get("sent").String() == "1" })
}
