package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// front stands before a server and can make it look like the next release of
// itself: another version, and another WebAssembly under another name.
type front struct {
	*httptest.Server

	proxy    *httputil.ReverseProxy
	releases [2]releaseInfo
	asked    atomic.Int64 // for the second WebAssembly

	mu      sync.Mutex
	release int
	state   state
}

// releaseInfo is what tells one release from another.
type releaseInfo struct {
	version string
	path    string // of the WebAssembly
	wasm    []byte
}

// state is how well the front serves.
type state int

const (
	whole  state = iota
	broken       // the second WebAssembly can't be had
	down         // nothing can be had
)

// second is the index of the second release.
const second = 1

// custom is a custom section (WebAssembly, section 5.5.3): other bytes, the same
// program. It is of 8 bytes: a name of 6, and one byte more.
const custom = "\x00\x08\x06second!"

func newFront(t *testing.T, s *server) *front {
	t.Helper()
	page := download(t, s.url+"/")
	attribute := func(name string) string {
		m := regexp.MustCompile(name + `="([^"]+)"`).FindStringSubmatch(string(page))
		if m == nil {
			t.Fatalf("the page has no %s", name)
		}
		return m[1]
	}
	first := releaseInfo{version: attribute("data-version"), path: attribute("data-wasm")}
	first.wasm = download(t, s.url+first.path)
	f := &front{releases: [2]releaseInfo{first, {
		version: strings.Repeat("2", len(first.version)),
		path:    "/assets/app.2222222222222222.wasm",
		wasm:    append(bytes.Clone(first.wasm), custom...),
	}}}
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	f.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // the server compares it with the origin
		},
		ModifyResponse: f.modify,
		ErrorHandler:   func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	f.Server = httptest.NewServer(f)
	t.Cleanup(f.CloseClientConnections)
	return f
}

// download returns the body of an answer, unpacked.
func download(t *testing.T, address string) []byte {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, response.Status, err)
	}
	return body
}

func (f *front) serve(release int, s state) {
	f.mu.Lock()
	f.release, f.state = release, s
	f.mu.Unlock()
	f.CloseClientConnections()
}

func (f *front) now() (release int, s state) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.release, f.state
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	release, s := f.now()
	switch {
	case s == down:
		panic(http.ErrAbortHandler)
	case r.URL.Path == f.releases[second].path:
		f.asked.Add(1)
		if release != second || s == broken {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/wasm")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(f.releases[second].wasm)
	case release == second && r.URL.Path == f.releases[0].path:
		http.NotFound(w, r) // a server has its own release alone
	default:
		r.Header.Del("If-None-Match") // the tags are those of the first release
		f.proxy.ServeHTTP(w, r)
	}
}

// modify turns what names the first release into what names the second.
func (f *front) modify(response *http.Response) error {
	path := response.Request.URL.Path
	if release, _ := f.now(); release != second || path != "/" && path != "/worker.js" && !strings.HasPrefix(path, "/r/") {
		return nil
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	body = bytes.ReplaceAll(body, []byte(f.releases[0].version), []byte(f.releases[second].version))
	body = bytes.ReplaceAll(body, []byte(f.releases[0].path), []byte(f.releases[second].path))
	response.Body = io.NopCloser(bytes.NewReader(body))
	response.ContentLength = int64(len(body))
	response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	response.Header.Set("Maru-Version", f.releases[second].version)
	response.Header.Del("ETag")
	return nil
}
