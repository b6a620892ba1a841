package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"maru/app/engineio"
	"maru/app/socketio"
	"maru/app/wire/eio"
	"maru/app/wire/event"
	"maru/backend/chaos/rig"
	limits "maru/backend/engineio"
)

// storm is many clients that lose one server at once.
type storm struct {
	begin time.Time
	http  *http.Client

	mu    sync.Mutex
	tried []time.Duration // when somebody asked for a session
	let   []time.Duration // when a session was opened
	in    map[int]bool    // who is connected
	back  []time.Duration // when somebody was connected again
}

func stormCommand(ctx context.Context, args []string) (err error) {
	f := flag.NewFlagSet("storm", flag.ExitOnError)
	binary := f.String("binary", "bin/maru", "the server")
	clients := f.Int("clients", 1000, "how many clients")
	down := f.Duration("down", time.Second, "how long the server is away")
	patience := f.Duration("patience", 3*time.Minute, "within which all must be back")
	if err := f.Parse(args); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "maru-storm-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path, err := filepath.Abs(*binary)
	if err != nil {
		return err
	}
	server := &rig.Instance{Name: "server", Binary: path, Folder: folder, Store: "sqlite:" + folder + "/maru.db"}
	if err := server.Start(); err != nil {
		return err
	}
	defer server.Kill()
	s := &storm{in: map[int]bool{}, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}}
	s.reset()
	stop := s.start(server.Addr(), *clients)
	defer stop()
	if err := s.wait(ctx, *clients, *patience); err != nil {
		return fmt.Errorf("at first: %w", err)
	}
	fmt.Printf("clients            %d, every second one on polling alone, the others on WebSocket\n", *clients)
	fmt.Printf("at first           all are in after %v\n", s.last())
	server.Kill()
	s.reset()
	timer := time.NewTimer(*down)
	defer timer.Stop()
	<-timer.C
	if err := server.Start(); err != nil {
		return err
	}
	up := time.Since(s.begin)
	err = s.wait(ctx, *clients, *patience)
	return errors.Join(err, s.report(*clients, up))
}

// reset begins anew: nothing has been tried, and nobody is in.
func (s *storm) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin = time.Now()
	s.tried, s.let, s.back = nil, nil, nil
	clear(s.in)
}

// start starts clients. stop ends them and waits for it.
func (s *storm) start(addr string, clients int) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for n := range clients {
		o := engineio.Options{}
		if n%2 == 1 {
			o.Only = eio.Polling
		}
		c := &stormClient{storm: s, n: n, header: http.Header{"X-Forwarded-For": {fmt.Sprintf("10.3.%d.%d", n/250, n%250+1)}}}
		o.Dial, o.HTTP = c.dial, c.do
		m := socketio.New(socketio.Options{URL: "ws://" + addr + event.Path, Engine: o, Observer: c})
		m.Socket(event.Chat, func() []byte { return event.Auth{Keeps: true}.Append(nil) })
		running.Go(func() { _ = m.Run(ctx) }) // it ends with ctx
	}
	return func() {
		cancel()
		running.Wait()
		s.http.CloseIdleConnections()
	}
}

// stormClient counts what one client does.
type stormClient struct {
	storm  *storm
	n      int
	header http.Header
}

func (c *stormClient) dial(ctx context.Context, url string) (engineio.Conn, error) {
	opens := !strings.Contains(url, "sid=")
	if opens {
		c.storm.note(&c.storm.tried)
	}
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPHeader: c.header, HTTPClient: c.storm.http})
	if err != nil {
		return nil, err
	}
	if opens {
		c.storm.note(&c.storm.let)
	}
	return conn, nil
}

func (c *stormClient) do(ctx context.Context, method, url string, body []byte) (int, []byte, error) {
	opens := !strings.Contains(url, "sid=")
	if opens {
		c.storm.note(&c.storm.tried)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header = c.header.Clone()
	response, err := c.storm.http.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	if opens && response.StatusCode == http.StatusOK {
		c.storm.note(&c.storm.let)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return response.StatusCode, answer, err
}

// Connected implements socketio.Observer.
func (c *stormClient) Connected(up bool) {
	s := c.storm
	s.mu.Lock()
	defer s.mu.Unlock()
	if !up {
		delete(s.in, c.n)
		return
	}
	s.in[c.n] = true
	s.back = append(s.back, time.Since(s.begin))
}

// Answered implements socketio.Observer.
func (c *stormClient) Answered(time.Duration) {}

func (s *storm) note(times *[]time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*times = append(*times, time.Since(s.begin))
}

// last is when the last one was connected.
func (s *storm) last() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.back[len(s.back)-1].Round(time.Millisecond)
}

func (s *storm) wait(ctx context.Context, clients int, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		s.mu.Lock()
		in := len(s.in)
		s.mu.Unlock()
		if in == clients {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%d of %d are in after %v: %w", in, clients, patience, ctx.Err())
		}
	}
}

// report prints how all came back, and looks whether the server kept its limit.
func (s *storm) report(clients int, up time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Printf("kill -9            the server listens again after %v\n", up.Round(time.Millisecond))
	for _, share := range []int{10, 50, 90, 99, 100} {
		if n := clients * share / 100; n > 0 && n <= len(s.back) {
			fmt.Printf("  %3d %% are back   after %v\n", share, s.back[n-1].Round(10*time.Millisecond))
		}
	}
	fmt.Printf("sessions asked for %d, at most %d within 100 ms, at most %d within a second\n", len(s.tried), most(s.tried, 100*time.Millisecond), most(s.tried, time.Second))
	fmt.Printf("  by the second    %v\n", bySecond(s.tried))
	fmt.Printf("sessions let in    %d, at most %d within a second; the limit is %d a second after %d at once\n", len(s.let), most(s.let, time.Second), limits.DefaultAcceptRate, limits.DefaultAcceptBurst)
	fmt.Printf("  by the second    %v\n", bySecond(s.let))
	if over := excess(s.let, limits.DefaultAcceptRate, limits.DefaultAcceptBurst); over > 0 {
		return fmt.Errorf("the server let in %.0f more than its limit says", over)
	}
	return nil
}

// most is the largest number of times within a window.
func most(times []time.Duration, window time.Duration) (n int) {
	for i, j := 0, 0; j < len(times); j++ {
		for times[j]-times[i] >= window {
			i++
		}
		n = max(n, j-i+1)
	}
	return n
}

func bySecond(times []time.Duration) (counts []int) {
	for _, t := range times {
		for int(t/time.Second) >= len(counts) {
			counts = append(counts, 0)
		}
		counts[t/time.Second]++
	}
	return counts
}

// late is how much later than the server decides a client hears of it, at most.
const late = 200 * time.Millisecond

// excess is by how much times overdraw a bucket of burst tokens that gains rate
// in a second, beyond what hearing of it late explains.
func excess(times []time.Duration, rate, burst float64) (over float64) {
	tokens, before := burst, time.Duration(0)
	for _, t := range times {
		tokens = min(burst, tokens+rate*(t-before).Seconds()) - 1
		before = t
		over = max(over, -tokens-rate*late.Seconds())
	}
	return max(over, 0)
}
