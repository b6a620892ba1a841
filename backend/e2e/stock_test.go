package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// stock is a Node.js process with Socket.IO's own client.
type stock struct {
	t     testing.TB
	input io.WriteCloser

	mu    sync.Mutex
	heard []heard
}

// heard is an event with its arguments, or the answer to one.
type heard struct {
	Event string            `json:"event"`
	Args  []json.RawMessage `json:"args"`
}

func (h heard) String() string { return fmt.Sprintf("%s %s", h.Event, h.Args) }

// newStock starts the client with the transports it may use, in their order, or
// just WebSocket; a name that starts with a slash is a second namespace.
func newStock(t testing.TB, url string, transports ...string) *stock {
	t.Helper()
	args := []string{"client.mjs", url, "websocket"}
	for i, name := range transports {
		if strings.HasPrefix(name, "/") {
			args = append(args, name)
			continue
		}
		if i > 0 {
			name = args[2] + "," + name
		}
		args[2] = name
	}
	cmd := exec.Command("node", args...)
	cmd.Dir = "stock"
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &stock{t: t, input: in}
	read := make(chan struct{})
	go s.read(out, read)
	t.Cleanup(func() {
		_ = in.Close() // the process ends when its input does; it may have ended already
		<-read
		if err := cmd.Wait(); err != nil {
			t.Errorf("the stock client: %v", err)
		}
	})
	return s
}

func (s *stock) read(out io.Reader, done chan<- struct{}) {
	defer close(done)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var h heard
		if err := json.Unmarshal(lines.Bytes(), &h); err != nil {
			s.t.Errorf("the stock client printed %q: %v", lines.Text(), err)
			return
		}
		s.mu.Lock()
		s.heard = append(s.heard, h)
		s.mu.Unlock()
	}
}

// emit sends an event with a callback, as the blog posts do.
func (s *stock) emit(event string, args ...any) {
	s.t.Helper()
	data, err := json.Marshal(map[string]any{"event": event, "args": args})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.input.Write(append(data, '\n')); err != nil {
		s.t.Fatal(err)
	}
}

// all returns what was heard under a name.
func (s *stock) all(event string) []heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []heard
	for _, h := range s.heard {
		if h.Event == event {
			found = append(found, h)
		}
	}
	return found
}

// hears waits for an event whose first argument matches, and returns the argument.
func (s *stock) hears(event string, match func(first map[string]any) bool) map[string]any {
	s.t.Helper()
	var found map[string]any
	wait(s.t, "the stock client to hear "+event, func() (bool, any) {
		all := s.all(event)
		return slices.ContainsFunc(all, func(h heard) bool {
			var first map[string]any
			if len(h.Args) > 0 && json.Unmarshal(h.Args[0], &first) != nil {
				return false
			}
			found = first
			return match(first)
		}), all
	})
	return found
}

func says(username, text string) func(map[string]any) bool {
	return func(m map[string]any) bool { return m["username"] == username && m["text"] == text }
}

// The client of the blog post, word for word: join with a callback, message as a
// string with a callback, roomData with the list of people.
func TestStockClientTalksWithABrowser(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	client := newStock(t, s.url)
	client.hears("connect", func(map[string]any) bool { return true })

	client.emit("join", map[string]string{"username": "민준", "room": "기획팀"})
	client.hears("ack join", func(first map[string]any) bool { return first == nil })
	welcome := client.hears("message", says("Admin", "기획팀 방에 오신 걸 환영합니다."))
	if at, ok := welcome["createdAt"].(float64); !ok || at < 1e12 {
		t.Errorf("createdAt is %v, want milliseconds", welcome["createdAt"])
	}
	client.hears("roomData", func(data map[string]any) bool {
		users, _ := data["users"].([]any)
		var names []string
		for _, u := range users {
			user, _ := u.(map[string]any)
			names = append(names, fmt.Sprint(user["username"]))
			if user["room"] != "기획팀" || user["id"] == "" {
				return false
			}
		}
		slices.Sort(names)
		return data["room"] == "기획팀" && strings.Join(names, " ") == "민준 소이"
	})
	soi.people("민준", "소이")
	soi.notices("민준님이")

	client.emit("message", "안녕하세요")
	client.hears("ack message", func(first map[string]any) bool { return first == nil })
	soi.hears("민준", "안녕하세요")
	soi.say("어서 오세요")
	client.hears("message", says("소이", "어서 오세요"))
	client.hears("message", says("민준", "안녕하세요")) // everybody hears it, its author too

	soi.leave()
	client.hears("message", says("Admin", "소이님이 방을 떠났습니다."))
}
