// Package rig starts what a run needs and breaks it on command: a Redis, any
// number of instances of the real binary, and a balancer before them that
// spreads every single request.
//
// It promises that nothing of it runs any more when its Close has returned. It
// knows nothing of what is said over the connections.
package rig

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one running program, with what it said kept in a file.
type process struct {
	cmd  *exec.Cmd
	said *os.File
	done chan struct{} // closed when it has ended
}

// run starts a program in folder; first, if it is not nil, gets the first line
// it prints.
func run(folder, log string, env []string, first *string, name string, args ...string) (*process, error) {
	said, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(name, args...), said: said, done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env, p.cmd.Stderr = folder, env, said
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(err, said.Close())
	}
	lines := bufio.NewReader(out)
	if first != nil {
		*first, err = lines.ReadString('\n')
	}
	go p.wait(lines)
	if err != nil {
		p.kill()
		return nil, fmt.Errorf("%s printed nothing: %w; see %s", name, err, log)
	}
	return p, nil
}

func (p *process) wait(rest io.Reader) {
	_, _ = io.Copy(p.said, rest) // it ends with the process
	_ = p.cmd.Wait()             // how it ended is of no interest: it is told to
	_ = p.said.Close()
	close(p.done)
}

// kill ends the process as a crash does, and returns when it is gone.
func (p *process) kill() {
	p.signal(syscall.SIGCONT) // a process that is paused dies late
	p.signal(syscall.SIGKILL)
	<-p.done
}

// signal is passed on; that the process is gone already is no error.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// end asks the process to end, and kills it if it has not after patience. It
// tells whether that was needed.
func (p *process) end(patience time.Duration) (killed bool) {
	p.signal(syscall.SIGTERM)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-p.done:
		return false
	case <-timer.C:
		p.kill()
		return true
	}
}

// Instance is one server process. Its methods are safe for concurrent use, but
// only one of Start, Kill and Term runs at a time.
type Instance struct {
	Name string
	// Binary, Folder, Store and Env are how it is started: Env is added to
	// what it needs.
	Binary, Folder, Store string
	Env                   []string

	turn sync.Mutex

	mu   sync.Mutex
	addr string // host:port, the same from the first start on
	p    *process
}

// secret signs the tokens of a run, whose people are not real.
const secret = "MARU_SECRET=the-secret-of-a-run-that-nobody-needs"

// Start runs the binary and waits until it listens.
func (i *Instance) Start() error {
	i.turn.Lock()
	defer i.turn.Unlock()
	_, port, _ := strings.Cut(i.Addr(), ":")
	if port == "" {
		port = "0"
	}
	env := append([]string{"PORT=" + port, "MARU_STORE=" + i.Store, secret, "MARU_TRUSTED_PROXIES=127.0.0.1/32",
		"HOME=" + i.Folder, "PATH=" + os.Getenv("PATH")}, i.Env...)
	var first string
	p, err := run(i.Folder, i.log(), env, &first, i.Binary)
	if err != nil {
		return fmt.Errorf("start %s: %w", i.Name, err)
	}
	_, address, ok := strings.Cut(strings.TrimSpace(first), "http://localhost:")
	if !ok {
		p.kill()
		return fmt.Errorf("start %s: it says %q instead of its address; see %s", i.Name, first, i.log())
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.addr, i.p = "127.0.0.1:"+address, p
	return nil
}

func (i *Instance) log() string { return i.Folder + "/" + i.Name + ".log" }

// Addr is where it listens, or did.
func (i *Instance) Addr() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.addr
}

func (i *Instance) take() *process {
	i.mu.Lock()
	defer i.mu.Unlock()
	p := i.p
	i.p = nil
	return p
}

// Kill ends it by SIGKILL.
func (i *Instance) Kill() {
	i.turn.Lock()
	defer i.turn.Unlock()
	if p := i.take(); p != nil {
		p.kill()
	}
}

// drainTime is within which an instance must be gone that was told to go.
const drainTime = 12 * time.Second

// ErrStays tells that an instance did not end in its time.
var ErrStays = errors.New("rig: an instance that was told to go did not")

// Term ends it by SIGTERM and waits until it is gone.
func (i *Instance) Term() error {
	i.turn.Lock()
	defer i.turn.Unlock()
	if p := i.take(); p != nil && p.end(drainTime) {
		return fmt.Errorf("%w: %s", ErrStays, i.Name)
	}
	return nil
}

// Died tells that it ended although nobody told it to.
func (i *Instance) Died() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.p == nil {
		return false
	}
	select {
	case <-i.p.done:
		return true
	default:
		return false
	}
}

// Pause stops it where it is, as a machine does that swaps; Resume lets it go on.
func (i *Instance) Pause() { i.send(syscall.SIGSTOP) }

// Resume ends a Pause.
func (i *Instance) Resume() { i.send(syscall.SIGCONT) }

func (i *Instance) send(s syscall.Signal) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.p != nil {
		i.p.signal(s)
	}
}
