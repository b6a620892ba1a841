package engineio_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/engineio"
	"maru/app/engineio/enginetest"
)

var upgradable = strings.Replace(enginetest.Open, `"upgrades":[]`, `"upgrades":["websocket"]`, 1)

func TestUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, kept, told := enginetest.New(), &memory{}, 0
		s, peer := dialPollingWith(t, server, engineio.Options{Memory: kept, Upgraded: func() { told++ }}, upgradable)
		ws := server.Next()
		if want := "ws://host/socket.io/?EIO=4&transport=websocket&sid=s%2B1"; ws.URL != want {
			t.Errorf("URL = %s; want %s", ws.URL, want)
		}
		wantFrames(t, ws, "2probe")
		peer.Send("4a")
		wantMessages(t, s, "a")
		synctest.Wait()
		ws.Send("3probe")
		synctest.Wait()
		send(t, s, "while the GET is open")
		wantFrames(t, peer, "4while the GET is open")
		release := peer.Hold()
		send(t, s, "under way")
		synctest.Wait()
		peer.Send("6")
		synctest.Wait()
		send(t, s, "waits")
		synctest.Wait()
		if peer.Polled() || s.Transport() != "polling" || told != 0 {
			t.Errorf("polled: %t, by %s, told %d times; want a pause", peer.Polled(), s.Transport(), told)
		}
		ws.Send("4b")
		release()
		wantFrames(t, ws, "5", "4waits")
		wantFrames(t, peer, "4under way")
		wantMessages(t, s, "b")
		noted(t, kept, "websocket")
		if s.Transport() != "websocket" || told != 1 || len(peer.Posts()) != 2 || peer.Overlapped() {
			t.Errorf("by %s, told %d times, POSTs %q", s.Transport(), told, peer.Posts())
		}
		requests := server.Requests()
		ws.Send("2")
		wantFrames(t, ws, "3")
		s.Upgrade() // it has its WebSocket
		time.Sleep(patience - 1)
		s.Close("done")
		wantFrames(t, ws, "1", "closed")
		if server.Requests() != requests || server.Dials() != 1 {
			t.Errorf("%d requests after the upgrade, %d WebSockets", server.Requests()-requests, server.Dials())
		}
	})
}

func send(t *testing.T, s *engineio.Session, words string) {
	t.Helper()
	if err := s.Send(text(words)); err != nil {
		t.Fatal(err)
	}
}

// hop is a server that upgrades a session while messages fly both ways.
type hop struct {
	poll *enginetest.Peer
	done chan bool // whether the upgrade went by the book

	mu    sync.Mutex
	ws    *enginetest.Peer
	moved bool
}

// upgrade does the server's part of the upgrade.
func (h *hop) upgrade(server *enginetest.Server, random *rand.Rand) {
	h.ws = server.Next()
	h.ws.Receive()
	pause(random, 20)
	h.ws.Send("3probe")
	pause(random, 20)
	h.poll.Send("6")
	first := h.ws.Receive()
	h.mu.Lock()
	h.moved = true
	h.poll.MoveTo(h.ws)
	h.mu.Unlock()
	h.done <- first == "5"
}

// send sends a message of the server the way that counts.
func (h *hop) send(message string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.moved {
		h.ws.Send("4" + message)
	} else {
		h.poll.Send("4" + message)
	}
}

func pause(random *rand.Rand, most int) {
	time.Sleep(time.Duration(random.IntN(most)) * time.Millisecond)
}

// collect takes what the client sent over p until its end.
func collect(p *enginetest.Peer) (frames []string) {
	for f := p.Receive(); f != "closed" && f != "1"; f = p.Receive() {
		frames = append(frames, f)
	}
	return frames
}

