// Package server puts the product together: the routes, the rooms behind
// their events, the store, and the first page with all that it loads.
//
// It promises a plain http.Handler and a Close that lets go of everything. It
// has one short function for each event; what the events mean is decided in
// package chat.
package server

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"maru/app/wire/text"
	"maru/backend/store"
)

// Config is what a Server needs. Store and Secrets are required.
type Config struct {
	Store   store.Store
	Keeper  string    // the name of what keeps the Store, for people to see; empty is not told
	Secrets [][]byte  // sign the tokens; the first one signs new ones
	Public  fs.FS     // what the browser loads; nil serves the socket alone
	Lang    text.Lang // of Admin
	// URL is the address that people use, such as https://chat.example.com. It
	// must be set behind a proxy that changes the host. If it is empty, the
	// host of each request counts.
	URL *url.URL
	// Origins may use the socket from pages of their own, beside our own page.
	Origins []string
	// Proxies are those whose X-Forwarded-For is believed; see addresses.
	Proxies []netip.Prefix
	Limits  *Limits // nil: DefaultLimits
	Logger  *slog.Logger
	Lease   time.Duration   // how long people stay who vanish; 0: DefaultLease
	Keep    store.Retention // what is kept of each room; zero: everything
}

// DefaultLease is how long somebody is still in a room whose connection, and
// whose server, vanished without a word.
const DefaultLease = 30 * time.Second

func (c Config) withDefaults() Config {
	if c.Lease == 0 {
		c.Lease = DefaultLease
	}
	if c.Limits == nil {
		c.Limits = &DefaultLimits
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Env is the configuration as the environment gives it.
type Env struct {
	Port    string
	Store   string
	Secrets []string
	Lang    text.Lang
	URL     *url.URL
	Origins []string
	Proxies []netip.Prefix
	Keep    store.Retention
	Limits  *Limits // nil: DefaultLimits
}

// ReadEnv reads the configuration from getenv. Its errors are one line that
// names the variable.
func ReadEnv(getenv func(string) string) (Env, error) {
	e := Env{Port: "8080", Store: "sqlite:data/maru.db"}
	if p := getenv("PORT"); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil {
			return e, fmt.Errorf("PORT: %q is not a port from 0 to 65535", p)
		} else {
			e.Port = strconv.FormatUint(n, 10)
		}
	}
	if s := getenv("MARU_STORE"); s != "" {
		e.Store = s
	}
	e.Secrets, e.Origins = list(getenv("MARU_SECRET")), list(getenv("MARU_ORIGINS"))
	if getenv("MARU_SECRET") != "" && len(e.Secrets) == 0 {
		return e, errors.New("MARU_SECRET: there is no secret in it")
	}
	for _, s := range e.Secrets {
		if len(s) < minSecret {
			return e, fmt.Errorf("MARU_SECRET: each secret must have at least %d characters", minSecret)
		}
	}
	if l := getenv("MARU_LANG"); l != "" {
		var ok bool
		if e.Lang, ok = text.FromTag(l); !ok {
			return e, fmt.Errorf("MARU_LANG: %q is neither ko nor en", l)
		}
	}
	var err error
	if e.Keep, err = ParseRetention(getenv("MARU_RETENTION")); err != nil {
		return e, fmt.Errorf("MARU_RETENTION: %w", err)
	}
	switch l := getenv("MARU_LIMITS"); l {
	case "", "on":
	case "off":
		e.Limits = &Limits{}
	default:
		return e, fmt.Errorf("MARU_LIMITS: %q is neither on nor off", l)
	}
	err = e.readAddresses(getenv)
	return e, err
}

// readAddresses reads who may come from where.
func (e *Env) readAddresses(getenv func(string) string) (err error) {
	for _, o := range e.Origins {
		if _, err := origin(o); err != nil {
			return fmt.Errorf("MARU_ORIGINS: %w", err)
		}
	}
	if e.Proxies, err = readProxies(list(getenv("MARU_TRUSTED_PROXIES"))); err != nil {
		return fmt.Errorf("MARU_TRUSTED_PROXIES: %w", err)
	}
	if u := getenv("MARU_URL"); u != "" {
		if e.URL, err = origin(u); err != nil {
			return fmt.Errorf("MARU_URL: %w", err)
		}
	}
	return nil
}

const minSecret = 16

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}

// origin reads scheme, host and port, and nothing more.
func origin(s string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSuffix(s, "/"))
	bare := err == nil && u.User == nil && u.Path == "" && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
	if !bare || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.Contains(u.Host, "*") {
		return nil, fmt.Errorf("%q is not an address like https://chat.example.com", s)
	}
	return u, nil
}
