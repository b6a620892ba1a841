package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// wasmFlags make the WebAssembly small, since the download is what a first visit
// waits for. Without inlining (-l) it is 8 % smaller as Brotli (990 kB instead of
// 1,077 kB when measured), which is 0.1 s on a good mobile line and half a second
// on a slow one; decoding 5,000 messages takes 5 % longer, and tight loops that a
// chat hardly has take half as long again. The version control stamp is left out,
// so that a commit which doesn't touch the page doesn't make a new release of it.
var wasmFlags = []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-gcflags=all=-l"}

// buildWasm builds the program of the tab into file and returns the GOROOT of the
// compiler that did it. The go command rebuilds only what changed.
func buildWasm(root, file string) (goroot string, err error) {
	goroot, err = goRoot(root)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", fmt.Errorf("build WebAssembly: %w", err)
	}
	overlay, err := writeOverlay(root, goroot, filepath.Join(filepath.Dir(file), "overlay.json"))
	if err != nil {
		return "", err
	}
	target, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("build WebAssembly: %w", err)
	}
	args := append(append([]string{}, wasmFlags...), "-overlay", overlay, "-o", target, "./wasm")
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("build WebAssembly: %w", err)
	}
	return goroot, nil
}

func goRoot(root string) (string, error) {
	cmd := exec.Command("go", "env", "GOROOT")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// writeOverlay writes the file for the go command's -overlay that puts the package
// in backend/pack/nethttp in the place of net/http, and returns its path. go-app
// and coder/websocket name net/http in the tab but never use it there; without it
// the download is a quarter smaller.
func writeOverlay(root, goroot, file string) (string, error) {
	stub, err := filepath.Abs(filepath.Join(root, "backend", "pack", "nethttp", "http.go"))
	if err != nil {
		return "", fmt.Errorf("overlay: %w", err)
	}
	sources, err := filepath.Glob(filepath.Join(goroot, "src", "net", "http", "*.go"))
	if err != nil {
		return "", fmt.Errorf("overlay: %w", err)
	}
	replace := make(map[string]string, len(sources))
	for _, source := range sources {
		replace[source] = "" // as if it weren't there
	}
	first := filepath.Join(goroot, "src", "net", "http", "http.go")
	if _, ok := replace[first]; !ok {
		return "", errors.New("overlay: GOROOT has no source of net/http")
	}
	replace[first] = stub
	data, err := json.MarshalIndent(struct{ Replace map[string]string }{replace}, "", "\t")
	if err != nil {
		return "", fmt.Errorf("overlay: %w", err)
	}
	if err := writeFile(file, data); err != nil {
		return "", fmt.Errorf("overlay: %w", err)
	}
	return filepath.Abs(file)
}
