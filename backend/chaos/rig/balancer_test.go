package rig

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// place is an instance that says its name, and can be ill.
func place(t *testing.T, name string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if err := c.Write(r.Context(), websocket.MessageText, []byte(name)); err != nil {
				t.Error(err)
			}
			_ = c.Close(websocket.StatusNormalClosure, "") // the other end may have gone
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		fmt.Fprint(w, name, string(body), r.Header.Get("X-Forwarded-For"))
	}))
	t.Cleanup(s.Close)
	return s
}

func balanced(t *testing.T, places ...*httptest.Server) *Balancer {
	t.Helper()
	var targets []string
	for _, p := range places {
		targets = append(targets, strings.TrimPrefix(p.URL, "http://"))
	}
	b, err := Balance("127.0.0.1:0", false, targets...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *Balancer) ask(t *testing.T, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+b.Addr()+"/?sid=x", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Forwarded-For", "10.0.0.1")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// Each request of one client goes to another instance, WebSockets included, and
// says where it came from.
func TestEachRequestGoesElsewhere(t *testing.T) {
	b := balanced(t, place(t, "a"), place(t, "b"), place(t, "c"))
	counts := map[string]int{}
	for range 9 {
		_, answer := b.ask(t, "?")
		counts[answer]++
	}
	for range 3 {
		c, _, err := websocket.Dial(t.Context(), "ws://"+b.Addr(), nil)
		if err != nil {
			t.Fatal(err)
		}
		_, name, err := c.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		counts["ws "+string(name)]++
		_ = c.CloseNow() // the other end has closed it
	}
	for _, name := range []string{"a", "b", "c"} {
		if counts[name+"?10.0.0.1, 127.0.0.1"] != 3 || counts["ws "+name] != 1 {
			t.Fatalf("requests went to %v", counts)
		}
	}
}

// What an instance that is gone can't have seen goes to the next one.
func TestRequestsGoPastAnInstanceThatIsGone(t *testing.T) {
	gone := place(t, "a")
	b := balanced(t, gone, place(t, "b"))
	gone.Close()
	for range 6 {
		if status, answer := b.ask(t, "!"); status != http.StatusOK || !strings.HasPrefix(answer, "b!") {
			t.Fatalf("answered with %d %q", status, answer)
		}
	}
}
