package engineio

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestCORS(t *testing.T) {
	type answer struct {
		status              int
		allowed, credential string
	}
	listed := []string{"https://chat.example", "http://localhost:3000"}
	refused, own := answer{status: 403}, answer{status: 200}
	tests := []struct {
		name, origin string
		cfg          Config
		want         answer
	}{
		{"listed", "https://chat.example", Config{Origins: listed}, answer{200, "https://chat.example", ""}},
		{"with credentials", "http://localhost:3000", Config{Origins: listed, Credentials: true}, answer{200, "http://localhost:3000", "true"}},
		{"default port", "https://chat.example:443", Config{Origins: listed}, answer{200, "https://chat.example:443", ""}},
		{"none", "", Config{Origins: listed}, own},
		{"own", "http://chat.test", Config{Origins: listed}, own},
		{"another scheme", "http://chat.example", Config{Origins: listed}, refused},
		{"another port", "http://localhost:3001", Config{Origins: listed}, refused},
		{"suffix", "https://chat.example.evil.test", Config{Origins: listed}, refused},
		{"prefix", "https://evilchat.example", Config{Origins: listed}, refused},
		{"userinfo", "https://chat.example@evil.test", Config{Origins: listed}, refused},
		{"null", "null", Config{Origins: listed}, refused},
		{"no list", "https://chat.example", Config{}, refused},
		{"broken list", "https://chat.example", Config{Origins: []string{"https://chat.example/path"}}, refused},
		{"all", "https://anybody.example", Config{Origins: []string{"*"}}, answer{200, "*", ""}},
		{"all, never with credentials", "null", Config{Origins: []string{"*"}, Credentials: true}, answer{200, "*", ""}},
		{"own check wins", "https://chat.example", Config{Origins: listed, CheckOrigin: func(*http.Request) bool { return false }}, refused},
		{"own check is not shared", "https://let.in", Config{Origins: listed, CheckOrigin: func(*http.Request) bool { return true }}, own},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inWorld(t, test.cfg, nil, func(t *testing.T, w *world) {
				header := []string{}
				if test.origin != "" {
					header = append(header, "Origin", test.origin)
				}
				a := w.request("GET", header...)
				got := answer{a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"), a.Header.Get("Access-Control-Allow-Credentials")}
				if got != test.want {
					t.Errorf("got %+v, want %+v", got, test.want)
				}
				header = append(header, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
				a = w.request("OPTIONS", header...)
				got = answer{a.StatusCode, a.Header.Get("Access-Control-Allow-Origin"), a.Header.Get("Access-Control-Allow-Credentials")}
				want := test.want
				if want == own {
					want.status = 400 // nothing to ask for
				} else if want != refused {
					want.status = 204
				}
				if got != want {
					t.Errorf("preflight: got %+v, want %+v", got, want)
				}
				if methods := a.Header.Get("Access-Control-Allow-Methods"); (methods == "GET, POST") != (want.status == 204) {
					t.Errorf("preflight: methods %q", methods)
				}
			})
		})
	}
}

// request asks for a new session; header are pairs of name and value.
func (w *world) request(method string, header ...string) *http.Response {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, "http://chat.test/socket.io/?EIO=4&transport=polling", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := w.listener.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		w.t.Fatal(err)
	}
	return resp
}

// An error can be read by the pages that may read the answer.
func TestCORSOfErrors(t *testing.T) {
	inWorld(t, Config{Origins: []string{"https://chat.example"}}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		p.URL += "x"
		a := p.Do(t.Context(), "GET", nil, "Origin", "https://chat.example")
		if a.Status != 400 || a.Header.Get("Access-Control-Allow-Origin") != "https://chat.example" || a.Header.Get("Vary") != "Origin" {
			t.Errorf("%d %v", a.Status, a.Header)
		}
	})
}

// A page of a listed origin may use the WebSocket as well.
func TestOriginsOfWebSocket(t *testing.T) {
	inWorld(t, Config{Origins: []string{"https://chat.example"}}, nil, func(t *testing.T, w *world) {
		for origin, want := range map[string]int{"https://chat.example": 101, "https://evil.example": 403, "null": 403} {
			if status, _ := w.upgrade("GET", "EIO=4&transport=websocket", "Origin: "+origin); status != want {
				t.Errorf("%q: %d, want %d", origin, status, want)
			}
		}
	})
	inWorld(t, Config{Origins: []string{"*"}}, nil, func(t *testing.T, w *world) {
		for _, origin := range []string{"https://anybody.example", "null", "file://"} {
			if status, _ := w.upgrade("GET", "EIO=4&transport=websocket", "Origin: "+origin); status != 101 {
				t.Errorf("%q: %d", origin, status)
			}
		}
	})
}

func TestGzip(t *testing.T) {
	long, short := "4"+strings.Repeat("안녕 ", 1000), "4"+strings.Repeat("x", minCompressed-2)
	tests := []struct {
		accept, payload string
		compressed      bool
	}{
		{"gzip", long, true},
		{"gzip", "4" + strings.Repeat("x", minCompressed-1), true},
		{"gzip", short, false},
		{"br, GZIP;q=0.5, *", long, true},
		{"gzip; q=1", long, true},
		{"gzip;q=0", long, false},
		{"gzip; q=0.000", long, false},
		{"identity", long, false},
		{"br", long, false},
		{"xgzip", long, false},
	}
	inWorld(t, Config{}, nil, func(t *testing.T, w *world) {
		p := w.listener.Poll(t)
		for _, test := range tests {
			p.Write(test.payload)
			a := p.Do(t.Context(), "GET", nil, "Accept-Encoding", test.accept)
			if got := a.Header.Get("Content-Encoding") == "gzip"; got != test.compressed {
				t.Errorf("%s, %d bytes: compressed %v", test.accept, len(test.payload), got)
			}
			body := a.Body
			if test.compressed {
				z, err := gzip.NewReader(strings.NewReader(a.Body))
				if err != nil {
					t.Fatal(err)
				}
				plain, err := io.ReadAll(z)
				if err != nil {
					t.Fatal(err)
				}
				body = string(plain)
				if len(a.Body) > len(body)/2 {
					t.Errorf("%d bytes of %d", len(a.Body), len(body))
				}
			}
			if body != test.payload {
				t.Errorf("%s: got %.100q", test.accept, body)
			}
			if vary := a.Header.Get("Vary"); (vary == "Accept-Encoding") != (len(test.payload) >= minCompressed) {
				t.Errorf("%s: Vary %q", test.accept, vary)
			}
		}
	})
}
