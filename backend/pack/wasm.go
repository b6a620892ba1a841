package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
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
	linked, err := filepath.Abs(linkedFile(file))
	if err != nil {
		return "", fmt.Errorf("build WebAssembly: %w", err)
	}
	args := append(append([]string{}, wasmFlags...), "-overlay", overlay, "-o", linked, "./wasm")
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("build WebAssembly: %w", err)
	}
	program, err := os.ReadFile(linked)
	if err == nil {
		program, err = joinSegments(program)
	}
	if err == nil {
		err = writeFile(file, program)
	}
	if err != nil {
		return "", fmt.Errorf("build WebAssembly: %w", err)
	}
	return goroot, nil
}

// linkedFile is where the linker puts what becomes file.
func linkedFile(file string) string { return file + ".linked" }

func goRoot(root string) (string, error) {
	cmd := exec.Command("go", "env", "GOROOT")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// stubs is the folder of what takes the place of packages of GOROOT, by their paths.
var stubs = filepath.Join("backend", "pack", "stub")

// writeOverlay writes the file for the go command's -overlay that puts each package
// below stubs in the place of that of GOROOT with the same path, and returns its path.
func writeOverlay(root, goroot, file string) (string, error) {
	packages, err := stubbed(filepath.Join(root, stubs))
	if err != nil {
		return "", fmt.Errorf("overlay: %w", err)
	}
	replace := map[string]string{}
	for name, stub := range packages {
		folder := filepath.Join(goroot, "src", filepath.FromSlash(name))
		sources, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			return "", fmt.Errorf("overlay: %w", err)
		}
		if len(sources) == 0 {
			return "", fmt.Errorf("overlay: GOROOT has no source of %s", name)
		}
		for _, source := range sources {
			replace[source] = "" // as if it weren't there
		}
		replace[filepath.Join(folder, filepath.Base(stub))] = stub
	}
	data, err := json.MarshalIndent(struct{ Replace map[string]string }{replace}, "", "\t")
	if err != nil {
		return "", fmt.Errorf("overlay: %w", err)
	}
	if err := writeFile(file, data); err != nil {
		return "", fmt.Errorf("overlay: %w", err)
	}
	return filepath.Abs(file)
}

// stubbed lists the packages below folder, each with its one file beside tests.
func stubbed(folder string) (map[string]string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	packages := map[string]string{}
	err = filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Dir(file) == folder || strings.HasSuffix(file, "_test.go") {
			return err
		}
		name, err := filepath.Rel(folder, filepath.Dir(file))
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if packages[name] != "" {
			return fmt.Errorf("%s has more than one file", name)
		}
		packages[name] = file
		return nil
	})
	if err == nil && len(packages) == 0 {
		err = fmt.Errorf("no packages in %s", folder)
	}
	return packages, err
}
