package engineio

import (
	"log/slog"
	"net/http"
	"time"
)

// Defaults of Config.
const (
	DefaultPingInterval = 25 * time.Second
	DefaultPingTimeout  = 20 * time.Second
	DefaultMaxPayload   = 64 << 10
	DefaultMaxQueue     = 1 << 20
	DefaultWriteTimeout = 10 * time.Second
)

// Config sets the limits of a Server. A zero field means its default.
type Config struct {
	// PingInterval is the time from the opening, or from a pong, to the
	// next ping; PingTimeout is how long its pong may take.
	PingInterval time.Duration
	PingTimeout  time.Duration
	// MaxPayload is the longest message that a peer may send, in bytes.
	MaxPayload int64
	// MaxQueue is how many bytes may wait for a slow peer. A session that
	// needs more is closed with SlowConsumer.
	MaxQueue int
	// WriteTimeout is how long one write to the network may take.
	WriteTimeout time.Duration
	// CheckOrigin decides on a request before anything else is done with
	// it; false is answered with 403. If nil, the Origin must be absent, as
	// it is outside of browsers, or exactly the one that the request was
	// made to: scheme, host and port. Behind a proxy that ends TLS that
	// can't be known, so that CheckOrigin must be set there.
	CheckOrigin func(*http.Request) bool
	// Logger gets the faults of this side; never an id or a text. If nil,
	// it is slog.Default().
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	setDefault(&c.PingInterval, DefaultPingInterval)
	setDefault(&c.PingTimeout, DefaultPingTimeout)
	setDefault(&c.MaxPayload, DefaultMaxPayload)
	setDefault(&c.MaxQueue, DefaultMaxQueue)
	setDefault(&c.WriteTimeout, DefaultWriteTimeout)
	if c.CheckOrigin == nil {
		c.CheckOrigin = sameOrigin
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func setDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
