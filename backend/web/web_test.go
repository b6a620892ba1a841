package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"maru/app/wire/event"
	"maru/app/wire/text"
	"maru/backend/release"
)

// program stands for the WebAssembly in these tests.
const program = "\x00asm, and a long run of the same: " + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// built returns a release like the pack command leaves it. The version of the
// program is put into its hash.
func built(t *testing.T, hash string) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	manifest := release.Manifest{Version: hash}
	add := func(name, file, content string, compress bool) {
		a := release.Asset{Name: name, File: file, Hash: hash + strings.Repeat("0", 64-len(hash)), Raw: int64(len(content))}
		if compress {
			var gz bytes.Buffer
			w := gzip.NewWriter(&gz)
			if _, err := w.Write([]byte(content)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			brotli := "brotli of " + name
			files["built/"+file+".br"] = &fstest.MapFile{Data: []byte(brotli)}
			files["built/"+file+".gz"] = &fstest.MapFile{Data: gz.Bytes()}
			a.Brotli, a.Gzip = int64(len(brotli)), int64(gz.Len())
		} else {
			files["built/"+file] = &fstest.MapFile{Data: []byte(content)}
		}
		manifest.Assets = append(manifest.Assets, a)
	}
	add("app.wasm", "app."+hash+".wasm", program, true)
	add("worker.js", "worker.1.js", "// the program of the worker", true)
	for _, name := range []string{"app.css", "boot.js", "wasm_exec.js", "icon.svg", "icon-new.svg", "icon-mono.svg"} {
		add(name, "x."+name, name, false)
	}
	for _, name := range []string{"wide-ko", "narrow-ko", "wide-en", "narrow-en"} {
		add("screenshots/"+name+".png", name+".1.png", "\x89PNG "+name, false)
	}
	for _, name := range []string{"icon-192", "icon-512", "maskable-512", "apple-touch-180", "favicon-32"} {
		add("icons/"+name+".png", name+".1.png", "\x89PNG "+name, false)
	}
	data, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	files["built/"+release.ManifestFile] = &fstest.MapFile{Data: data}
	return files
}

func newWeb(t *testing.T) *Web {
	t.Helper()
	w, err := New(built(t, "1111"))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// get asks w for a path, with header fields given as name and value in turn.
func get(t *testing.T, w http.Handler, method, path string, fields ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(fields); i += 2 {
		if fields[i] == "Host" {
			r.Host = fields[i+1]
			continue
		}
		r.Header.Set(fields[i], fields[i+1])
	}
	recorder := httptest.NewRecorder()
	w.ServeHTTP(recorder, r)
	return recorder.Result()
}

func body(t *testing.T, response *http.Response) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := b.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestNewWithoutReleaseSaysSo(t *testing.T) {
	if _, err := New(fstest.MapFS{"built/.gitkeep": {}}); !errors.Is(err, release.ErrNotBuilt) {
		t.Fatalf("got %v, want ErrNotBuilt", err)
	}
}

func TestNewNamesAMissingAsset(t *testing.T) {
	files := built(t, "1111")
	name := "built/" + release.ManifestFile
	files[name].Data = bytes.ReplaceAll(files[name].Data, []byte(`"boot.js"`), []byte(`"other.js"`))
	if _, err := New(files); err == nil || !strings.Contains(err.Error(), "boot.js") {
		t.Fatalf("got %v, want an error that names boot.js", err)
	}
}

func TestPages(t *testing.T) {
	w := newWeb(t)
	for _, c := range []struct {
		path, accept string
		status       int
		location     string
		contains     string
	}{
		{path: "/", accept: "ko", status: 200, contains: `lang="ko"`},
		{path: "/?src=pwa", accept: "en-GB,en;q=0.9,ko;q=0.1", status: 200, contains: `lang="en"`},
		{path: "/r/%EA%B8%B0%ED%9A%8D%ED%8C%80", status: 200, contains: `value="기획팀"`},
		{path: "/r/a%2Fb", status: 200, contains: `value="a/b"`},
		{path: "/r/", status: 302, location: "/"},
		{path: "/r/%20%20", status: 302, location: "/"},
		{path: "/r/%20a%20%20b", status: 302, location: "/r/a%20b"},
		{path: "/r/%20%2F%2Fevil.example", status: 302, location: "/r/%2F%2Fevil.example"},
		{path: "/r/" + strings.Repeat("a", 41), accept: "en", status: 404, contains: "40"},
		{path: "/r/%E2%80%AEadmin", status: 404},
		{path: "/r/%FF%FE", status: 404},
		{path: "/r/a/b", status: 404},
		{path: "/connection", accept: "en", status: 200, contains: "<title>Connection"},
		{path: "/connection/", status: 404},
		{path: "/index.html", status: 404},
	} {
		response := get(t, w, "GET", c.path, "Accept-Language", c.accept)
		if response.StatusCode != c.status || response.Header.Get("Location") != c.location {
			t.Errorf("%s: %d to %q, want %d to %q", c.path, response.StatusCode, response.Header.Get("Location"), c.status, c.location)
		}
		if got := body(t, response); !strings.Contains(got, c.contains) {
			t.Errorf("%s: the body lacks %q:\n%s", c.path, c.contains, got)
		}
	}
}

// A path can hold anything; in the page it is text.
func TestHostilePathIsText(t *testing.T) {
	w := newWeb(t)
	for _, path := range []string{
		"/r/%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E",
		"/r/%3C%2Ftitle%3E%3Cimg%20src=x%20onerror=alert%281%29%3E",
		"/?q=%22%3E%3Cscript%3Ealert%281%29%3C/script%3E",
	} {
		response := get(t, w, "GET", path)
		page := body(t, response)
		if response.StatusCode != 200 {
			t.Errorf("%s: status %d", path, response.StatusCode)
		}
		if strings.Contains(page, "<script>") || strings.Contains(page, "<img src=x") {
			t.Errorf("%s is not escaped:\n%s", path, page)
		}
	}
}

// What a request says of its host, or of a proxy, must not make the server call it.
func TestHostHeaderCausesNoRequest(t *testing.T) {
	var config net.ListenConfig
	trap, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	called := make(chan struct{})
	go func() {
		defer close(called)
		if conn, err := trap.Accept(); err == nil {
			t.Error("the server called the host of the request")
			_ = conn.Close()
		}
	}()
	w := newWeb(t)
	for _, path := range []string{"/", "/robots.txt", "/sitemap.xml", "/ads.txt", "/worker.js", "/manifest.webmanifest", "/favicon.ico", "/web/robots.txt"} {
		response := get(t, w, "GET", path, "Host", trap.Addr().String(), "X-Forwarded-Host", trap.Addr().String())
		if got := body(t, response); strings.Contains(got, trap.Addr().String()) {
			t.Errorf("%s repeats the host of the request", path)
		}
	}
	if err := trap.Close(); err != nil {
		t.Fatal(err)
	}
	<-called
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	w := newWeb(t)
	for _, path := range []string{"/", "/r/a", "/worker.js", "/assets/app.1111.wasm", "/assets/none", "/none", "/healthz", "/robots.txt"} {
		for _, method := range []string{"GET", "POST"} {
			h := get(t, w, method, path).Header
			csp := h.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'none'", "script-src 'self' 'wasm-unsafe-eval';", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
				if !strings.Contains(csp, part) {
					t.Errorf("%s %s: the policy lacks %s", method, path, part)
				}
			}
			if strings.Contains(csp, "unsafe-inline") || strings.Contains(csp, "'unsafe-eval'") {
				t.Errorf("%s %s: the policy is %s", method, path, csp)
			}
			for name, want := range map[string]string{
				"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin", "Referrer-Policy": "no-referrer",
			} {
				if h.Get(name) != want {
					t.Errorf("%s %s: %s is %q", method, path, name, h.Get(name))
				}
			}
		}
	}
}

