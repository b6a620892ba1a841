package faultproxy

import (
	"bufio"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo serves lines back until the end of t.
func echo(t *testing.T, network, address string) string {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c) // a cut is what is tested
				_ = c.Close()
			}()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

func start(t *testing.T, target string) *Proxy {
	t.Helper()
	p, err := Listen(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// peer is a client of the echo server.
type peer struct {
	net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, p *Proxy) peer {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return peer{c, bufio.NewReader(c)}
}

// ask sends a line and returns what comes back within d.
func (c peer) ask(t *testing.T, line string, d time.Duration) (string, error) {
	t.Helper()
	if _, err := io.WriteString(c, line+"\n"); err != nil {
		return "", err
	}
	return c.hear(d)
}

func (c peer) hear(d time.Duration) (string, error) {
	_ = c.SetReadDeadline(time.Now().Add(d)) // the read tells if it failed
	return c.r.ReadString('\n')
}

const long = 10 * time.Second

func TestPasses(t *testing.T) {
	dir, err := os.MkdirTemp("", "proxy")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	for _, target := range []string{echo(t, "tcp", "127.0.0.1:0"), "unix:" + echo(t, "unix", filepath.Join(dir, "s"))} {
		c := dial(t, start(t, target))
		for _, line := range []string{"a", "b"} {
			if got, err := c.ask(t, line, long); got != line+"\n" {
				t.Errorf("%s: %q, %v", target, got, err)
			}
		}
	}
}

func TestCut(t *testing.T) {
	p := start(t, echo(t, "tcp", "127.0.0.1:0"))
	a, b := dial(t, p), dial(t, p)
	for _, c := range []peer{a, b} {
		if _, err := c.ask(t, "hello", long); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.ask(t, "subscribe", long); err != nil {
		t.Fatal(err)
	}
	p.Only("subscribe")
	if n := p.Cut(); n != 1 {
		t.Errorf("%d connections were cut, want 1", n)
	}
	if got, err := a.ask(t, "gone", long); err == nil {
		t.Errorf("the connection that was meant answers %q", got)
	}
	if got, err := b.ask(t, "here", long); got != "here\n" {
		t.Errorf("the other one: %q, %v", got, err)
	}
}

func TestBlackhole(t *testing.T) {
	for _, direction := range [][2]bool{{true, false}, {false, true}} {
		p := start(t, echo(t, "tcp", "127.0.0.1:0"))
		c := dial(t, p)
		if _, err := c.ask(t, "before", long); err != nil {
			t.Fatal(err)
		}
		p.Blackhole(direction[0], direction[1])
		if got, err := c.ask(t, "held", 50*time.Millisecond); err == nil {
			t.Errorf("%v: %q came through", direction, got)
		}
		p.Blackhole(false, false)
		if got, err := c.hear(long); got != "held\n" {
			t.Errorf("%v: after the end of it: %q, %v", direction, got, err)
		}
	}
}

func TestHold(t *testing.T) {
	p := start(t, echo(t, "tcp", "127.0.0.1:0"))
	old := dial(t, p)
	if _, err := old.ask(t, "before", long); err != nil {
		t.Fatal(err)
	}
	p.Hold()
	if got, err := old.ask(t, "held", 50*time.Millisecond); err == nil {
		t.Errorf("%q came through", got)
	}
	if got, err := dial(t, p).ask(t, "new", long); got != "new\n" {
		t.Errorf("a new connection: %q, %v", got, err)
	}
}

func TestDelay(t *testing.T) {
	p := start(t, echo(t, "tcp", "127.0.0.1:0"))
	c := dial(t, p)
	p.Delay(30 * time.Millisecond)
	began := time.Now()
	if got, err := c.ask(t, "late", long); got != "late\n" || time.Since(began) < 60*time.Millisecond {
		t.Errorf("%q after %v, %v", got, time.Since(began), err)
	}
}

func TestLoseReplies(t *testing.T) {
	p := start(t, echo(t, "tcp", "127.0.0.1:0"))
	p.LoseReplies(1)
	if got, err := dial(t, p).ask(t, "lost", long); err == nil {
		t.Errorf("%q came back", got)
	}
	p.LoseReplies(0)
	if got, err := dial(t, p).ask(t, "found", long); got != "found\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTarget(t *testing.T) {
	p := start(t, "127.0.0.1:1")
	if _, err := dial(t, p).ask(t, "nobody", long); err == nil {
		t.Error("somebody answers")
	}
	p.Target(echo(t, "tcp", "127.0.0.1:0"))
	if got, err := dial(t, p).ask(t, "somebody", long); got != "somebody\n" {
		t.Errorf("%q, %v", got, err)
	}
}
