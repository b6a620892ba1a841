package server

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"maru/app/wire/event"
	"maru/app/wire/sio"
	"maru/app/wire/text"
)

// JSON that is made to hurt: deep, wide, long, with keys that stand twice or
// that another reader would take for ours. Each has its answer or its close,
// soon, and a bystander goes on.
func TestHostileJSON(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	const broken, tooBig = websocket.StatusInvalidFramePayloadData, websocket.StatusMessageTooBig
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		bystander := i.stock("")
		bystander.must("join", `{"username":"민준","room":"방"}`)
		for frame, code := range map[string]websocket.StatusCode{
			`421["join",` + nested(33) + `]`:                        broken,
			`421["join",` + nested(10_001) + `]`:                    broken,
			`421["join",` + nested(400_000) + `]`:                   tooBig,
			`421["join",` + strings.Repeat(`{"a":`, 10_001):         broken,
			`40` + strings.Repeat(`{"a":`, 10_001):                  broken,
			`431` + nested(10_001):                                  broken,
			`421["join"` + strings.Repeat(",1", 17) + `]`:           broken,
			`421["join"` + strings.Repeat(",1", 30_000) + `]`:       broken,
			`421["join"` + strings.Repeat(",1", 100_000) + `]`:      tooBig,
			`421["join",` + strings.Repeat("9", 900_000) + `]`:      tooBig,
			`421["join",{"username":"소이","room":"` + "\xed\xa0\x80": broken,
		} {
			c := i.stock("")
			began := time.Now()
			_ = c.Conn.Write(t.Context(), websocket.MessageText, []byte(frame)) // it may be closed before all is said
			c.WantClose(code)
			if took := time.Since(began); took > time.Second {
				t.Errorf("%.40s: closed after %v", frame, took)
			}
			bystander.must("message", `"나는 잘 있어요"`)
		}
		c := i.stock("")
		for arg, code := range map[string]string{
			`{"username":"소이","username":"민준","room":"방"}`:       "bad_request",
			`{"username":"소이","\u0075sername":"민준","room":"방"}`:  "bad_request",
			`{"Username":"소이","room":"방"}`:                       "name_empty",
			`{"USERNAME":"소이","room":"방"}`:                       "name_empty",
			`{"uſername":"소이","room":"방"}`:                       "name_empty",
			`{"u\u017fername":"소이","room":"방"}`:                  "name_empty",
			`{"username":` + strings.Repeat("9", 50_000) + `}`:   "bad_request",
			`{"username":["소이"],"room":{"toString":"방"}}`:        "bad_request",
			`{"username":"소이","room":"방","after":1e999}`:         "bad_request",
			`{"username":"` + strings.Repeat("x", 50_000) + `"}`: "name_too_long",
			`{"__proto__":{"username":"소이"},"constructor":{}}`:   "name_empty",
			nested(32 - 1): "bad_request",
			`{"username":"소이",` + strings.Repeat(`"":1,`, 300) + `"room":"방"}`: "bad_request",
		} {
			if ack, _ := c.ask("join", arg); !strings.HasPrefix(ack, `[{"code":"`+code+`"`) {
				t.Errorf("join %.60s: ack %.80s, want %s", arg, ack, code)
			}
		}
		c.bye()
		bystander.bye()
	})
}

// Names that mean something to JavaScript are names like any other.
func TestPrototypeNames(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		for _, name := range []string{"__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "null", "undefined", "NaN"} {
			c := i.stock("")
			joined := c.must("join", fmt.Sprintf(`{"username":%q,"room":%q}`, name, name))
			sent := c.must("message", fmt.Sprintf(`{"room":%q,"id":%q,"text":%q}`, name, name, name))
			again := c.must("message", fmt.Sprintf(`{"room":%q,"id":%q,"text":%q}`, name, name, name))
			page := c.must("history", fmt.Sprintf(`{"room":%q}`, name))
			if joined["room"] != name || joined["username"] != name || sent["id"] != name || fmt.Sprint(sent) != fmt.Sprint(again) || texts(page) != name {
				t.Errorf("%s: joined %v, sent %v and %v, page %v", name, joined, sent, again, page)
			}
			c.bye()
		}
	})
}

// A connection is in ten rooms at most; leaving one makes room.
func TestRoomsOfAConnection(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		c := i.stock("")
		for n := range event.MaxRooms {
			c.must("join", fmt.Sprintf(`{"username":"소이","room":"방%d"}`, n))
		}
		for n := range 100 {
			if ack, _ := c.ask("join", fmt.Sprintf(`{"username":"소이","room":"또%d"}`, n)); !strings.HasPrefix(ack, `[{"code":"too_many_rooms"`) {
				t.Fatalf("room %d: %s", event.MaxRooms+n+1, ack)
			}
		}
		c.must("leave", `{"room":"방3"}`)
		c.must("join", `{"username":"소이","room":"또"}`)
		c.bye()
	})
}

