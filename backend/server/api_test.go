package server

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"maru/app/wire/text"
)

// script asks by plain HTTP.
type script struct {
	t      *testing.T
	client *http.Client
}

func (i *instance) script() script { return script{i.t, i.listener.Client()} }

func (s script) do(method, path, body string, header ...string) (int, map[string]any, http.Header) {
	s.t.Helper()
	r, err := http.NewRequest(method, "http://chat.test"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for k := 0; k < len(header); k += 2 {
		r.Header.Set(header[k], header[k+1])
	}
	res, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		s.t.Fatalf("%s %s: %d %q", method, path, res.StatusCode, raw)
	}
	return res.StatusCode, out, res.Header
}

func (s script) say(words string, header ...string) map[string]any {
	s.t.Helper()
	code, sent, _ := s.do("POST", "/api/rooms/방/messages", fmt.Sprintf(`{"username":"봇","text":%q}`, words), header...)
	if code != http.StatusCreated {
		s.t.Fatalf("post: %d %v", code, sent)
	}
	return sent
}

func texts(result map[string]any) string {
	var words []string
	for _, m := range result["messages"].([]any) {
		words = append(words, m.(map[string]any)["text"].(string))
	}
	return strings.Join(words, ", ")
}

func TestAPITalksWithSockets(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		soi := i.stock("")
		soi.must("join", `{"username":"소이","room":"방"}`)
		soi.hears("Admin: 방 방에 오신 걸 환영합니다.")
		soi.hears("people 1: 소이")
		s := i.script()
		first := s.say("배포했어요", "Idempotency-Key", "deploy-1")
		soi.hears("봇: 배포했어요")
		if again := s.say("배포했어요", "Idempotency-Key", "deploy-1"); fmt.Sprint(again) != fmt.Sprint(first) {
			t.Errorf("the same key again: %v, first %v", again, first)
		}
		s.say("또 했어요")
		soi.hears("봇: 또 했어요")
		code, page, _ := s.do("GET", "/api/rooms/%EB%B0%A9/messages?limit=1", "")
		if code != 200 || texts(page) != "또 했어요" || page["cursor"] == "" || page["done"] != nil {
			t.Errorf("newest page: %d %v", code, page)
		}
		_, page, _ = s.do("GET", "/api/rooms/방/messages?before=3", "")
		if texts(page) != "배포했어요" || page["done"] != true {
			t.Errorf("page before: %v", page)
		}
		_, all, _ := s.do("GET", "/api/rooms/방/messages?after=", "")
		if texts(all) != "소이님이 방에 참여했습니다., 배포했어요, 또 했어요" {
			t.Errorf("from the beginning: %v", all)
		}
		soi.bye()
	})
}

// A reader that waits gets a message as it comes, and an empty answer when
// none has come in its time.
func TestAPIWaits(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		s := i.script()
		s.say("하나")
		_, page, _ := s.do("GET", "/api/rooms/방/messages", "")
		after := "/api/rooms/방/messages?after=" + page["cursor"].(string)
		began := time.Now()
		code, none, _ := s.do("GET", after+"&wait=10s", "")
		if took := time.Since(began); code != 200 || texts(none) != "" || none["cursor"] != page["cursor"] || took != 10*time.Second {
			t.Errorf("nothing came: %d %v after %v", code, none, took)
		}
		got := make(chan map[string]any)
		go func() {
			_, some, _ := s.do("GET", after+"&wait=20s", "")
			got <- some
		}()
		time.AfterFunc(3*time.Second, func() { s.say("둘") })
		began = time.Now()
		if some := <-got; texts(some) != "둘" || time.Since(began) != 3*time.Second {
			t.Errorf("one came: %v after %v", some, time.Since(began))
		}
	})
}