func TestOnlyGetAndHead(t *testing.T) {
	w := newWeb(t)
	for _, path := range []string{"/", "/r/a", "/worker.js", "/assets/app.1111.wasm", "/healthz", "/robots.txt", "/sitemap.xml"} {
		for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"} {
			if response := get(t, w, method, path); response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: status %d, Allow %q", method, path, response.StatusCode, response.Header.Get("Allow"))
			}
		}
	}
	for _, path := range []string{"/", "/worker.js", "/assets/app.1111.wasm"} {
		head, full := get(t, w, "HEAD", path), get(t, w, "GET", path)
		if got := body(t, head); got != "" || head.StatusCode != 200 || head.ContentLength != full.ContentLength {
			t.Errorf("HEAD %s: status %d, length %d (GET: %d), body %q", path, head.StatusCode, head.ContentLength, full.ContentLength, got)
		}
	}
}

func TestPagesAreRevalidated(t *testing.T) {
	w := newWeb(t)
	for _, path := range []string{"/", "/r/a", "/worker.js", "/manifest.webmanifest", "/favicon.ico"} {
		first := get(t, w, "GET", path)
		tag := first.Header.Get("ETag")
		if first.Header.Get("Cache-Control") != "no-cache" || tag == "" {
			t.Errorf("%s: Cache-Control %q, ETag %q", path, first.Header.Get("Cache-Control"), tag)
		}
		if again := get(t, w, "GET", path, "If-None-Match", `"other", W/`+tag); again.StatusCode != http.StatusNotModified || body(t, again) != "" {
			t.Errorf("%s: status %d for its own tag", path, again.StatusCode)
		}
		if other := get(t, w, "GET", path, "If-None-Match", `"other"`); other.StatusCode != 200 {
			t.Errorf("%s: status %d for another tag", path, other.StatusCode)
		}
	}
	if ko, en := get(t, w, "GET", "/", "Accept-Language", "ko"), get(t, w, "GET", "/", "Accept-Language", "en"); ko.Header.Get("ETag") == en.Header.Get("ETag") || !strings.Contains(ko.Header.Get("Vary"), "Accept-Language, Cookie") {
		t.Error("two languages share a tag, or the answer does not say that it varies")
	}
}

