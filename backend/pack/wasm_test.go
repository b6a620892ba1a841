package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The overlay must hide every file of a package but the one that becomes ours.
func TestOverlayReplacesWholePackages(t *testing.T) {
	root, goroot, file := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "overlay.json")
	stub := write(t, root, "backend/pack/stub/net/http/http.go", "package http").path
	write(t, root, "backend/pack/stub/doc.go", "package stub")
	server := write(t, goroot, "src/net/http/server.go", "package http").path
	first := write(t, goroot, "src/net/http/http.go", "package http").path
	path, err := writeOverlay(root, goroot, file)
	if err != nil {
		t.Fatal(err)
	}
	overlay := readOverlay(t, path)
	if hidden, ok := overlay[server]; !ok || hidden != "" {
		t.Errorf("server.go becomes %q", hidden)
	}
	if overlay[first] != stub || len(overlay) != 2 {
		t.Errorf("the overlay is %v", overlay)
	}
	if _, err := writeOverlay(root, t.TempDir(), file); err == nil {
		t.Error("a GOROOT without source went unnoticed")
	}
	if _, err := writeOverlay(t.TempDir(), goroot, file); err == nil {
		t.Error("a build without our packages went unnoticed")
	}
	write(t, root, "backend/pack/stub/net/http/more.go", "package http")
	if _, err := writeOverlay(root, goroot, file); err == nil {
		t.Error("a second file went unnoticed")
	}
}

func readOverlay(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var overlay struct{ Replace map[string]string }
	if err := json.Unmarshal(data, &overlay); err != nil {
		t.Fatal(err)
	}
	return overlay.Replace
}

const (
	goapp     = "github.com/maxence-charriere/go-app/v10/pkg/app"
	uuid      = "github.com/google/uuid"
	websocket = "github.com/coder/websocket"
)

// importers are those who name a package that is replaced in the tab. Each was looked
// at: what it would call there is not called by us.
var importers = map[string][]string{
	"regexp":                        {goapp},                                         // RouteWithRegexp, which app/run.go calls with .* alone
	"crypto/aes":                    {goapp},                                         // Context.Encrypt, Decrypt and encrypted states
	"crypto/cipher":                 {"crypto/aes", "crypto/internal/boring", goapp}, // the same; boring is not for WebAssembly
	"crypto/md5":                    {uuid},                                          // NewMD5
	"crypto/sha1":                   {uuid, goapp},                                   // NewSHA1; Handler
	"database/sql/driver":           {uuid},                                          // the type Value
	"net":                           {websocket},                                     // ErrClosed; NetConn
	"net/http":                      {websocket, goapp},                              // the mock of a response; Handler
	"crypto/internal/fips140/aes":   {"crypto/internal/fips140/drbg"},                // the mode of FIPS 140
	"crypto/internal/fips140/check": {"crypto/internal/fips140/drbg"},                // the mode of FIPS 140
	"crypto/internal/fips140only":   {"crypto/rand"},                                 // Int and Prime
}

// Whoever else comes to need a package that is replaced must be looked at first.
func TestOnlyTheseNeedStubs(t *testing.T) {
	packages, err := stubbed("stub")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, p := range tab(t) {
		for _, name := range p.Imports {
			if packages[name] != "" {
				got[name] = append(got[name], p.ImportPath)
			}
		}
	}
	for name := range packages {
		slices.Sort(got[name])
		if !slices.Equal(got[name], importers[name]) {
			t.Errorf("%s is imported by %q, want %q", name, got[name], importers[name])
		}
	}
	if len(packages) != len(importers) {
		t.Errorf("%d packages are replaced, %d looked at", len(packages), len(importers))
	}
}

// calls are the ways from our code into a package that is replaced.
var calls = []string{
	"Encrypt", "Decrypt", "PersistWithEncryption", "SetState", "GetState", "ObserveState",
	"NewMD5", "NewSHA1", "NewHash",
	"NetConn",
	"Prime", // of crypto/rand; its Int is looked for apart, since that is a common name
}

// What would need the real package is not called in the tab.
func TestTabCallsNoStub(t *testing.T) {
	ours := 0
	for _, p := range tab(t) {
		if !strings.HasPrefix(p.ImportPath, "maru/") {
			continue
		}
		for _, name := range p.GoFiles {
			ours++
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				of, _ := call.X.(*ast.Ident)
				if slices.Contains(calls, call.Sel.Name) || call.Sel.Name == "Int" && of != nil && of.Name == "rand" {
					t.Errorf("%s/%s calls %s, which needs a package that is replaced", p.ImportPath, name, call.Sel.Name)
				}
				return true
			})
		}
	}
	if ours < 50 {
		t.Errorf("only %d files of ours were looked at", ours)
	}
}

type imported struct {
	ImportPath, Dir  string
	Imports, GoFiles []string
}

// tab lists the packages of the WebAssembly as it is built.
func tab(t *testing.T) []imported {
	t.Helper()
	root := filepath.Join("..", "..")
	goroot, err := goRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := writeOverlay(root, goroot, filepath.Join(t.TempDir(), "overlay.json"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "list", "-deps", "-overlay", overlay, "-json=ImportPath,Dir,Imports,GoFiles", "./wasm")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []imported
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p imported
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
