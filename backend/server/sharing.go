package server

import (
	"net/http"
	"net/url"
)

// sharing lets pages of other origins read what the API answers (Fetch
// standard, section "CORS protocol"). Nothing there hangs on cookies, so none
// are let through.
type sharing map[string]bool

func newSharing(origins []string) sharing {
	s := sharing{}
	for _, o := range origins {
		if u, err := origin(o); err == nil {
			s[key(u)] = true
		}
	}
	return s
}

// What such a page may send and read, beside what every page may.
const (
	sharedMethods = "GET, POST"
	sharedHeaders = "Authorization, Content-Type, Idempotency-Key"
	readHeaders   = "Retry-After"
	preflightAge  = "600" // seconds for which a browser remembers
)

// with says so to a page of one of the origins, and to others nothing.
// checkOrigin has read the header before. done tells that r only asked for
// that, and has its answer.
func (s sharing) with(w http.ResponseWriter, r *http.Request) (done bool) {
	if len(s) == 0 {
		return false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	from := r.Header.Get("Origin")
	u, err := url.Parse(from)
	if from == "" || err != nil || !s[key(u)] {
		return false
	}
	h.Set("Access-Control-Allow-Origin", from)
	h.Set("Access-Control-Expose-Headers", readHeaders)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", sharedMethods)
	h.Set("Access-Control-Allow-Headers", sharedHeaders)
	h.Set("Access-Control-Max-Age", preflightAge)
	w.WriteHeader(http.StatusNoContent)
	return true
}
