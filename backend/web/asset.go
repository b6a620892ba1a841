package web

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"

	"maru/backend/release"
)

// types are the media types of the assets. The table is our own, since that of the
// system differs from machine to machine.
var types = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".wasm": "application/wasm",
}

func typeOf(name string) string {
	if t, ok := types[path.Ext(name)]; ok {
		return t
	}
	return "application/octet-stream"
}

// address returns where the asset of that name is served.
func (w *Web) address(name string) string { return "/assets/" + w.assets[name].File }

// serveAsset answers with an asset in the form that the browser likes best. The
// name holds the hash of the content, so the answer may be kept for good.
func (w *Web) serveAsset(rw http.ResponseWriter, r *http.Request) {
	asset, ok := w.files[r.PathValue("file")]
	if !ok {
		http.NotFound(rw, r)
		return
	}
	encoding := ""
	if asset.Compressed() {
		rw.Header().Set("Vary", "Accept-Encoding")
		encoding = bestEncoding(r.Header.Get("Accept-Encoding"))
	}
	h := rw.Header()
	tag := `"` + asset.Hash[:16] + encoding + `"`
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	body, size, err := w.open(asset, encoding)
	if err != nil {
		h.Set("Cache-Control", "no-store")
		http.Error(rw, "internal", http.StatusInternalServerError)
		return
	}
	defer func() { _ = body.Close() }()
	h.Set("Content-Type", typeOf(asset.Name))
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	if r.Method == http.MethodHead {
		return
	}
	// The peer may be gone; there is nobody left to tell.
	_, _ = io.Copy(rw, body)
}

// open returns an asset in an encoding and how many bytes that is. The few who
// take no compression get what is unpacked on the way.
func (w *Web) open(a release.Asset, encoding string) (io.ReadCloser, int64, error) {
	name := a.File
	switch {
	case encoding == "br":
		name += ".br"
	case a.Compressed():
		name += ".gz"
	}
	file, err := w.folder.Open(name)
	if err != nil {
		return nil, 0, fmt.Errorf("web: open asset: %w", err)
	}
	if encoding == "" && a.Compressed() {
		plain, err := gzip.NewReader(file)
		if err != nil {
			return nil, 0, errors.Join(fmt.Errorf("web: unpack asset: %w", err), file.Close())
		}
		return struct {
			io.Reader
			io.Closer
		}{plain, file}, a.Raw, nil
	}
	// The file itself tells its length: what is announced must be what is sent.
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("web: open asset: %w", err), file.Close())
	}
	return file, info.Size(), nil
}

// read returns all of the asset of that name.
func (w *Web) read(name string) ([]byte, error) {
	asset, ok := w.assets[name]
	if !ok {
		return nil, fmt.Errorf("web: the release has no %s", name)
	}
	body, _, err := w.open(asset, "")
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	return io.ReadAll(body)
}
