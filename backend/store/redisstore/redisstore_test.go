package redisstore

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"

	"maru/backend/store"
	"maru/backend/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wait is how long a test waits for what must happen.
const wait = 20 * time.Second

// prefixes numbers the prefixes of stores, so that tests share a Redis.
var prefixes atomic.Int64

// open opens a store until the end of t. Without a prefix it is a new one.
func open(t testing.TB, address string, o Options) *Store {
	t.Helper()
	if o.Prefix == "" {
		o.Prefix = fmt.Sprint("test", prefixes.Add(1))
	}
	s, err := Open(t.Context(), address, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// server is a redis-server of the test's own.
type server struct {
	dir  string
	args []string
	cmd  *exec.Cmd
}

// startServer starts a redis-server until the end of t. Without one on this
// machine the test fails: what miniredis does is not proof.
func startServer(t testing.TB, args ...string) *server {
	t.Helper()
	// The path of a socket must be short.
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatal(err)
	}
	r := &server{dir: dir, args: args}
	t.Cleanup(func() {
		r.kill(t)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	r.start(t)
	return r
}

func (r *server) socket() string  { return filepath.Join(r.dir, "s") }
func (r *server) address() string { return "unix://" + r.socket() }

// start returns when the server listens.
func (r *server) start(t testing.TB) {
	t.Helper()
	r.cmd = exec.Command("redis-server", append([]string{"--port", "0", "--unixsocket", r.socket(),
		"--dir", r.dir, "--save", "", "--enable-debug-command", "yes"}, r.args...)...)
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal("redis-server is needed (backend/e2e/setup installs it): ", err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(ready)
		var all strings.Builder
		buf := make([]byte, 4096)
		told := false
		for {
			n, err := out.Read(buf)
			if all.Write(buf[:n]); !told && strings.Contains(all.String(), "ready to accept connections at") {
				told = true
				ready <- ""
			}
			if err != nil {
				if !told {
					ready <- all.String()
				}
				return
			}
		}
	}()
	select {
	case said := <-ready:
		if said != "" {
			t.Fatal("redis-server ended: ", said)
		}
	case <-time.After(wait):
		t.Fatal("redis-server does not start")
	}
}

// kill kills the server as a loss of power does.
func (r *server) kill(t testing.TB) {
	if r.cmd == nil {
		return
	}
	if err := r.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = r.cmd.Wait() // it was killed
	r.cmd = nil
}

// harness opens stores in one Redis for storetest.
type harness struct{ address string }

func (h harness) Open(t *testing.T, now func() time.Time) store.Store {
	return open(t, h.address, Options{Now: now})
}

func (h harness) Reopen(t *testing.T, s store.Store) store.Store {
	old := s.(*Store)
	return open(t, h.address, Options{Now: old.opt.Now, Prefix: old.opt.Prefix})
}

func TestLawsMiniredis(t *testing.T) {
	m := miniredis.RunT(t)
	storetest.Run(t, harness{"redis://" + m.Addr()})
}

func TestLawsRedis(t *testing.T) {
	storetest.Run(t, harness{startServer(t).address()})
}
