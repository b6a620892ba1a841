package e2e

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
)

// proxy stands between the people and the server, as one in a company does. It
// can refuse WebSockets.
type proxy struct {
	url     string
	refuses atomic.Bool
	refused atomic.Int32 // how many WebSockets were refused
	opened  atomic.Int32 // how many were let through
}

func newProxy(t testing.TB, s *server) *proxy {
	t.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{}
	pass := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
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
