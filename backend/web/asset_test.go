package web

import (
	"strings"
	"testing"
)

func TestBestEncoding(t *testing.T) {
	for header, want := range map[string]string{
		"":                                   "",
		"identity":                           "",
		"gzip, deflate, br, zstd":            "br",
		"gzip":                               "gzip",
		"x-gzip":                             "gzip",
		"GZIP":                               "gzip",
		"br;q=0.5, gzip":                     "gzip",
		"br;q=0.5, gzip;q=0.5":               "br",
		"br;q=0, gzip;q=0.001":               "gzip",
		"br; q=0 , *":                        "gzip",
		"*":                                  "br",
		"*;q=0":                              "",
		"identity;q=0, *;q=0":                "",
		"identity, br;q=0.1":                 "",
		"identity;q=0.5, gzip":               "gzip",
		"br;q=nan, gzip;q=-1":                "",
		"br;q=2":                             "",
		"br;level=3, gzip;q=0.9":             "br",
		"brr, gzipx":                         "",
		strings.Repeat("x,", 300) + "br":     "",
		strings.Repeat(";", 2000):            "",
		"gzip;q=1.0, br;q=0.9, identity;q=0": "gzip",
	} {
		if got := bestEncoding(header); got != want {
			t.Errorf("%.40q: %q, want %q", header, got, want)
		}
	}
}

func TestAssetInEveryEncoding(t *testing.T) {
	w := newWeb(t)
	tags := map[string]bool{}
	for _, c := range []struct{ accept, encoding, body string }{
		{"br, gzip", "br", "brotli of app.wasm"},
		{"gzip", "gzip", "\x1f\x8b"},
		{"", "", program},
	} {
		response := get(t, w, "GET", "/assets/app.1111.wasm", "Accept-Encoding", c.accept)
		h := response.Header
		got := body(t, response)
		if response.StatusCode != 200 || h.Get("Content-Encoding") != c.encoding || !strings.HasPrefix(got, c.body) {
			t.Errorf("%q: status %d, encoding %q, body %.20q", c.accept, response.StatusCode, h.Get("Content-Encoding"), got)
		}
		if response.ContentLength != int64(len(got)) {
			t.Errorf("%q: length %d, want %d", c.accept, response.ContentLength, len(got))
		}
		if h.Get("Content-Type") != "application/wasm" || h.Get("Cache-Control") != "public, max-age=31536000, immutable" || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: headers %v", c.accept, h)
		}
		if tags[h.Get("ETag")] {
			t.Errorf("%q shares its tag with another encoding", c.accept)
		}
		tags[h.Get("ETag")] = true
		if again := get(t, w, "GET", "/assets/app.1111.wasm", "Accept-Encoding", c.accept, "If-None-Match", h.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("%q: status %d for its own tag", c.accept, again.StatusCode)
		}
	}
}

func TestAssetTypes(t *testing.T) {
	w := newWeb(t)
	for path, want := range map[string]string{
		"/assets/x.app.css":      "text/css; charset=utf-8",
		"/assets/x.boot.js":      "text/javascript; charset=utf-8",
		"/assets/x.icon.svg":     "image/svg+xml",
		"/assets/icon-192.1.png": "image/png",
	} {
		response := get(t, w, "GET", path, "Accept-Encoding", "br")
		if got := response.Header.Get("Content-Type"); got != want || response.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %q in %q, want %q as it is", path, got, response.Header.Get("Content-Encoding"), want)
		}
	}
}

// Only what the list names is served: no folder, no list, no other form of a name.
func TestOnlyListedAssets(t *testing.T) {
	w := newWeb(t)
	for _, path := range []string{
		"/assets/", "/assets/app.wasm", "/assets/app.2222.wasm", "/assets/app.1111.wasm.br", "/assets/assets.json",
		"/assets/..%2Fbuilt%2Fassets.json", "/assets/.gitkeep", "/built/assets.json", "/assets/x.app.css/",
	} {
		response := get(t, w, "GET", path)
		if response.StatusCode != 404 || strings.Contains(response.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: status %d, Cache-Control %q", path, response.StatusCode, response.Header.Get("Cache-Control"))
		}
	}
}
