package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"maru/app/wire/text"
	"maru/backend/engineio/enginetest"
	"maru/backend/store/sqlitestore"
)

// inBubble runs f with virtual time; a goroutine that is left over fails it.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// instance is a whole server on a network in memory.
type instance struct {
	t        *testing.T
	listener *enginetest.Listener
	server   *Server
	http     *http.Server
	store    *sqlitestore.Store
}

const pipeLimit = 256 << 10

// start starts an instance on the file at path.
func start(t *testing.T, path string, lang text.Lang) *instance {
	t.Helper()
	return startWith(t, path, Config{Lang: lang})
}

// startWith starts an instance with more of a configuration.
func startWith(t *testing.T, path string, c Config) *instance {
	t.Helper()
	st, err := sqlitestore.Open(path, sqlitestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	if f, ok := c.Store.(*faulty); ok {
		f.Store = st
	} else {
		c.Store = st
	}
	c.Keeper, c.Secrets = "SQLite", [][]byte{[]byte("a secret that tests share")}
	if c.Logger == nil {
		c.Logger = quiet
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	i := &instance{t: t, listener: enginetest.Listen(pipeLimit), server: s, http: HTTP(s), store: st}
	i.http.ErrorLog = slog.NewLogLogger(quiet.Handler(), slog.LevelDebug)
	go func() { _ = i.http.Serve(i.listener) }()
	return i
}

// linger is how long net/http keeps a connection whose request was too long,
// so that the client reads the answer. It is virtual time.
const linger = time.Second

// stop ends an instance in good order.
func (i *instance) stop() {
	i.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := i.server.Close(ctx); err != nil {
		i.t.Error("close:", err)
	}
	i.http.Close()
	<-time.After(linger)
	if err := i.store.Close(); err != nil {
		i.t.Error("close the store:", err)
	}
}

func database(t *testing.T) string { return filepath.Join(t.TempDir(), "maru.db") }

// stock is a client of any language: it speaks frames.
type stock struct {
	*enginetest.Peer
	t  *testing.T
	id int
}

func (i *instance) stock(auth string) *stock {
	i.t.Helper()
	c := &stock{Peer: i.listener.Dial(i.t), t: i.t}
	c.Write("40" + auth)
	if first := c.Read(); !strings.HasPrefix(first, `40{"sid":"`) {
		i.t.Fatalf("connected with %q", first)
	}
	return c
}

// Read returns the next frame that is no heartbeat; those it answers.
func (c *stock) Read() string {
	c.t.Helper()
	for {
		frame := c.Peer.Read()
		if frame != "2" {
			return frame
		}
		c.Write("3")
	}
}

// bye closes the connection and waits until the server knows it.
func (c *stock) bye() {
	c.t.Helper()
	if err := c.Conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		c.t.Error("close:", err)
	}
	synctest.Wait()
}

// ask sends an event and returns its ack, and what came before it.
func (c *stock) ask(event, arg string) (ack string, before []string) {
	c.t.Helper()
	c.id++
	c.Write(fmt.Sprintf(`42%d[%q,%s]`, c.id, event, arg))
	prefix := fmt.Sprintf("43%d", c.id)
	for {
		frame := c.Read()
		if rest, ok := strings.CutPrefix(frame, prefix); ok {
			return rest, before
		}
		before = append(before, frame)
	}
}

// must asks for something that is not refused, and returns the result.
func (c *stock) must(event, arg string) map[string]any {
	c.t.Helper()
	ack, _ := c.ask(event, arg)
	var args []json.RawMessage
	if err := json.Unmarshal([]byte(ack), &args); err != nil || string(args[0]) != "null" {
		c.t.Fatalf("%s %s: ack %s", event, arg, ack)
	}
	var result map[string]any
	if len(args) > 1 {
		if err := json.Unmarshal(args[1], &result); err != nil {
			c.t.Fatal(err)
		}
	}
	return result
}

// hear reads the next event, waiting a virtual minute at most.
func (c *stock) hear() (name string, args []map[string]any, cursor string) {
	c.t.Helper()
	frame := c.Read()
	rest, ok := strings.CutPrefix(frame, "42")
	var raw []json.RawMessage
	if !ok || json.Unmarshal([]byte(rest), &raw) != nil || json.Unmarshal(raw[0], &name) != nil {
		c.t.Fatalf("heard %q", frame)
	}
	for _, r := range raw[1:] {
		var arg map[string]any
		if json.Unmarshal(r, &arg) == nil {
			args = append(args, arg)
		} else if err := json.Unmarshal(r, &cursor); err != nil {
			c.t.Fatalf("heard %q", frame)
		}
	}
	return name, args, cursor
}

// hears reads the next event as a short line.
func (c *stock) hears(want string) {
	c.t.Helper()
	name, args, cursor := c.hear()
	got := name
	switch name {
	case "message":
		got = fmt.Sprintf("%v: %v", args[0]["username"], args[0]["text"])
		if args[0]["seq"] != nil && cursor == "" {
			c.t.Fatalf("seq %v without a cursor", args[0]["seq"])
		}
	case "roomData":
		var names []string
		for _, u := range args[0]["users"].([]any) {
			names = append(names, u.(map[string]any)["username"].(string))
		}
		got = fmt.Sprintf("people %v: %s", args[0]["count"], strings.Join(names, ", "))
	}
	if got != want {
		c.t.Fatalf("heard %q, want %q", got, want)
	}
}

// hearsSaid reads the next message, whatever is told of people before it.
func (c *stock) hearsSaid(want string) {
	c.t.Helper()
	for {
		name, args, _ := c.hear()
		if name == "roomData" {
			continue
		}
		if got := fmt.Sprintf("%v: %v", args[0]["username"], args[0]["text"]); got != want {
			c.t.Fatalf("heard %q, want %q", got, want)
		}
		return
	}
}
