// Command pack builds the WebAssembly and lays everything that the browser loads
// into public/built: under names that hold the hash of their content, compressed
// ahead of time, with a list of them. The server embeds that folder.
//
// It promises to do nothing for inputs that did not change, and never to leave a
// list that names a file which isn't there. It knows nothing of HTTP.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"maru/backend/release"
)

func main() {
	quick := flag.Bool("quick", false, "compress fast instead of small, for development")
	root := flag.String("root", ".", "folder of the module")
	flag.Parse()
	if err := run(*root, *quick, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// run builds the WebAssembly below root and packs it with the public files.
func run(root string, quick bool, out io.Writer) error {
	wasm := filepath.Join(root, "bin", release.WasmName)
	goroot, err := buildWasm(root, wasm)
	if err != nil {
		return err
	}
	files, err := publicFiles(filepath.Join(root, "public"))
	if err != nil {
		return err
	}
	files = append(files,
		input{name: release.WasmName, path: wasm},
		// The glue must come from the compiler that made the WebAssembly.
		input{name: "wasm_exec.js", path: filepath.Join(goroot, "lib", "wasm", "wasm_exec.js")},
	)
	manifest, err := pack(files, filepath.Join(root, "public", release.Folder), quick)
	if err != nil {
		return err
	}
	return report(out, manifest)
}

// report prints what the browser downloads.
func report(out io.Writer, m release.Manifest) error {
	var raw, brotli, gzip int64
	for _, a := range m.Assets {
		raw += a.Raw
		brotli += smallest(a.Brotli, a.Raw)
		gzip += smallest(a.Gzip, a.Raw)
	}
	wasm, _ := m.Find(release.WasmName)
	note := ""
	if wasm.Quick {
		note = "  (compressed fast: make build makes it smaller)"
	}
	_, err := fmt.Fprintf(out, "WebAssembly  %9d bytes, brotli %9d, gzip %9d%s\neverything   %9d bytes, brotli %9d, gzip %9d, release %s\n",
		wasm.Raw, wasm.Brotli, wasm.Gzip, note, raw, brotli, gzip, m.Version)
	return err
}

// smallest returns the compressed size, or the raw one of what isn't compressed.
func smallest(compressed, raw int64) int64 {
	if compressed > 0 {
		return compressed
	}
	return raw
}
