package engineio_test

import (
	"context"
	"strings"
	"syscall/js"
	"testing"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
)

// fakeBrowser has a network that refuses WebSocket, and a fetch that calls
// answer(method, url, body), which gives a Response or a promise of one.
const fakeBrowser = `(answer) => {
	globalThis.WebSocket = class extends EventTarget {
		constructor() {
			super();
			setTimeout(() => {
				this.dispatchEvent(Object.assign(new Event("error"), {message: "refused"}));
				this.dispatchEvent(Object.assign(new Event("close"), {code: 1006, reason: "", wasClean: false}));
			}, 1);
		}
		close() { throw new DOMException("close code", "InvalidAccessError"); }
	};
	globalThis.aborted = 0;
	globalThis.fetch = (url, o) => new Promise((resolve, reject) => {
		if (o.cache !== "no-store") reject(new Error("may come from a cache"));
		o.signal.addEventListener("abort", () => { aborted++; reject(new DOMException("gone", "AbortError")); });
		Promise.resolve(answer(o.method, url, o.body)).then(resolve, reject);
	});
}`

// browse lets the fake browser answer by script, the body of a JavaScript
// function of (method, url, body) which may use open.
func browse(t *testing.T, script string) (*engineio.Session, error) {
	t.Helper()
	answer := js.Global().Call("eval", `(open) => {
		const said = new TextEncoder();
		let gets = 0;
		return (method, url, body) => {`+script+`};
	}`).Invoke(enginetest.Open)
	js.Global().Call("eval", fakeBrowser).Invoke(answer)
	return engineio.Dial(context.Background(), "ws://host/socket.io/", engineio.Options{ReadLimit: 1000})
}

func TestFetch(t *testing.T) {
	s, err := browse(t, `
		if (method === "POST") { globalThis.posted = (globalThis.posted || "") + body + "|"; return new Response("ok"); }
		gets++;
		if (!url.startsWith("http://host/socket.io/?EIO=4&transport=polling&t=")) return new Response(url, {status: 404});
		if (gets === 1) return new Response(open);
		if (!url.includes("&sid=lv_")) return new Response("no sid", {status: 400});
		if (gets === 2) return new Response(new ReadableStream({start(c) {
			c.enqueue(said.encode("4안")); c.enqueue(said.encode("녕\x1ebAP8=")); c.close();
		}}));
		return new Promise(() => {});`)
	if err != nil {
		t.Fatal(err)
	}
	if s.Transport() != "polling" {
		t.Error(s.Transport())
	}
	wantMessages(t, s, "안녕", "binary:\x00\xff")
	send(t, s, "하이")
	s.Close("done")
	wait(t, func() bool { return js.Global().Get("aborted").Int() == 1 }) // the held GET
	if posted := js.Global().Get("posted").String(); strings.ReplaceAll(posted, "\x1e", "|") != "4하이|1|" {
		t.Errorf("posted %q", posted)
	}
}

func TestFetchFails(t *testing.T) {
	for script, want := range map[string]string{
		`return Promise.reject(new TypeError("Failed to fetch"))`:                                     engineio.ReasonTransport,
		`return new Response("no", {status: 502})`:                                                    engineio.ReasonTransport,
		`return new Response(null, {status: 204})`:                                                    engineio.ReasonTransport,
		`return new Response('{"code":4,"message":"Forbidden"}', {status: 403})`:                      engineio.ReasonForbidden,
		`return new Response(new ReadableStream({pull(c) { c.enqueue(said.encode("4aaaaaaaaa")) }}))`: engineio.ReasonBroken,
		`return new Response(new ReadableStream({pull(c) { c.error(new Error("cut")) }}))`:            engineio.ReasonTransport,
	} {
		_, err := browse(t, script)
		wantReason(t, err, want)
	}
}

// wait lets the browser's events pass until something is true.
func wait(t *testing.T, ok func() bool) {
	t.Helper()
	for range 100 {
		if ok() {
			return
		}
		passed := make(chan struct{})
		f := js.FuncOf(func(js.Value, []js.Value) any { close(passed); return nil })
		js.Global().Call("setTimeout", f, 10)
		<-passed
		f.Release()
	}
	t.Error("never")
}
