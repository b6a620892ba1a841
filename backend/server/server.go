package server

import (
	"context"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"maru/app/wire/event"
	"maru/backend/chat"
	"maru/backend/engineio"
	"maru/backend/socketio"
	"maru/backend/store"
	"maru/backend/web"
)

// Server is the whole backend as an http.Handler.
type Server struct {
	http.Handler
	io      *socketio.Server
	hub     *hub
	leaving atomic.Bool
}

// New puts a server together. Close must be called when it is no longer
// needed; the store stays open, for whoever opened it.
func New(c Config) (*Server, error) {
	c = c.withDefaults()
	mux := http.NewServeMux()
	version := ""
	if c.Public != nil {
		pages, err := web.New(c.Public)
		if err != nil {
			return nil, err
		}
		version = pages.Version()
		mux.Handle("/", pages)
	}
	allowed := checkOrigin(c.URL, c.Origins)
	rooms := chat.New(c.Store, c.Lease)
	s := &Server{hub: newHub(rooms, c.Lang, c.Logger, c.Lease)}
	s.hub.keepOnly(c.Keep)
	l := newLimits(*c.Limits, &addresses{proxies: c.Proxies, log: c.Logger})
	s.io = socketio.New(engineio.Config{
		CheckOrigin: allowed,
		Admit:       l.engine,
		Readmit:     l.readmit,
		Origins:     c.Origins,
		Keeper:      keeper{c.Store},
		Logger:      c.Logger,
	}, socketio.Options{Logger: c.Logger})
	b := &binding{hub: s.hub, rooms: rooms, glances: &glances{look: rooms.Peek, seen: map[string]*glance{}}, signer: chat.NewSigner(c.Secrets...), limits: l, lang: c.Lang, version: version, keeper: c.Keeper, log: c.Logger}
	b.bind(s.io.Of(event.Chat))
	bindEcho(s.io.Of(event.Echo), c.Lang, l)

	mux.Handle(event.Path, s.io)
	mux.HandleFunc("GET "+healthPath, s.health(c.Store))
	mux.HandleFunc(mirrorPath, mirror(s.hub.ctx, c.Lang, allowed, l))
	a := &api{rooms: rooms, signer: b.signer, lang: c.Lang, binding: b, hub: s.hub, allowed: allowed, share: newSharing(c.Origins)}
	a.register(mux)
	s.Handler = surviving(c.Logger, mux)
	return s, nil
}

// healthPath tells whoever spreads requests over instances whether this one
// can take some.
const healthPath = "/healthz"

// health answers 200 while the store can be written and the server isn't going
// away, and 503 otherwise.
func (s *Server) health(st store.Store) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
		defer cancel()
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if s.leaving.Load() || st.Ping(ctx) != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "unavailable\n") // who asked may be gone
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	}
}

// Close closes all connections, each with a reason that says to come back,
// lets everybody's leaving be stored, and waits for it until ctx ends.
func (s *Server) Close(ctx context.Context) error {
	s.leaving.Store(true)
	err := s.io.Shutdown(ctx)
	s.hub.close()
	return err
}

// Timeouts of the HTTP server. There is none for a whole request, since a
// connection that talks lives long.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 60 * time.Second
	maxHeader     = 16 << 10
)

// HTTP makes an http.Server around h with limits for hostile peers.
func HTTP(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader}
}
