package engineio

import (
	"net/http"
	"net/url"
	"strings"
)

// sameOrigin lets in what comes from no page, or from one of this server.
func sameOrigin(r *http.Request) bool {
	origins := r.Header.Values("Origin")
	if len(origins) == 0 {
		return true
	}
	if len(origins) > 1 {
		return false
	}
	origin, ok := parseOrigin(origins[0])
	if !ok {
		return false
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	own, ok := parseOrigin(scheme + "://" + r.Host)
	return ok && origin == own
}

// parseOrigin reads a serialised origin (RFC 6454, section 6.2) in its one
// normal form. It refuses "null" and everything that is not just a scheme, a
// host and a port.
func parseOrigin(text string) (string, bool) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" ||
		u.ForceQuery || u.Fragment != "" || strings.HasSuffix(text, "#") {
		return "", false
	}
	port := u.Port()
	switch {
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return "", false
	case port != "":
	case strings.HasSuffix(u.Host, ":"):
		return "", false
	case u.Scheme == "http":
		port = "80"
	default:
		port = "443"
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + " " + port, true
}

var patternQuoter = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`)

// acceptedOrigin is the pattern by which the WebSocket library takes the
// origin that CheckOrigin has let through, and no other.
func acceptedOrigin(r *http.Request) []string {
	u, err := url.Parse(r.Header.Get("Origin"))
	if err != nil || u.Host == "" {
		return []string{"*"} // such as "null"
	}
	return []string{patternQuoter.Replace(u.Host)}
}
