package engineio

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/backend/engineio/enginetest"
)

// wantPollAlive checks that a session on long-polling still answers.
func wantPollAlive(p *enginetest.Poller) {
	p.Write("4still here")
	p.Want("4still here")
}

func gzipped(t *testing.T, s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBrokenPosts(t *testing.T) {
	bomb := gzipped(t, "4"+strings.Repeat("x", 10<<20))
	tests := []struct {
		name   string
		body   io.Reader
		header []string
		status int
		reason Reason
	}{
		{"empty", strings.NewReader(""), nil, 400, ParseError},
		{"type", strings.NewReader("abc"), nil, 400, ParseError},
		{"separator alone", strings.NewReader("\x1e"), nil, 400, ParseError},
		{"separator at the end", strings.NewReader("4a\x1e"), nil, 400, ParseError},
		{"not UTF-8", strings.NewReader("4\xff\xfe"), nil, 400, ParseError},
		{"base64", strings.NewReader("b!!!"), nil, 400, ParseError},
		{"ping", strings.NewReader("2"), nil, 400, TransportError},
		{"older revision", strings.NewReader("5:4hello"), nil, 200, ""},
		{"octets", strings.NewReader("\x00\x04\xff4abc"), []string{"Content-Type", "application/octet-stream"}, 400, ParseError},
		{"compressed", strings.NewReader(gzipped(t, "4hello")), []string{"Content-Encoding", "gzip"}, 400, ParseError},
		{"bomb", strings.NewReader(bomb), []string{"Content-Encoding", "gzip"}, 400, ParseError},
		{"too many packets", strings.NewReader("4" + strings.Repeat("\x1e4", maxPackets)), nil, 400, BadRequest},
		{"too long", strings.NewReader("4" + strings.Repeat("x", DefaultMaxPayload)), nil, 413, MessageTooBig},
		{"too long, chunked", io.MultiReader(strings.NewReader("4"), strings.NewReader(strings.Repeat("x", DefaultMaxPayload))), nil, 413, MessageTooBig},
		{"far too long", strings.NewReader(strings.Repeat("4x\x1e", 1<<20)), nil, 413, MessageTooBig},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
				bystander, p := w.listener.Poll(t), w.listener.Poll(t)
				a := p.Do(t.Context(), http.MethodPost, test.body, test.header...)
				// A long body may be cut off before its answer is read.
				if a.Status != test.status && !(a.Status == 0 && test.status == 413) {
					t.Errorf("%d %q, want %d", a.Status, a.Body, test.status)
				}
				if test.reason == "" {
					w.wantEnds()
					return
				}
				w.wantEnds(test.reason)
				p.WantGone()
				wantPollAlive(bystander)
			})
		})
	}
}

func TestLongestPayload(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		longest := "4" + strings.Repeat("x", DefaultMaxPayload-1)
		chunked := io.MultiReader(strings.NewReader(longest[:10]), strings.NewReader(longest[10:]))
		if a := p.Do(t.Context(), http.MethodPost, chunked); a.Body != "ok" {
			t.Errorf("post: %d %q", a.Status, a.Body)
		}
		p.Want(longest)
	})
}

func TestOverlappingGets(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p, bystander := w.listener.Poll(t), w.listener.Poll(t)
		first := p.Hold(t.Context())
		synctest.Wait()
		if a := p.Get(); a.Status != 400 || a.Body != `{"code":3,"message":"Bad request"}` {
			t.Errorf("second: %d %q", a.Status, a.Body)
		}
		if a := <-first; a.Status != 200 || a.Body != "1" {
			t.Errorf("first: %d %q", a.Status, a.Body)
		}
		p.WantGone()
		w.wantEnds(TransportError)
		wantPollAlive(bystander)
	})
}

// However many come at once, each gets an answer and none stays.
func TestFloodOfGets(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p, bystander := w.listener.Poll(t), w.listener.Poll(t)
		var answers []<-chan enginetest.Answer
		for range 200 {
			answers = append(answers, p.Hold(t.Context()))
		}
		served := 0
		for _, answer := range answers {
			a := <-answer
			if a.Status == 200 && a.Body == "1" {
				served++
			} else if a.Status != 400 {
				t.Errorf("%d %q", a.Status, a.Body)
			}
		}
		if served != 1 {
			t.Errorf("%d polls were served", served)
		}
		w.wantEnds(TransportError)
		wantPollAlive(bystander)
	})
}

func TestOverlappingPosts(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p, bystander := w.listener.Poll(t), w.listener.Poll(t)
		half, rest := io.Pipe()
		first := make(chan enginetest.Answer)
		go func() { first <- p.Do(t.Context(), http.MethodPost, half) }()
		fmt.Fprint(rest, "4half of it")
		synctest.Wait()
		if a := p.Post("4second"); a.Status != 400 {
			t.Errorf("second: %d %q", a.Status, a.Body)
		}
		synctest.Wait()
		rest.Close()
		if a := <-first; a.Status == 200 {
			t.Errorf("first: %d %q", a.Status, a.Body)
		}
		p.WantGone()
		w.wantEnds(TransportError)
		wantPollAlive(bystander)
	})
}