func TestAPIProblems(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		soi := i.stock("")
		soi.must("join", `{"username":"소이","room":"방"}`)
		s := i.script()
		const at = "/api/rooms/방/messages"
		long := strings.Repeat("가", 4001)
		for _, q := range []struct {
			method, path, body string
			status             int
			code               string
			header             []string
		}{
			{"GET", at + "?limit=0", "", 400, "bad_request", nil},
			{"GET", at + "?limit=x", "", 400, "bad_request", nil},
			{"GET", at + "?before=-1", "", 400, "bad_request", nil},
			{"GET", at + "?before=1&after=", "", 400, "bad_request", nil},
			{"GET", at + "?after=%25%25", "", 400, "bad_request", nil},
			{"GET", at + "?after=" + strings.Repeat("x", 300), "", 400, "bad_request", nil},
			{"GET", at + "?after=&wait=long", "", 400, "bad_request", nil},
			{"GET", "/api/rooms/" + long[:300] + "/messages", "", 400, "room_too_long", nil},
			{"GET", "/api/rooms/%20/messages", "", 400, "room_empty", nil},
			{"GET", "/api/rooms", "", 404, "not_found", nil},
			{"DELETE", at, "", 404, "not_found", nil},
			{"GET", at, "", 403, "forbidden", []string{"Origin", "https://evil.test"}},
			{"POST", at, `{"username":"봇","text":"x"}`, 403, "forbidden", []string{"Origin", "null"}},
			{"POST", at, `{`, 400, "bad_request", nil},
			{"POST", at, `{"username":"봇","text":7}`, 400, "bad_request", nil},
			{"POST", at, `{"username":"봇","text":"` + strings.Repeat("x", 100_000) + `"}`, 400, "bad_request", nil},
			{"POST", at, `{"username":"봇","text":""}`, 400, "text_empty", nil},
			{"POST", at, `{"username":"봇","text":"` + long + `"}`, 400, "text_too_long", nil},
			{"POST", at, `{"username":"","text":"x"}`, 400, "name_empty", nil},
			{"POST", at, `{"username":"Admin","text":"x"}`, 403, "name_reserved", nil},
			{"POST", at, `{"username":"소이","text":"x"}`, 409, "name_taken", nil},
		} {
			code, problem, header := s.do(q.method, q.path, q.body, q.header...)
			if code != q.status || problem["code"] != q.code || problem["status"] != float64(q.status) || header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %.60s %.40s: %d %v", q.method, q.path, q.body, code, problem)
			}
		}
		s.say("하나", "Idempotency-Key", "k")
		if code, problem, _ := s.do("POST", at, `{"username":"봇","text":"둘"}`, "Idempotency-Key", "k"); code != 409 || problem["code"] != "conflict" {
			t.Errorf("a key for another message: %d %v", code, problem)
		}
		soi.bye()
	})
}

// A cursor of a log that is gone is told as such.
func TestAPIReset(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		s := i.script()
		s.say("하나")
		_, page, _ := s.do("GET", "/api/rooms/방/messages?after=otherlog.1.YQ", "")
		if page["reset"] != true || texts(page) != "" || page["cursor"] == "" {
			t.Errorf("answer is %v", page)
		}
	})
}

func TestMirror(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		dial := func(origin string) (*websocket.Conn, *http.Response, error) {
			return websocket.Dial(context.Background(), "ws://chat.test/ws", &websocket.DialOptions{
				HTTPClient: i.listener.Client(), HTTPHeader: http.Header{"Origin": {origin}}})
		}
		if _, res, err := dial("https://evil.test"); err == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("a page of another origin: %v", err)
		}
		c, _, err := dial("http://chat.test")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(t.Context(), websocket.MessageText, []byte("안녕")); err != nil {
			t.Fatal(err)
		}
		if _, words, err := c.Read(t.Context()); err != nil || string(words) != "서버로부터 응답: 안녕" {
			t.Errorf("answered %q, %v", words, err)
		}
		if err := c.Write(t.Context(), websocket.MessageBinary, []byte("안녕")); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
			t.Errorf("binary: %v", err)
		}
	})
}