// However the upgrade and the messages of both sides interleave, each arrives
// once and in order.
func TestUpgradeLosesNothing(t *testing.T) {
	const messages = 40
	for seed := range uint64(300) {
		synctest.Test(t, func(t *testing.T) {
			server := enginetest.New()
			s, poll := dialPollingWith(t, server, engineio.Options{}, upgradable)
			h := &hop{poll: poll, done: make(chan bool, 1)}
			go h.upgrade(server, rand.New(rand.NewPCG(seed, 1)))
			go func() {
				random := rand.New(rand.NewPCG(seed, 2))
				for i := range messages {
					pause(random, 3)
					if err := s.Send(text(strconv.Itoa(i))); err != nil {
						t.Error(err)
					}
				}
			}()
			random := rand.New(rand.NewPCG(seed, 3))
			for i := range messages {
				pause(random, 3)
				h.send(strconv.Itoa(i))
			}
			for i := range messages {
				wantMessages(t, s, strconv.Itoa(i))
			}
			if !<-h.done || s.Transport() != "websocket" {
				t.Errorf("seed %d: not upgraded", seed)
			}
			time.Sleep(time.Second)
			s.Close("done")
			poll.Drop()
			got := append(collect(poll), collect(h.ws)...)
			for i, f := range got {
				if f != "4"+strconv.Itoa(i) {
					t.Fatalf("seed %d: frame %d = %s", seed, i, f)
				}
			}
			if len(got) != messages || poll.Overlapped() {
				t.Errorf("seed %d: %d of %d arrived; overlapped: %t", seed, len(got), messages, poll.Overlapped())
			}
		})
	}
}

// keepAlive pings the session for some time.
func keepAlive(t *testing.T, peer *enginetest.Peer, d time.Duration) {
	t.Helper()
	for ; d > 0; d -= 25 * time.Second {
		peer.Send("2")
		wantFrames(t, peer, "3")
		time.Sleep(min(d, 25*time.Second))
	}
}

// A network that blocks WebSocket is asked ever more seldom, and polling goes
// on as if nothing were.
func TestFailedUpgradesBackOff(t *testing.T) {
	for name, tt := range map[string]struct {
		dial  func(ctx context.Context) error
		takes time.Duration // an attempt
	}{
		"refused":           {refuse, 0},
		"hangs":             {hang, 10 * time.Second},
		"swallows":          {nil, 10 * time.Second},
		"answers otherwise": {nil, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			var at []time.Duration
			begin := time.Now()
			n := &network{Server: enginetest.New(), openAfter: after(never, 0)}
			n.webSocket = func(ctx context.Context) error {
				at = append(at, time.Since(begin).Round(time.Second))
				if len(at) == 1 {
					return refuse(ctx) // so that polling begins at once
				}
				if tt.dial != nil {
					return tt.dial(ctx)
				}
				if tt.takes == 0 {
					n.openAfter["websocket"] = 0 // Open instead of 3probe
				}
				return nil
			}
			s, _, err := n.open(t, engineio.Options{})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			keepAlive(t, n.peers[0], 25*time.Minute)
			wantAttempts(t, at, tt.takes)
			peer := n.peers[0]
			peer.Send("4alive")
			wantMessages(t, s, "alive")
			s.Close("done")
			synctest.Wait()
			n.wantAllClosed(t)
			if t.Failed() {
				t.Fatal(name)
			}
		})
	}
}

func wantAttempts(t *testing.T, at []time.Duration, takes time.Duration) {
	t.Helper()
	want := []time.Duration{0, 10 * time.Second}
	for _, d := range []int{10, 20, 40, 80, 160, 300, 300, 300} {
		want = append(want, want[len(want)-1]+takes+time.Duration(d)*time.Second)
	}
	for i := range want {
		if i < len(at) && at[i] != want[i] || i >= len(at) && want[i] < 25*time.Minute {
			t.Fatalf("attempts at %v; want %v", at, want)
		}
	}
}

