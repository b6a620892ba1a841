package rig

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// Redis is a redis-server of its own, which writes each command to its file and
// syncs it before it answers (appendonly, appendfsync always). Its methods are
// safe for concurrent use, but only one of Start, Kill and Shutdown runs at a
// time.
type Redis struct {
	folder, port string

	mu sync.Mutex
	p  *process
}

// NewRedis prepares a Redis that keeps its data in folder, on a free port.
func NewRedis(folder string) (*Redis, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, fmt.Errorf("redis-server is needed (on Debian and Ubuntu: apt-get install redis-server): %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return &Redis{folder: folder, port: port}, l.Close()
}

// Addr is where it listens.
func (r *Redis) Addr() string { return "127.0.0.1:" + r.port }

// startTime is how long a Redis may take until it has read its file.
const startTime = 20 * time.Second

// Start runs it and waits until it answers.
func (r *Redis) Start() error {
	p, err := run(r.folder, r.folder+"/redis.log", os.Environ(), nil, "redis-server",
		"--port", r.port, "--bind", "127.0.0.1", "--dir", r.folder, "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--daemonize", "no")
	if err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	r.mu.Lock()
	r.p = p
	r.mu.Unlock()
	deadline := time.NewTimer(startTime)
	defer deadline.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !r.answers() {
		select {
		case <-p.done:
			return fmt.Errorf("redis-server ended at once; see %s/redis.log", r.folder)
		case <-deadline.C:
			return fmt.Errorf("redis-server on port %s does not answer after %v", r.port, startTime)
		case <-tick.C:
		}
	}
	return nil
}

// answers tells whether it is there and has read its file: until then it says
// LOADING.
func (r *Redis) answers() bool {
	c, err := net.DialTimeout("tcp", r.Addr(), time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	answer := make([]byte, len("+PONG"))
	if _, err := c.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	_, err = io.ReadFull(c, answer)
	return err == nil && string(answer) == "+PONG"
}

func (r *Redis) take() *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.p
	r.p = nil
	return p
}

// Kill ends it by SIGKILL.
func (r *Redis) Kill() {
	if p := r.take(); p != nil {
		p.kill()
	}
}

// Shutdown ends it in good order.
func (r *Redis) Shutdown() {
	if p := r.take(); p != nil {
		p.end(startTime)
	}
}

// Pause stops it where it is; Resume lets it go on.
func (r *Redis) Pause() { r.send(syscall.SIGSTOP) }

// Resume ends a Pause.
func (r *Redis) Resume() { r.send(syscall.SIGCONT) }

func (r *Redis) send(s syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.p != nil {
		r.p.signal(s)
	}
}