// Requests that two readers could read differently are refused, and a request
// that doesn't come, or an idle connection, doesn't stay.
func TestHTTPOddities(t *testing.T) {
	const (
		get  = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: chat.test\r\n"
		post = "POST /api/rooms/a/messages HTTP/1.1\r\nHost: chat.test\r\n"
	)
	for name, c := range map[string]struct {
		request string
		answer  string        // how it begins
		within  time.Duration // until the connection has ended
	}{
		"two lengths":                    {post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "HTTP/1.1 400", linger},
		"a length with a sign":           {post + "Content-Length: +5\r\n\r\nhello", "HTTP/1.1 400", linger},
		"an unknown coding":              {post + "Transfer-Encoding: xchunked\r\n\r\n", "HTTP/1.1 501", linger},
		"two codings":                    {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", "HTTP/1.1 501", linger},
		"a folded line":                  {get + " folded: x\r\n\r\n", "HTTP/1.1 400", linger},
		"a blank before the colon":       {get + "Upgrade : websocket\r\n\r\n", "HTTP/1.1 400", linger},
		"two hosts":                      {get + "Host: evil.test\r\n\r\n", "HTTP/1.1 400", linger},
		"no host":                        {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400", linger},
		"a control in a value":           {get + "X: a\x00b\r\n\r\n", "HTTP/1.1 400", linger},
		"a long header":                  {get + "X: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", "HTTP/1.1 431", linger},
		"HTTP/2 without TLS":             {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 ", headerTimeout},
		"TLS":                            {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "", headerTimeout},
		"half a header":                  {get, "", headerTimeout},
		"nothing":                        {"", "", headerTimeout},
		"nothing after an answer":        {"GET /api/rooms HTTP/1.1\r\nHost: chat.test\r\n\r\n", "HTTP/1.1 404", idleTimeout},
		"a body that doesn't come":       {post + "Content-Length: 50\r\n\r\n{", "HTTP/1.1 400", storeTimeout + linger},
		"an upgrade to another protocol": {get + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n", "HTTP/1.1 200", idleTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				i := start(t, database(t), text.Ko)
				defer i.stop()
				conn, _, err := i.listener.Connect(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				began := time.Now()
				go func() { _, _ = io.WriteString(conn, c.request) }()
				var answer bytes.Buffer
				_, _ = io.Copy(&answer, conn) // to its end, however that comes
				if !strings.HasPrefix(answer.String(), c.answer) {
					t.Errorf("answered with %.200q", answer.String())
				}
				if took := time.Since(began); took > c.within {
					t.Errorf("the connection ended after %v", took)
				}
				bystander := i.stock("")
				bystander.must("join", `{"username":"민준","room":"방"}`)
				bystander.must("message", `"나는 잘 있어요"`)
				bystander.bye()
			})
		})
	}
}

// However hostile a peer is: neither its words, nor the ids by which it or
// others could be impersonated, nor its address come into the log.
func TestLogTellsNothingOfPeople(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var log bytes.Buffer
		i := startWith(t, database(t), Config{Lang: text.Ko, Proxies: proxied, Logger: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
		atProxy(i)
		const secret = "비밀\r\n{\"level\":\"ERROR\"}\x1b[31m\u2028"
		c := i.stock("")
		c.ask("join", `{"username":`+string(sio.AppendString(nil, secret))+`,"room":"방"}`)
		c.must("join", `{"username":"secret-name","room":"secret-room"}`)
		c.must("message", `"secret-text"`)
		c.ask("secret-event", `{}`)
		c.Write("9secret-packet")
		c.WantClose(websocket.StatusInvalidFramePayloadData)
		p := i.listener.Poll(t)
		p.Do(t.Context(), http.MethodPost, strings.NewReader("secret-packet"), forwardedFor, "198.51.100.77")
		i.ask("POST", "/api/rooms/secret-room/messages", `{"username":"secret-name","text":"secret-text"`, "Authorization", "Bearer secret-token", forwardedFor, "198.51.100.77")
		i.ask("GET", "/secret-path", "", "User-Agent", "secret-agent")
		synctest.Wait()
		i.stop()
		for _, word := range []string{"secret", "비밀", p.SID, "198.51", "10.0.0.1"} {
			if strings.Contains(log.String(), word) {
				t.Errorf("the log has %q: %s", word, &log)
			}
		}
	})
}
