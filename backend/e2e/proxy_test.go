package e2e

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"sync/atomic"
	"testing"
)

// proxy stands between the people and the servers, as one in a company does,
// or before several instances: each request goes to the next of them, and to
// another one if that is not there. It can refuse WebSockets.
type proxy struct {
	url     string
	servers []*server
	next    atomic.Uint64
	refuses atomic.Bool
	refused atomic.Int32 // how many WebSockets were refused
	opened  atomic.Int32 // how many were let through
}

func newProxy(t testing.TB, servers ...*server) *proxy {
	t.Helper()
	p := &proxy{servers: servers}
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme = "http"
			r.Out.Host = r.In.Host
		},
		Transport: p,
		// The server dies in tests, and people go away: that is no news.
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Upgrade") == "":
		case p.refuses.Load():
			p.refused.Add(1)
			w.WriteHeader(http.StatusForbidden)
			return
		default:
			p.opened.Add(1)
		}
		pass.ServeHTTP(w, r)
	}))
	p.url = h.URL
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
	})
	return p
}

// direct makes a connection for each request: one that a server has closed
// meanwhile can't fail the next.
var direct = &http.Transport{DisableKeepAlives: true, DisableCompression: true}

// RoundTrip implements http.RoundTripper.
func (p *proxy) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	var body []byte // to be sent again
	if r.Body != nil {
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	// Which one is first is counted once: of two requests at the same time, each
	// that counts again could be led to the dead one twice.
	first := p.next.Add(1)
	for i := range p.servers {
		if r.Body != nil {
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		s := p.servers[(first+uint64(i))%uint64(len(p.servers))]
		r.URL.Host = "localhost:" + s.port
		answer, err = direct.RoundTrip(r)
		var op *net.OpError
		if !errors.As(err, &op) || op.Op != "dial" {
			break
		}
	}
	return answer, err
}