// Upgrade tries at once, but not again and again.
func TestUpgradeNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{Server: enginetest.New(), webSocket: refuse, openAfter: after(never, 0)}
		s, _, err := n.open(t, engineio.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var attempts atomic.Int32
		n.webSocket = func(ctx context.Context) error { attempts.Add(1); return refuse(ctx) }
		for i, want := range []int32{1, 1, 1, 2} {
			s.Upgrade()
			synctest.Wait()
			if n := attempts.Load(); n != want {
				t.Errorf("%d attempts after %d calls; want %d", n, i+1, want)
			}
			time.Sleep(4 * time.Second)
		}
		n.webSocket = nil
		time.Sleep(10 * time.Second)
		s.Upgrade()
		synctest.Wait()
		ws := n.peers[1]
		wantFrames(t, ws, "2probe")
		synctest.Wait()
		ws.Send("3probe")
		synctest.Wait()
		n.peers[0].Send("6")
		wantFrames(t, ws, "5")
		s.Close("done")
		wantFrames(t, ws, "1", "closed")
	})
}

// A WebSocket that goes before it takes over costs nothing.
func TestUpgradeIsTakenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := enginetest.New()
		s, peer := dialPollingWith(t, server, engineio.Options{}, upgradable)
		ws := server.Next()
		synctest.Wait()
		ws.Send("3probe")
		synctest.Wait()
		release := peer.Hold()
		send(t, s, "under way")
		synctest.Wait()
		ws.Drop()
		peer.Send("4a")
		synctest.Wait()
		send(t, s, "waits")
		release()
		peer.Send("4b")
		wantMessages(t, s, "a", "b")
		wantFrames(t, peer, "4under way", "4waits")
		if s.Transport() != "polling" {
			t.Error(s.Transport())
		}
		begin := time.Now()
		ws = server.Next()
		if d := time.Since(begin); d != 10*time.Second {
			t.Errorf("tried again after %v", d)
		}
		s.Close("done")
		wantFrames(t, ws, "2probe", "1", "closed")
		wantFrames(t, peer, "1", "closed")
	})
}

// A session that ends in the middle of the upgrade leaves nothing behind.
func TestUpgradeMeetsTheEnd(t *testing.T) {
	for name, end := range map[string]func(s *engineio.Session, peer *enginetest.Peer){
		"Close":      func(s *engineio.Session, _ *enginetest.Peer) { s.Close("done") },
		"GET fails":  func(_ *engineio.Session, peer *enginetest.Peer) { peer.Drop() },
		"server":     func(_ *engineio.Session, peer *enginetest.Peer) { peer.Send("1") },
		"POST fails": failPost,
	} {
		for stage := range 4 {
			synctest.Test(t, func(t *testing.T) {
				server := enginetest.New()
				s, peer := dialPollingWith(t, server, engineio.Options{}, upgradable)
				ws := server.Next()
				wantFrames(t, ws, "2probe")
				synctest.Wait()
				if stage > 0 {
					ws.Send("3probe")
					synctest.Wait()
				}
				if stage > 1 {
					peer.Hold()
					send(t, s, "under way")
					synctest.Wait()
				}
				if stage > 2 {
					peer.Send("6")
					synctest.Wait()
				}
				end(s, peer)
				if _, err := s.Receive(t.Context()); err == nil {
					t.Errorf("%s, stage %d: still open", name, stage)
				}
				for f := ws.Receive(); f != "closed"; f = ws.Receive() {
					if f != "1" && f != "5" {
						t.Errorf("%s, stage %d: %s", name, stage, f)
					}
				}
				time.Sleep(time.Minute) // until POSTs that are held have failed
			})
		}
	}
}

func failPost(s *engineio.Session, peer *enginetest.Peer) {
	peer.AnswerNext("POST", enginetest.Answer{Status: 500})
	_ = s.Send(text("a"))
	time.Sleep(20 * time.Second) // a POST that is held fails by itself
	peer.Drop()
}

// A server that offers no upgrade is not asked for one.
func TestNoUpgradeUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := enginetest.New()
		s, peer := dialPollingWith(t, server, engineio.Options{}, enginetest.Open)
		keepAlive(t, peer, time.Hour)
		s.Upgrade()
		synctest.Wait()
		if n := server.Dials(); n != 0 {
			t.Errorf("%d WebSockets", n)
		}
		s.Close("done")
	})
}
