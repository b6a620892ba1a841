package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// ban forbids that packages below from depend on packages below to, except
// some. Tests of the product may reach where the product itself may not.
type ban struct {
	from, to string
	free     []string // packages below from that it does not concern
	except   []string
	why      string
	product  bool // tests are free
}

// trials try the product out from outside, as people do, with the product's own
// client: so they stand above both halves, and nothing may stand on them.
const trials = "maru/backend/chaos"

var bans = []ban{
	{from: "maru/app", to: "maru/backend", why: "no server dependency may reach the tab"},
	{from: "maru/wasm", to: "maru/backend", why: "no server dependency may reach the tab"},
	{from: "maru/backend", to: "maru/app", free: []string{trials}, except: []string{"maru/app/wire"}, product: true, why: "the server shares the bytes with the tab, nothing more"},
	{from: "maru/backend", to: trials, free: []string{trials}, why: "what tries the product out is no part of it"},
	{from: trials, to: "github.com/maxence-charriere", why: "a run shows no pages"},
	{from: trials + "/rig", to: "maru/app", why: "what starts and breaks processes knows nothing of what they say"},
	{from: trials + "/judge", to: "maru", except: []string{trials + "/judge"}, why: "who judges knows nothing of who is judged"},
	{from: trials + "/judge", to: "net", why: "a judge only reads"},
	{from: "maru/backend", to: "maru/wasm", why: "the program in the tab is built for another machine"},
	{from: "maru/app/wire", to: "net", why: "the wire knows no I/O"},
	{from: "maru/app/wire/eio", to: "maru", except: []string{"maru/app/wire/eio"}, why: "Engine.IO knows nothing above it"},
	{from: "maru/app/wire/sio", to: "maru", except: []string{"maru/app/wire/sio"}, why: "Socket.IO's packets stand on messages, whatever carries them"},
	{from: "maru/app/engineio", to: "maru/app", except: []string{"maru/app/engineio", "maru/app/wire/eio"}, why: "floor 1 knows no floor above it"},
	{from: "maru/app/socketio", to: "maru/app", except: []string{"maru/app/socketio", "maru/app/engineio", "maru/app/wire/eio", "maru/app/wire/sio"}, why: "floor 2 knows no chat"},
	{from: "maru/app/chat", to: "github.com/maxence-charriere", why: "what the chat knows does not depend on how it looks"},
	{from: "maru/app/socketio", to: "github.com/maxence-charriere", why: "go-app is for components alone"},
	{from: "maru/app/probe", to: "github.com/maxence-charriere", why: "measuring does not depend on how it looks"},
	{from: "maru/app/probe", to: "maru/app/chat", why: "measuring knows no rooms"},
	{from: "maru/backend/engineio", to: "maru/backend", except: []string{"maru/backend/engineio"}, why: "floor 1 knows no floor above it"},
	{from: "maru/backend/engineio", to: "maru/app", except: []string{"maru/app/wire/eio"}, why: "Engine.IO knows no Socket.IO"},
	{from: "maru/backend/socketio", to: "maru/backend", except: []string{"maru/backend/socketio", "maru/backend/engineio"}, why: "floor 2 knows no chat"},
	{from: "maru/backend/chat", to: "maru/backend", except: []string{"maru/backend/chat", "maru/backend/store"}, why: "the rules know no socket"},
	{from: "maru/backend/chat", to: "net/http", why: "the rules know no socket"},
	{from: "maru/backend/limit", to: "maru", except: []string{"maru/backend/limit"}, why: "what counts does not know what is counted"},
	{from: "maru/backend/store", to: "maru", except: []string{"maru/backend/store"}, why: "a store knows no rules of the chat"},
	{from: "maru/backend/store/memsessions", to: "net", why: "sessions in memory need no I/O"},
	{from: "maru/backend/store/moves", to: "maru/backend/store/memsessions", why: "what brings a Move knows no store"},
	{from: "maru/backend/store/moves", to: "maru/backend/store/redisstore", why: "what brings a Move knows no store"},
	{from: "maru", to: "github.com/maxence-charriere", except: []string{}, why: "only app and wasm show pages"},
}

// mayShow are the packages that go-app is for.
var mayShow = map[string]bool{"maru/app": true, "maru/wasm": true}

type listed struct {
	ImportPath  string
	Deps        []string
	TestImports []string
	XTestImport []string `json:"XTestImports"`
}

// The arrows between the packages point only where ARCHITECTURE.md says.
func TestLayers(t *testing.T) {
	packages := list(t)
	if len(packages) < 10 {
		t.Fatalf("go list finds only %d packages", len(packages))
	}
	for _, p := range packages {
		for _, b := range bans {
			if !under(p.ImportPath, b.from) || exempt(p.ImportPath, b.free) || b.from == "maru" && mayShow[p.ImportPath] {
				continue
			}
			for _, dep := range p.reaches(b.product) {
				if under(dep, b.to) && !exempt(dep, b.except) {
					t.Errorf("%s depends on %s: %s", p.ImportPath, dep, b.why)
				}
			}
		}
	}
}

func (p listed) reaches(product bool) []string {
	if product {
		return p.Deps
	}
	return append(append(append([]string(nil), p.Deps...), p.TestImports...), p.XTestImport...)
}

func under(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func exempt(path string, except []string) bool {
	for _, e := range except {
		if under(path, e) {
			return true
		}
	}
	return false
}

func list(t *testing.T) []listed {
	t.Helper()
	var all []listed
	for _, target := range []struct{ os, arch, pattern string }{{"linux", "amd64", "./..."}, {"js", "wasm", "maru/wasm"}} {
		cmd := exec.Command("go", "list", "-json=ImportPath,Deps,TestImports,XTestImports", target.pattern)
		cmd.Dir = ".."
		cmd.Env = append(cmd.Environ(), "GOOS="+target.os, "GOARCH="+target.arch)
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go list %s: %v", target.pattern, err)
		}
		for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
			var p listed
			if err := dec.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			all = append(all, p)
		}
	}
	return all
}