func TestCancelledGet(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p, bystander := w.listener.Poll(t), w.listener.Poll(t)
		ctx, cancel := context.WithCancel(t.Context())
		held := p.Hold(ctx)
		synctest.Wait()
		cancel()
		<-held
		w.wantEnds(TransportClose)
		p.WantGone()
		wantPollAlive(bystander)
	})
}

// raw writes to a new connection and returns it.
func (w *world) raw(text string) *enginetest.Conn {
	w.t.Helper()
	conn, _, err := w.listener.Connect(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		w.t.Fatal(err)
	}
	return conn
}

func TestSlowBody(t *testing.T) {
	tests := []struct {
		name   string
		cfg    Config
		ends   Reason
		within time.Duration
	}{
		{"longer than allowed", Config{}, TransportError, DefaultBodyTimeout},
		{"longer than the session", Config{BodyTimeout: time.Hour}, PingTimeout, DefaultPingInterval + DefaultPingTimeout},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, test.cfg, nil, func(t *testing.T, w *world) {
				p := w.listener.Poll(t)
				start := time.Now()
				conn := w.raw("POST /socket.io/?EIO=4&transport=polling&sid=" + p.SID +
					" HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 1000\r\n\r\n4")
				go func() {
					for {
						time.Sleep(time.Second)
						if _, err := io.WriteString(conn, "x"); err != nil {
							return
						}
					}
				}()
				answer, err := io.ReadAll(conn)
				if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400") {
					t.Errorf("%s, %v", answer, err)
				}
				if took := time.Since(start); took != test.within {
					t.Errorf("after %v", took)
				}
				advance(time.Second) // the writer finds it closed
				w.wantEnds(test.ends)
			})
		})
	}
}

// Where no body belongs, a slow one holds up neither the answer nor the server.
func TestBodyThatNobodyReads(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		for _, request := range []string{"GET /?EIO=4&transport=polling", "POST /?EIO=4&transport=polling",
			"POST /?EIO=4&transport=polling&sid=nobody", "GET /?EIO=4&transport=polling&sid=" + p.SID} {
			start := time.Now()
			conn := w.raw(request + " HTTP/1.1\r\nHost: chat.test\r\nContent-Length: 1000\r\n\r\n4")
			first := make([]byte, 12)
			if _, err := io.ReadFull(conn, first); err != nil {
				t.Errorf("%s: %v", request, err)
			}
			if took := time.Since(start); took != 0 && took != DefaultPingInterval {
				t.Errorf("%s: %s after %v", request, first, took)
			}
			if _, err := io.Copy(io.Discard, conn); err != nil {
				t.Errorf("%s: %v", request, err)
			}
			if took := time.Since(start); took > DefaultBodyTimeout+time.Second {
				t.Errorf("%s: the end after %v", request, took)
			}
		}
	})
}

// A poll whose client reads nothing is given up after WriteTimeout.
func TestStuckPoll(t *testing.T) {
	serve := func(ctx context.Context, s *Session) {
		_ = s.Send(text(strings.Repeat("x", 20_000))) // more than the pipe holds
		echo(ctx, s)
	}
	inWorld(t, Config{}, serve, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		w.raw("GET /socket.io/?EIO=4&transport=polling&sid=" + p.SID + " HTTP/1.1\r\nHost: chat.test\r\n\r\n")
		advance(DefaultWriteTimeout)
		w.wantEnds(SlowConsumer)
		p.WantGone()
	})
}

// A client that closes its half of the connection has gone.
func TestHalfOpenGet(t *testing.T) {
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		conn := w.raw("GET /socket.io/?EIO=4&transport=polling&sid=" + p.SID + " HTTP/1.1\r\nHost: chat.test\r\n\r\n")
		synctest.Wait()
		conn.Close()
		w.wantEnds(TransportClose)
		p.WantGone()
	})
}

// Sessions that were opened and left alone cost little, and not for long.
func TestAbandonedSessions(t *testing.T) {
	inWorld(t, Config{AcceptBurst: 5000}, nil, func(t *testing.T, w *world) {
		bystander := w.dial()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		const sessions = 2000
		for range sessions {
			w.listener.Poll(t)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if each := int64(after.HeapAlloc-before.HeapAlloc) / sessions; each > 16<<10 {
			t.Errorf("%d bytes for each session", each)
		}
		wantAlive(bystander)
		bystander.Want("2")
		bystander.Write("3")
		advance(DefaultPingTimeout)
		w.server.mu.Lock()
		left := len(w.server.sessions)
		w.server.mu.Unlock()
		if left != 1 {
			t.Errorf("%d sessions are left", left)
		}
		wantAlive(bystander)
	})
}
