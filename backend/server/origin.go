package server

import (
	"net/http"
	"net/url"
	"strings"
)

// checkOrigin says which pages may use the socket: our own, and those that
// the configuration names. What sends no Origin is no browser, and so can't be
// used by a page against the person before it.
func checkOrigin(public *url.URL, others []string) func(*http.Request) bool {
	allowed := map[string]bool{}
	for _, o := range others {
		if u, err := origin(o); err == nil {
			allowed[key(u)] = true
		}
	}
	return func(r *http.Request) bool {
		values := r.Header.Values("Origin")
		if len(values) == 0 {
			return true
		}
		u, err := url.Parse(values[0])
		if len(values) > 1 || err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
			return false
		}
		if allowed[key(u)] {
			return true
		}
		if public != nil {
			return key(u) == key(public)
		}
		return own(r, u)
	}
}

// own tells whether a page comes from where the request was made to: scheme,
// host and port. A proxy that ended TLS before us says so in X-Forwarded-Proto;
// a page can't set that header, so it widens nothing for other sites.
func own(r *http.Request, u *url.URL) bool {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return key(u) == key(&url.URL{Scheme: scheme, Host: r.Host})
}

// key is an origin with its default port left out.
func key(u *url.URL) string {
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "http":
		host = strings.TrimSuffix(host, ":80")
	case "https":
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + host
}
