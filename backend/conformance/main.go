// Command conformance serves what the protocols' official test suites expect
// of a server: bare Engine.IO at /engine.io/, Socket.IO at /socket.io/, and at
// /connections how many connections are open.
//
// PORT is the port, 3000 by default. PROFILE=client serves at /socket.io/ what
// the test suite of the official JavaScript client expects instead.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"maru/backend/engineio"
	"maru/backend/socketio"
)

// Timings of the suites of the protocols, which they know by heart.
const (
	pingInterval   = 300 * time.Millisecond
	pingTimeout    = 200 * time.Millisecond
	connectTimeout = time.Second
	maxPayload     = 1_000_000
)

const (
	shutdownTimeout = 5 * time.Second
	headerTimeout   = 10 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, cmp.Or(os.Getenv("PORT"), "3000"), os.Getenv("PROFILE")); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, port, profile string) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	s, err := newServers(profile, log)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", ":"+port)
	if err != nil {
		return err
	}
	counted := &countedListener{Listener: l}
	h := &http.Server{Handler: s.handler(counted), ReadHeaderTimeout: headerTimeout}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(counted) }()
	fmt.Println("conformance: listening on", l.Addr())
	select {
	case err = <-failed:
		return err
	case <-ctx.Done():
	}
	down, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	return errors.Join(s.engine.Shutdown(down), s.io.Shutdown(down), h.Shutdown(down))
}

// servers are those of one profile.
type servers struct {
	engine *engineio.Server
	io     *socketio.Server
	delay  time.Duration // of each handshake of io
}

func newServers(profile string, log *slog.Logger) (*servers, error) {
	cfg := engineio.Config{
		PingInterval: pingInterval,
		PingTimeout:  pingTimeout,
		MaxPayload:   maxPayload,
		MaxQueue:     8 * maxPayload,
		Origins:      []string{"*"}, // the suites also run in a browser
		Logger:       log,
	}
	s := &servers{engine: engineio.New(cfg, echo)}
	switch profile {
	case "":
		s.io = newProtocol(cfg)
	case "client":
		s.io = newClient(cfg)
		s.delay = handshakeDelay
	default:
		return nil, fmt.Errorf("PROFILE: %q is not \"client\"", profile)
	}
	return s, nil
}

func (s *servers) handler(connections *countedListener) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/engine.io/", s.engine)
	mux.Handle("/socket.io/", delayed(s.io, s.delay))
	mux.HandleFunc("GET /connections", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, connections.open.Load())
	})
	return mux
}

// delayed makes each handshake take d longer.
func delayed(h http.Handler, d time.Duration) http.Handler {
	if d == 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("sid") {
			select {
			case <-time.After(d):
			case <-r.Context().Done():
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}

// echo sends back every message.
func echo(ctx context.Context, s *engineio.Session) {
	for {
		m, err := s.Receive(ctx)
		if err != nil {
			return
		}
		f := engineio.Frame{Binary: m.Binary}
		if !m.Binary {
			f.Data = append(f.Data, '4')
		}
		f.Data = append(f.Data, m.Data...)
		if s.Send(f) != nil {
			return
		}
	}
}
