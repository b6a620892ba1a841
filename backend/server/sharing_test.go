package server

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"maru/app/wire/text"
)

const friend = "https://friend.example:8443"

// ask makes one bare request and returns its answer.
func (i *instance) ask(method, path, body string, header ...string) *http.Response {
	i.t.Helper()
	r, err := http.NewRequest(method, "http://chat.test"+path, strings.NewReader(body))
	if err != nil {
		i.t.Fatal(err)
	}
	for k := 0; k < len(header); k += 2 {
		r.Header.Add(header[k], header[k+1])
	}
	res, err := i.listener.Client().Do(r)
	if err != nil {
		i.t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		i.t.Fatal(err)
	}
	return res
}

// strangers are origins that are not friend's, however much they look like it.
var strangers = []string{
	"https://evil.test", "null", "file://", "http://friend.example:8443", "https://friend.example", "https://friend.example:8444",
	"https://evil-friend.example:8443", "https://friend.example:8443.evil.test", "https://sub.friend.example:8443",
	"https://u@friend.example:8443", "https://friend.example:8443/", "https://friend.example:8443, https://evil.test", " ",
}

// Pages of MARU_ORIGINS read what the product's routes answer, errors included;
// pages of other sites are told nothing, and their requests change nothing.
func TestSharingWithOrigins(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), Config{Lang: text.Ko, Origins: []string{friend}})
		defer i.stop()
		const (
			socket  = "/socket.io/?EIO=4&transport=polling"
			unknown = socket + "&sid=nobody"
			rooms   = "/api/rooms/방/messages"
		)
		for _, c := range []struct {
			method, path, body string
			status             int
		}{
			{"GET", socket, "", 200}, {"GET", unknown, "", 400}, {"GET", rooms, "", 200}, {"GET", "/api/nothing", "", 404},
			{"POST", rooms, `{"username":"봇","text":"x"}`, 201}, {"POST", rooms, `{`, 400},
		} {
			res := i.ask(c.method, c.path, c.body, "Origin", friend)
			if res.StatusCode != c.status || res.Header.Get("Access-Control-Allow-Origin") != friend || !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Origin") ||
				res.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s of a friend: %d %v", c.method, c.path, res.StatusCode, res.Header)
			}
			for _, origin := range strangers {
				res := i.ask(c.method, c.path, c.body, "Origin", origin)
				if res.StatusCode != http.StatusForbidden || res.Header.Get("Access-Control-Allow-Origin") != "" {
					t.Errorf("%s %s of %q: %d %v", c.method, c.path, origin, res.StatusCode, res.Header)
				}
			}
			res = i.ask(c.method, c.path, c.body, "Origin", friend, "Origin", "https://evil.test")
			if res.StatusCode != http.StatusForbidden {
				t.Errorf("%s %s of two origins: %d", c.method, c.path, res.StatusCode)
			}
			if res := i.ask(c.method, c.path, c.body, "Origin", "http://chat.test"); res.StatusCode != c.status {
				t.Errorf("%s %s of our own page: %d", c.method, c.path, res.StatusCode)
			}
		}
		if _, page, _ := i.script().do("GET", rooms, ""); texts(page) != "x, x" {
			t.Errorf("the room has %v, want one of the friend's and one of our own", page)
		}
	})
}

func TestPreflight(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), Config{Lang: text.Ko, Origins: []string{friend}})
		defer i.stop()
		for _, path := range []string{"/socket.io/?EIO=4&transport=polling", "/api/rooms/방/messages"} {
			asked := []string{"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type"}
			res := i.ask("OPTIONS", path, "", append(asked, "Origin", friend)...)
			h := res.Header
			if res.StatusCode != http.StatusNoContent || h.Get("Access-Control-Allow-Origin") != friend || h.Get("Access-Control-Allow-Methods") != "GET, POST" ||
				!strings.Contains(strings.ToLower(h.Get("Access-Control-Allow-Headers")), "content-type") || h.Get("Access-Control-Max-Age") == "" {
				t.Errorf("%s of a friend: %d %v", path, res.StatusCode, h)
			}
			for _, origin := range strangers {
				res := i.ask("OPTIONS", path, "", append(asked, "Origin", origin)...)
				if res.StatusCode != http.StatusForbidden || res.Header.Get("Access-Control-Allow-Origin") != "" || res.Header.Get("Access-Control-Allow-Methods") != "" {
					t.Errorf("%s of %q: %d %v", path, origin, res.StatusCode, res.Header)
				}
			}
		}
	})
}

// Without MARU_ORIGINS nobody is told anything.
func TestNoSharing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		for _, path := range []string{"/socket.io/?EIO=4&transport=polling", "/api/rooms/방/messages", "/ws"} {
			if res := i.ask("GET", path, "", "Origin", friend); res.StatusCode != http.StatusForbidden || res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: %d %v", path, res.StatusCode, res.Header)
			}
		}
	})
}

// Before 101 a page of another site is refused, and one of a friend is not.
func TestWebSocketOfOrigins(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), Config{Lang: text.Ko, Origins: []string{friend}})
		defer i.stop()
		dial := func(path, origin string) int {
			c, res, err := websocket.Dial(t.Context(), "ws://chat.test"+path, &websocket.DialOptions{
				HTTPClient: i.listener.Client(), HTTPHeader: http.Header{"Origin": {origin}}})
			if err == nil {
				_ = c.CloseNow()
			}
			return res.StatusCode
		}
		for _, path := range []string{"/socket.io/?EIO=4&transport=websocket", "/ws"} {
			if code := dial(path, friend); code != http.StatusSwitchingProtocols {
				t.Errorf("%s of a friend: %d", path, code)
			}
			for _, origin := range strangers {
				if code := dial(path, origin); code != http.StatusForbidden {
					t.Errorf("%s of %q: %d", path, origin, code)
				}
			}
		}
	})
}
