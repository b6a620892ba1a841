package engineio

import (
	"context"
	"errors"
	"syscall/js"
)

// newHTTP returns the HTTP of this platform, whose answers have at most limit
// bytes: the browser's fetch. net/http would make the program half as large
// again. The browser sends its own headers.
func newHTTP(limit int64, _ map[string][]string) HTTP {
	return func(ctx context.Context, method, url string, body []byte) (int, []byte, error) {
		controller := js.Global().Get("AbortController").New()
		abort := func() { controller.Call("abort") }
		defer context.AfterFunc(ctx, abort)()
		options := map[string]any{
			"method": method, "cache": "no-store", "redirect": "error", "signal": controller.Get("signal"),
		}
		if body != nil {
			options["body"] = string(body)
		}
		response, err := await(js.Global().Call("fetch", url, options))
		if err != nil {
			return 0, nil, err
		}
		answer, err := readBody(response, limit)
		if err != nil {
			abort()
		}
		return response.Get("status").Int(), answer, err
	}
}

// readBody reads a Response piece by piece, so that one without end is noticed.
func readBody(response js.Value, limit int64) (answer []byte, err error) {
	body := response.Get("body")
	if body.IsNull() {
		return nil, nil
	}
	reader := body.Call("getReader")
	for {
		piece, err := await(reader.Call("read"))
		if err != nil || piece.Get("done").Bool() {
			return answer, err
		}
		bytes := piece.Get("value")
		have, more := len(answer), bytes.Length()
		if int64(have)+int64(more) > limit {
			return nil, ErrBroken
		}
		answer = append(answer, make([]byte, more)...)
		js.CopyBytesToGo(answer[have:], bytes)
	}
}

// await waits for a promise of a request that can be aborted, so it ends.
func await(promise js.Value) (value js.Value, err error) {
	settled := make(chan struct{})
	resolve := js.FuncOf(func(_ js.Value, args []js.Value) any {
		value = args[0]
		close(settled)
		return nil
	})
	defer resolve.Release()
	reject := js.FuncOf(func(_ js.Value, args []js.Value) any {
		err = errors.New(args[0].Call("toString").String())
		close(settled)
		return nil
	})
	defer reject.Release()
	promise.Call("then", resolve, reject)
	<-settled
	return value, err
}
