package rig

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Balancer is a reverse proxy that gives every single request to another
// instance, WebSockets included, whoever it comes from. What an instance does
// not take for certain goes to the next. It looks after the health of each; one
// that failed, or is not well, gets nothing until it is. That is what a plain
// proxy does without sticky sessions.
type Balancer struct {
	server  *http.Server
	addr    string
	pool    *http.Transport
	stop    context.CancelFunc
	looking sync.WaitGroup

	next     atomic.Uint64
	Requests atomic.Int64 // how many it has passed on

	mu     sync.Mutex
	places []*backend
}

// backend is one instance as the balancer knows it.
type backend struct {
	url  *url.URL
	down bool // it gets nothing, if others are there
}

// How often an instance is asked whether it is well, and within which time it
// must say so.
const (
	healthEvery  = 250 * time.Millisecond
	healthWithin = 2 * time.Second
)

// Balance starts a balancer at addr, host:port, before the instances at
// targets.
//
// With replay, a GET whose connection broke off before the answer is sent again
// to the same instance, as many proxies and browsers do.
func Balance(addr string, replay bool, targets ...string) (*Balancer, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	b := &Balancer{addr: l.Addr().String(), pool: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true, DisableKeepAlives: !replay}}
	for _, t := range targets {
		b.places = append(b.places, &backend{url: &url.URL{Scheme: "http", Host: t}})
	}
	quiet := log.New(io.Discard, "", 0) // instances die here: that is no news
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.Host = r.In.Host
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "instance" // RoundTrip says which
		},
		Transport:    b,
		ErrorLog:     quiet,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	b.server = &http.Server{Handler: pass, ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
	go func() { _ = b.server.Serve(l) }() // until Close
	var ctx context.Context
	ctx, b.stop = context.WithCancel(context.Background())
	for _, place := range b.places {
		b.looking.Go(func() { b.lookAfter(ctx, place) })
	}
	return b, nil
}

// lookAfter keeps asking an instance whether it is well.
func (b *Balancer) lookAfter(ctx context.Context, place *backend) {
	asks := &http.Client{Timeout: healthWithin, Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, place.url.String()+"/healthz", nil)
		if err != nil {
			panic(err) // the address has served already
		}
		response, err := asks.Do(r)
		if err == nil {
			_ = response.Body.Close() // only the status counts
		}
		b.mark(place, err != nil || response.StatusCode != http.StatusOK)
	}
}

// Addr is where it listens.
func (b *Balancer) Addr() string { return b.addr }

// Close cuts all connections.
func (b *Balancer) Close() error {
	b.stop()
	b.looking.Wait()
	err := b.server.Close()
	b.pool.CloseIdleConnections()
	return err
}

// maxBody is the longest body that is passed on: it is kept, to be sent again.
const maxBody = 8 << 20

// RoundTrip gives a request to the next instance, and to the one after that if
// it could not be reached.
func (b *Balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	b.Requests.Add(1)
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(r.Body, maxBody)); err != nil {
			return nil, err
		}
		_ = r.Body.Close() // read to its end
	}
	var last error
	for _, place := range b.order() {
		out := r.Clone(r.Context())
		out.URL.Host = place.url.Host
		out.Body, out.ContentLength = http.NoBody, int64(len(body))
		if len(body) > 0 {
			out.Body = io.NopCloser(bytes.NewReader(body))
		}
		response, err := b.pool.RoundTrip(out)
		if err == nil {
			return response, nil
		}
		last = err
		if errors.Is(err, context.Canceled) || r.Context().Err() != nil {
			break // whoever asked is gone: that says nothing about the instance
		}
		b.mark(place, true)
		if !unreached(err) && r.URL.Query().Has("sid") {
			break // it may have been taken, and must not be done twice
		}
	}
	return nil, last
}

// unreached tells that a request has certainly not been seen.
func unreached(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// order is in which order instances are tried: round robin, those that are not
// well last.
func (b *Balancer) order() []*backend {
	b.mu.Lock()
	defer b.mu.Unlock()
	first := int(b.next.Add(1))
	var up, down []*backend
	for i := range b.places {
		place := b.places[(first+i)%len(b.places)]
		if place.down {
			down = append(down, place)
		} else {
			up = append(up, place)
		}
	}
	return append(up, down...)
}

func (b *Balancer) mark(place *backend, down bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	place.down = down
}
