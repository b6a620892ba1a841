// Package redistest starts real Redis servers for tests. Where redis-server is
// not installed a test that needs it fails: what an imitation does is not proof.
package redistest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// wait is how long a server may take to start.
const wait = 30 * time.Second

// Server is a redis-server with a folder of its own. Its methods are for one
// goroutine.
type Server struct {
	dir  string
	port int
	args []string
	cmd  *exec.Cmd
	out  *output
}

// Start starts a server that is killed at the end of t. It listens on a socket
// and on a port and keeps nothing on disk; args are options of redis-server, which
// count more.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	// The path of a socket is limited to some hundred bytes.
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{dir: dir, port: FreePort(t), args: args}
	t.Cleanup(func() {
		s.Kill(t)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s.Restart(t)
	return s
}

// FreePort is a port of the loopback that nobody listens on just now.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // nobody has connected
	return l.Addr().(*net.TCPAddr).Port
}

// Dir is the server's folder.
func (s *Server) Dir() string { return s.dir }

// Port is the port of the loopback that the server listens on.
func (s *Server) Port() int { return s.port }

// Addr is the host and port that the server listens on.
func (s *Server) Addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// URL is the address of the server's socket.
func (s *Server) URL() string { return "unix://" + s.socket() }

func (s *Server) socket() string { return filepath.Join(s.dir, "s") }

// Restart starts the server again after Kill, on what it has on disk, and
// returns when it listens.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	s.run(t, "eady to accept connections", append([]string{"--bind", "127.0.0.1", "--port", fmt.Sprint(s.port),
		"--unixsocket", s.socket(), "--dir", s.dir, "--save", "", "--repl-diskless-sync-delay", "0"}, s.args...)...)
}

// Sentinel starts a Sentinel that watches master under the name "maru" and
// decides alone, half a second after it was heard last. It ends with t.
func Sentinel(t testing.TB, master *Server) *Server {
	t.Helper()
	s := &Server{dir: t.TempDir(), port: FreePort(t)}
	t.Cleanup(func() { s.Kill(t) })
	conf := filepath.Join(s.dir, "sentinel.conf")
	text := fmt.Sprintf("bind 127.0.0.1\nport %d\ndir %s\nsentinel monitor maru 127.0.0.1 %d 1\n"+
		"sentinel down-after-milliseconds maru 500\nsentinel failover-timeout maru 3000\n", s.port, s.dir, master.port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "+monitor master maru", conf, "--sentinel")
	return s
}

// run starts the server, and returns when it has said that it is ready.
func (s *Server) run(t testing.TB, ready string, args ...string) {
	t.Helper()
	s.out = &output{marker: []byte(ready), ready: make(chan struct{})}
	s.cmd = exec.Command("redis-server", args...)
	s.cmd.Stdout = s.out
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		t.Fatal("redis-server is needed (backend/e2e/setup installs it): ", err)
	}
	select {
	case <-s.out.ready:
	case <-time.After(wait):
		t.Fatal("redis-server does not start")
	}
}

// Kill ends the server as a crash does. It does nothing if it is not running.
func (s *Server) Kill(t testing.TB) {
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = s.cmd.Wait() // it was killed
	s.cmd = nil
}

// Pause stops the server in the midst of what it does, until Resume.
func (s *Server) Pause(t testing.TB) { s.signal(t, syscall.SIGSTOP) }

// Resume lets the server go on after Pause.
func (s *Server) Resume(t testing.TB) { s.signal(t, syscall.SIGCONT) }

func (s *Server) signal(t testing.TB, sig syscall.Signal) {
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Error(err)
	}
}

// output looks for the line that says that the server is ready.
type output struct {
	marker []byte
	tail   []byte
	found  bool
	ready  chan struct{}
}

var _ io.Writer = (*output)(nil)

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	if o.found {
		return len(p), nil
	}
	if o.tail = append(o.tail, p...); bytes.Contains(o.tail, o.marker) {
		o.found, o.tail = true, nil
		close(o.ready)
	}
	return len(p), nil
}
