package keep

import (
	"context"
	"syscall/js"
)

// Locks is a chat.Lock of the browser's tabs (Web Locks). Where the page is not
// served safely there are none, and everybody has the right: the messages then
// go out twice, in the same order and with the same ids, of which the server
// keeps one each.
type Locks struct{}

// Acquire is that of chat.Lock.
func (Locks) Acquire(ctx context.Context, name string) (release func(), err error) {
	locks := js.Global().Get("navigator").Get("locks")
	if !locks.Truthy() {
		return func() {}, nil
	}
	abort := js.Global().Get("AbortController").New()
	var let js.Value // lets the lock go
	late := false    // nobody waits for it any more
	got := make(chan struct{}, 1)
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		let = args[0]
		return nil
	})
	granted := js.FuncOf(func(js.Value, []js.Value) any {
		if late {
			return nil
		}
		held := js.Global().Get("Promise").New(executor)
		got <- struct{}{}
		return held
	})
	request := locks.Call("request", name, map[string]any{"signal": abort.Get("signal")}, granted)
	ended := make(chan struct{})
	var done js.Func
	done = js.FuncOf(func(js.Value, []js.Value) any {
		for _, f := range []js.Func{executor, granted, done} {
			f.Release()
		}
		close(ended)
		return nil
	})
	request.Call("then", done, done) // the lock was let go, or never got
	select {
	case <-got:
		return func() { let.Invoke() }, nil
	case <-ended:
		return nil, ErrUnavailable
	case <-ctx.Done():
		late = true
		abort.Call("abort")
		select {
		case <-got: // it came at the same moment
			let.Invoke()
		default:
		}
		return nil, ctx.Err()
	}
}
