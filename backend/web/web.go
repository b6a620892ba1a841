// Package web serves what a browser loads before it opens a socket: the first
// page, the WebAssembly and the other assets, the service worker and the web app
// manifest.
//
// It promises pages of our own template, escaped, under a content security policy
// that allows no inline script; assets under names that never change their
// content; one version that stands for all of it; and that no request makes the
// server call another. It must not know rooms, sockets or stores.
package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"

	"maru/app/wire/text"
	"maru/backend/release"
)

// versionDigits is how many hexadecimal digits a version has.
const versionDigits = 16

// Web is the handler. It is safe for use by many goroutines.
type Web struct {
	folder  fs.FS // the packed release
	assets  map[string]release.Asset
	files   map[string]release.Asset // by the name in their address
	version string
	worker  []byte
	mux     *http.ServeMux
}

// New returns the handler for the release in the folder built of files. The error
// is release.ErrNotBuilt when there is none, and tells what is missing when the
// page names an asset that the release doesn't have.
func New(files fs.FS) (*Web, error) {
	folder, err := fs.Sub(files, release.Folder)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	manifest, err := release.Read(folder)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	w := &Web{
		folder: folder,
		assets: make(map[string]release.Asset, len(manifest.Assets)),
		files:  make(map[string]release.Asset, len(manifest.Assets)),
		mux:    http.NewServeMux(),
	}
	for _, a := range manifest.Assets {
		w.assets[a.Name] = a
		w.files[a.File] = a
	}
	if err := w.seal(manifest.Version); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if w.worker, err = w.renderWorker(manifest); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	w.route()
	return w, nil
}

// seal computes the version from the assets and from the pages around them.
func (w *Web) seal(assets string) error {
	sum := sha256.New()
	fmt.Fprintln(sum, assets)
	for _, l := range []text.Lang{text.Ko, text.En} {
		for _, p := range []Page{{Lang: l}, {Lang: l, Room: "maru"}, {Lang: l, Connection: true}} {
			page, err := w.renderPage(p)
			if err != nil {
				return err
			}
			sum.Write(page)
		}
	}
	w.version = hex.EncodeToString(sum.Sum(nil))[:versionDigits]
	return nil
}

// renderPage returns a first page with the version and the assets of the release.
func (w *Web) renderPage(page Page) ([]byte, error) {
	var missing []string
	page.Version = w.version
	page.Assets = func(name string) string {
		if _, ok := w.assets[name]; !ok {
			missing = append(missing, name)
		}
		return w.address(name)
	}
	page.Wasm, page.WasmSize = w.address(release.WasmName), w.assets[release.WasmName].Raw
	var out bytes.Buffer
	if err := page.Render(&out); err != nil {
		return nil, fmt.Errorf("render page: %w", err)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("render page: the release has no %q", missing)
	}
	return out.Bytes(), nil
}

// Version names this release: two programs have the same exactly when they serve
// the same page with the same assets.
func (w *Web) Version() string { return w.version }

func (w *Web) route() {
	w.mux.HandleFunc("GET /{$}", w.servePage)
	w.mux.HandleFunc("GET /r/{$}", goHome)
	w.mux.HandleFunc("GET /r/{room}", w.servePage)
	w.mux.HandleFunc("GET /connection", w.serveConnection)
	w.mux.HandleFunc("GET /assets/{file}", w.serveAsset)
	w.mux.HandleFunc("GET /worker.js", w.serveWorker)
	w.mux.HandleFunc("GET /manifest.webmanifest", w.serveManifest)
	w.mux.HandleFunc("GET /favicon.ico", w.serveFavicon)
	w.mux.HandleFunc("GET /robots.txt", serveRobots)
	w.mux.HandleFunc("GET /sitemap.xml", http.NotFound)
	w.mux.HandleFunc("GET /ads.txt", http.NotFound)
	w.mux.HandleFunc("GET /healthz", serveHealth)
	w.mux.HandleFunc("GET /", w.serveLost)
}

// ServeHTTP answers GET and HEAD for the page and its assets, 404 for what it
// doesn't know, with the page to join a room for people, and 405 for other methods, always with the security headers.
func (w *Web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	secure(rw.Header())
	w.mux.ServeHTTP(rw, r)
}
