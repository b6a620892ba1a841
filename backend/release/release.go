// Package release is the form of one packed release of the page: which files the
// browser loads, under which names, in which sizes. The pack command writes it
// and the web server reads it.
//
// It promises that a name which holds a hash never stands for other bytes. It
// knows neither how files are compressed nor how they are served.
package release

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// Folder is where a release lies inside the public files.
const Folder = "built"

// ManifestFile is the name of the list of assets in Folder.
const ManifestFile = "assets.json"

// WasmName is the name under which the WebAssembly is listed.
const WasmName = "app.wasm"

// ErrNotBuilt says that the program was built without its page.
var ErrNotBuilt = errors.New("the page has not been packed: run make build")

// Asset is one file that the browser loads. It is kept either as it is, or, when
// it gets smaller by compression, as Brotli and gzip alone: then Brotli and Gzip
// are above zero, and File is there with ".br" and ".gz" added.
type Asset struct {
	Name   string `json:"name"`            // its path in the source, such as "icons/icon-192.png"
	File   string `json:"file"`            // its name with the hash, in Folder and in the address
	Hash   string `json:"hash"`            // SHA-256 of its bytes, in hexadecimal
	Raw    int64  `json:"raw"`             // bytes as they are
	Brotli int64  `json:"br,omitempty"`    // bytes as Brotli (RFC 7932)
	Gzip   int64  `json:"gz,omitempty"`    // bytes as gzip (RFC 1952)
	Quick  bool   `json:"quick,omitempty"` // compressed in a hurry, for development
}

// Compressed tells whether the asset is kept as Brotli and gzip.
func (a Asset) Compressed() bool { return a.Brotli > 0 && a.Gzip > 0 }

// Manifest lists the assets of a release. Version changes exactly when a byte of
// one of them does.
type Manifest struct {
	Version string  `json:"version"`
	Assets  []Asset `json:"assets"`
}

// Find returns the asset with the given name.
func (m Manifest) Find(name string) (Asset, bool) {
	for _, a := range m.Assets {
		if a.Name == name {
			return a, true
		}
	}
	return Asset{}, false
}

// Read returns the manifest in a Folder, or ErrNotBuilt when there is none.
func Read(folder fs.FS) (Manifest, error) {
	data, err := fs.ReadFile(folder, ManifestFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, ErrNotBuilt
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("release: read manifest: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return Manifest{}, fmt.Errorf("release: read manifest: %w", err)
	}
	return m, nil
}
