package e2e

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// server is one running binary, in a folder of its own with nothing beside it.
type server struct {
	t      testing.TB
	folder string
	url    string
	port   string
	env    []string // beside the usual
	cmd    *exec.Cmd
	log    *logBuffer
}

// logBuffer keeps what the server logs, for the report of a failed test.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// startServer runs the binary on a free port until the test ends.
func startServer(t testing.TB, env ...string) *server {
	t.Helper()
	s := &server{t: t, folder: t.TempDir(), port: "0", env: env, log: &logBuffer{}}
	s.start()
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the server said:\n%s", s.log)
		}
	})
	return s
}

// start runs the binary on the data that are there, and waits until it listens.
// After the first time the port stays the same.
func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.Command(binary)
	s.cmd.Dir = s.folder
	s.cmd.Env = append([]string{"PORT=" + s.port, "HOME=" + s.folder, "PATH=" + os.Getenv("PATH")}, s.env...)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.t.Fatalf("the server printed no address: %v\n%s", err, s.log)
	}
	_, address, found := strings.Cut(strings.TrimSpace(line), "http://")
	if !found {
		s.t.Fatalf("the server printed %q, want its address", line)
	}
	s.url = "http://" + address
	s.port = address[strings.LastIndexByte(address, ':')+1:]
}

// kill ends the server as a crash would, without a word to anybody.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Errorf("kill the server: %v", err)
	}
	_ = s.cmd.Wait() // it tells of the kill
	s.cmd = nil
}
