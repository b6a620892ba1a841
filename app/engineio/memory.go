package engineio

import (
	"strconv"
	"strings"
	"time"

	"maru/app/wire/eio"
)

// Memory keeps one short text over sessions and restarts: which transport
// worked on this network. What the text says is the package's own matter; an
// empty one, or any other, means that nothing is known. A Memory that forgets
// is allowed. It may be called by several goroutines at once.
type Memory interface {
	Get() string
	Set(note string)
}

// trustPolling is for how long sessions begin with polling because it was what
// worked; then WebSocket gets the first try again.
const trustPolling = time.Hour

// remember notes the transport that works. Polling that is known to work keeps
// its time, so that the hour ends.
func (o *Options) remember(transport string) {
	if o.Memory != nil && o.recall() != transport {
		o.Memory.Set(transport + " " + strconv.FormatInt(time.Now().Unix(), 10))
	}
}

// recall returns the transport that worked, or nothing.
func (o *Options) recall() string {
	if o.Memory == nil {
		return ""
	}
	transport, at, _ := strings.Cut(o.Memory.Get(), " ")
	seconds, err := strconv.ParseInt(at, 10, 64)
	age := time.Since(time.Unix(seconds, 0))
	switch {
	case err != nil:
	case transport == eio.WebSocket, transport == eio.Polling && age >= 0 && age < trustPolling:
		return transport
	}
	return ""
}
