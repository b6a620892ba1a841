package engineio

import (
	"log/slog"
	"net/http"
	"slices"
	"time"

	"maru/app/wire/eio"
)

// Defaults of Config.
const (
	DefaultPingInterval = 25 * time.Second
	DefaultPingTimeout  = 20 * time.Second
	DefaultMaxPayload   = 64 << 10
	DefaultMaxQueue     = 1 << 20
	DefaultWriteTimeout = 10 * time.Second

	DefaultBodyTimeout    = 30 * time.Second
	DefaultUpgradeTimeout = 10 * time.Second
	DefaultMaxSessions    = 20_000
	DefaultAcceptRate     = 500
	DefaultAcceptBurst    = 1000
)

// Config sets the limits of a Server. A zero field means its default.
type Config struct {
	// PingInterval is the time from the opening, or from one ping, to the
	// next; PingTimeout is how long the pong may take. A pong that takes
	// longer than half of PingInterval puts off the next ping.
	PingInterval time.Duration
	PingTimeout  time.Duration
	// Transports are those that are served, by the names of package eio. If
	// empty, both are.
	Transports []string
	// MaxPayload is the longest message that a peer may send, and on
	// long-polling the longest payload of many, in bytes. What is sent to it
	// by long-polling is cut into such payloads between messages.
	MaxPayload int64
	// MaxSessions is how many sessions may be open; a further one is
	// answered with 503.
	MaxSessions int
	// AcceptRate is how many sessions may be opened in a second, and
	// AcceptBurst how many at once after a quiet time. A further one is
	// answered with 503, and its client waits longer: so all those that lost a
	// server come back at a pace that this one can take.
	AcceptRate, AcceptBurst int
	// MaxQueue is how many bytes may wait for a slow peer. A session that
	// needs more is closed with SlowConsumer.
	MaxQueue int
	// WriteTimeout is how long one write to the network may take.
	WriteTimeout time.Duration
	// BodyTimeout is how long the body of one POST may take to come.
	BodyTimeout time.Duration
	// UpgradeTimeout is how long the way from long-polling to WebSocket may
	// take, after which the session stays on long-polling.
	UpgradeTimeout time.Duration
	// Origins are those whose pages may use the server beside its own, such
	// as "https://chat.example", and read its answers (CORS). "*" stands for
	// all. One that is no origin matches none.
	Origins []string
	// Credentials lets the pages of Origins send cookies, but for "*".
	Credentials bool
	// CheckOrigin decides on a request before anything else is done with
	// it; false is answered with 403. If nil, the Origin must be absent, as
	// it is outside of browsers, or exactly the one that the request was
	// made to (scheme, host and port) or one of Origins. Behind a proxy that
	// ends TLS its own can't be known, so that CheckOrigin must be set there.
	CheckOrigin func(*http.Request) bool
	// Keeper lets other instances serve requests of the sessions on
	// long-polling that were opened here, and this one those of others. If
	// nil, a session stays here.
	Keeper Keeper
	// Admit decides on each new session, after CheckOrigin: it gives its Pass,
	// or nil and how long to wait before trying again. Readmit gives one to a
	// session that was opened elsewhere and goes on here. If Admit is nil, all
	// are let in; if either is, the packets of such sessions are not counted.
	Admit   func(*http.Request) (Pass, time.Duration)
	Readmit func(r *http.Request, sid string) Pass
	// Logger gets the faults of this side; never an id or a text. If nil,
	// it is slog.Default().
	Logger *slog.Logger

	origins origins
}

func (c Config) withDefaults() Config {
	setDefault(&c.PingInterval, DefaultPingInterval)
	setDefault(&c.PingTimeout, DefaultPingTimeout)
	setDefault(&c.MaxPayload, DefaultMaxPayload)
	setDefault(&c.MaxQueue, DefaultMaxQueue)
	setDefault(&c.WriteTimeout, DefaultWriteTimeout)
	setDefault(&c.BodyTimeout, DefaultBodyTimeout)
	setDefault(&c.UpgradeTimeout, DefaultUpgradeTimeout)
	setDefault(&c.MaxSessions, DefaultMaxSessions)
	setDefault(&c.AcceptRate, DefaultAcceptRate)
	setDefault(&c.AcceptBurst, DefaultAcceptBurst)
	if len(c.Transports) == 0 {
		c.Transports = []string{eio.Polling, eio.WebSocket}
	}
	c.origins = newOrigins(c.Origins)
	if c.CheckOrigin == nil {
		own := c.origins
		c.CheckOrigin = func(r *http.Request) bool { return sameOrigin(r) || own.has(r) }
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func (c *Config) serves(transport string) bool { return slices.Contains(c.Transports, transport) }

func setDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}
