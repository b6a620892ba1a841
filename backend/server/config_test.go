package server

import (
	"crypto/tls"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"maru/app/wire/text"
)

func TestReadEnv(t *testing.T) {
	read := func(vars map[string]string) (Env, error) {
		return ReadEnv(func(name string) string { return vars[name] })
	}
	e, err := read(nil)
	if err != nil || e.Port != "8080" || e.Store != "sqlite:data/maru.db" || e.Lang != text.Ko || e.URL != nil {
		t.Errorf("with nothing set: %+v, %v", e, err)
	}
	e, err = read(map[string]string{"PORT": "0", "MARU_LANG": "en-GB", "MARU_URL": "https://chat.example.com/",
		"MARU_SECRET": "sixteen-letters-1,sixteen-letters-2", "MARU_ORIGINS": "https://a.example, http://b.example:81"})
	if err != nil || e.Port != "0" || e.Lang != text.En || e.URL.String() != "https://chat.example.com" || len(e.Secrets) != 2 || len(e.Origins) != 2 {
		t.Errorf("with all set: %+v, %v", e, err)
	}
	for name, values := range map[string][]string{
		"PORT":         {"abc", "99999", "-1", "80 "},
		"MARU_LANG":    {"fr"},
		"MARU_LIMITS":  {"none"},
		"MARU_SECRET":  {"short", ","},
		"MARU_URL":     {"chat.example.com", "ftp://a.example", "https://a.example/path", "http://:80", "http://a.example?", "https://u@a.example"},
		"MARU_ORIGINS": {"https://*.a.example", "*", "https://a.example/x"},
	} {
		for _, v := range values {
			if _, err := read(map[string]string{name: v}); err == nil || !strings.HasPrefix(err.Error(), name) {
				t.Errorf("%s=%q: %v", name, v, err)
			}
		}
	}
}

func TestOrigins(t *testing.T) {
	public := &url.URL{Scheme: "https", Host: "chat.example"}
	for _, c := range []struct {
		host, proto, origin string
		tls                 bool
		public              *url.URL
		want                bool
	}{
		{host: "a.example:8080", origin: "", want: true},
		{host: "a.example:8080", origin: "http://a.example:8080", want: true},
		{host: "a.example", origin: "http://a.example:80", want: true},
		{host: "a.example", origin: "https://a.example", want: false},
		{host: "a.example", origin: "https://a.example", tls: true, want: true},
		{host: "a.example", origin: "https://a.example", proto: "https", want: true},
		{host: "a.example", origin: "http://a.example", proto: "https", want: false},
		{host: "a.example", origin: "http://a.example:81", want: false},
		{host: "a.example", origin: "http://a.example.evil", want: false},
		{host: "a.example", origin: "http://evil-a.example", want: false},
		{host: "a.example", origin: "http://u@a.example", want: false},
		{host: "a.example", origin: "null", want: false},
		{host: "a.example", origin: "file://", want: false},
		{host: "10.0.0.1", origin: "https://chat.example", public: public, want: true},
		{host: "10.0.0.1", origin: "http://10.0.0.1", public: public, want: false},
		{host: "a.example", origin: "https://friend.example", want: true},
	} {
		r := httptest.NewRequest("GET", "http://"+c.host+"/socket.io/", nil)
		if c.origin != "" {
			r.Header.Set("Origin", c.origin)
		}
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if got := checkOrigin(c.public, []string{"https://friend.example"})(r); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestSecretIsMadeOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "secret")
	first, err := Secret(path)
	if err != nil || len(first) != secretBytes {
		t.Fatal(len(first), err)
	}
	again, err := Secret(path)
	if err != nil || string(again) != string(first) {
		t.Error("another secret after a restart:", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Error("others may read it:", info, err)
	}
	if err := os.WriteFile(path, []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Secret(path); err == nil {
		t.Error("a torn secret is taken")
	}
}
