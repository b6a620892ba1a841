package server

import (
	"log/slog"
	"net/http"
	"runtime/debug"
)

// survive is deferred: a panic ends what it happened in, is logged, and after
// that nothing is as if it had gone well. The process and everybody else go on.
func survive(log *slog.Logger, what string, after func()) {
	if v := recover(); v != nil {
		log.Error("panic", "in", what, "panic", v, "stack", string(debug.Stack()))
		after()
	}
}

// surviving keeps a panic within its request. The connection is cut, since
// nobody knows what has been answered. net/http would do as much, but it logs
// whose request it was.
func surviving(log *slog.Logger, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				if v != http.ErrAbortHandler {
					log.Error("panic", "in", "a request", "panic", v, "stack", string(debug.Stack()))
				}
				panic(http.ErrAbortHandler)
			}
		}()
		h.ServeHTTP(w, r)
	})
}