// The language that was chosen is that of the first page, too.
func TestChosenLanguage(t *testing.T) {
	w := newWeb(t)
	for cookie, want := range map[string]string{"maru-lang=en": "en", "maru-lang=ko": "ko", "maru-lang=xx": "ko", "": "ko"} {
		for _, path := range []string{"/", "/r/a", "/connection"} {
			if got := get(t, w, "GET", path, "Accept-Language", "ko", "Cookie", cookie).Header.Get("Content-Language"); got != want {
				t.Errorf("%s with %q is in %q, want %q", path, cookie, got, want)
			}
		}
	}
}

func TestVersionStandsForAllThatIsLoaded(t *testing.T) {
	one, err := New(built(t, "1111"))
	if err != nil {
		t.Fatal(err)
	}
	same, err := New(built(t, "1111"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(built(t, "2222"))
	if err != nil {
		t.Fatal(err)
	}
	if one.Version() == "" || one.Version() != same.Version() || one.Version() == other.Version() {
		t.Errorf("versions are %q, %q and %q", one.Version(), same.Version(), other.Version())
	}
	page := get(t, one, "GET", "/")
	if page.Header.Get(versionHeader) != one.Version() || !strings.Contains(body(t, page), `data-version="`+one.Version()+`"`) {
		t.Error("the page does not carry the version")
	}
}

func TestWorkerKeepsEveryAsset(t *testing.T) {
	w := newWeb(t)
	worker := body(t, get(t, w, "GET", "/worker.js"))
	line, rest, _ := strings.Cut(strings.TrimPrefix(worker, "const release = "), ";\n")
	var list struct {
		Version, Shell string
		Files, Assets  []string
	}
	if err := json.Unmarshal([]byte(line), &list); err != nil {
		t.Fatal(err)
	}
	if list.Version != w.Version() || list.Shell != "/" || rest != "// the program of the worker" {
		t.Errorf("the worker is %s", worker)
	}
	if len(list.Assets) != 12 {
		t.Errorf("the worker keeps %d assets, want 12: %v", len(list.Assets), list.Assets)
	}
	for _, path := range append(append(list.Assets, list.Files...), list.Shell) {
		if response := get(t, w, "GET", path); response.StatusCode != 200 {
			t.Errorf("the worker keeps %s, which answers %d", path, response.StatusCode)
		}
	}
}

func TestManifest(t *testing.T) {
	w := newWeb(t)
	for accept, name := range map[string]string{"ko": "마루", "en": "Maru"} {
		response := get(t, w, "GET", "/manifest.webmanifest", "Accept-Language", accept)
		var m map[string]any
		if err := json.Unmarshal([]byte(body(t, response)), &m); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]string{"id": "/", "start_url": "/?src=pwa", "scope": "/", "name": name, "lang": accept, "display": "standalone"} {
			if m[key] != want {
				t.Errorf("%s: %s is %v, want %v", accept, key, m[key], want)
			}
		}
		for _, key := range []string{"display_override", "launch_handler", "share_target", "shortcuts", "protocol_handlers"} {
			if m[key] == nil {
				t.Errorf("%s: there is no %s", accept, key)
			}
		}
		if screenshots, _ := m["screenshots"].([]any); len(screenshots) != 2 {
			t.Errorf("%s: %d screenshots, want one wide and one narrow", accept, len(screenshots))
		}
		icons, _ := m["icons"].([]any)
		for _, icon := range icons {
			entry, _ := icon.(map[string]any)
			path, _ := entry["src"].(string)
			if got := get(t, w, "GET", path); got.StatusCode != 200 || got.Header.Get("Content-Type") != entry["type"] {
				t.Errorf("icon %s: status %d, type %s", path, got.StatusCode, got.Header.Get("Content-Type"))
			}
			if entry["purpose"] == "maskable any" {
				t.Errorf("icon %s serves two purposes, so it is cropped or padded", path)
			}
		}
		if len(icons) != 5 || response.Header.Get("Vary") != "Accept-Language" {
			t.Errorf("%d icons, Vary %q", len(icons), response.Header.Get("Vary"))
		}
	}
}

// A person who follows a link that leads nowhere gets a page to go on from.
func TestLostPeopleGetThePageToJoin(t *testing.T) {
	w := newWeb(t)
	for path, want := range map[string]string{
		"/r/" + strings.Repeat("a", 41): text.Refusal(text.En, event.RoomTooLong),
		"/r/a/b":                        text.En.T(text.JoinLost), "/xyz": text.En.T(text.JoinLost),
	} {
		response := get(t, w, "GET", path, "Accept", "text/html,*/*;q=0.8", "Accept-Language", "en")
		page := body(t, response)
		if response.StatusCode != http.StatusNotFound || !strings.Contains(page, `id="join"`) || !strings.Contains(page, html.EscapeString(want)) {
			t.Errorf("%s: status %d, %s", path, response.StatusCode, page)
		}
	}
	if plain := get(t, w, "GET", "/xyz", "Accept", "*/*"); plain.StatusCode != http.StatusNotFound || strings.Contains(body(t, plain), "<html") {
		t.Errorf("a program gets a page: status %d", plain.StatusCode)
	}
}
