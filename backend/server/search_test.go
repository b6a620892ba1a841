package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"maru/app/wire/text"
)

// all turns the pages of a search and returns the texts.
func (c *stock) all(room, words string, limit int) (texts []string) {
	c.t.Helper()
	next := ""
	for range 50 {
		found := c.must("search", fmt.Sprintf(`{"room":%q,"text":%q,"limit":%d,"before":%q}`, room, words, limit, next))
		for _, m := range found["messages"].([]any) {
			texts = append(texts, m.(map[string]any)["text"].(string))
		}
		more, _ := found["next"].(string)
		if more == "" {
			return texts
		}
		next = more
	}
	c.t.Fatal("the search has no end")
	return nil
}

// What was said is found in the rooms that one is in, newest first, page by
// page, over all of them.
func TestSearch(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		c := i.stock("")
		other := i.stock("")
		for _, room := range []string{"가", "나", "다"} {
			c.must("join", fmt.Sprintf(`{"username":"소이","room":%q}`, room))
			other.must("join", fmt.Sprintf(`{"username":"민준","room":%q}`, room))
		}
		other.must("join", `{"username":"민준","room":"밀실"}`)
		other.must("message", `{"room":"밀실","text":"회의 비밀"}`)
		var want []string
		for n := range 14 {
			<-time.After(time.Millisecond) // of virtual time: so there is an order over rooms
			words := fmt.Sprintf("회의 %d", n)
			c.must("message", fmt.Sprintf(`{"room":%q,"text":%q}`, []string{"가", "나"}[n*n%3%2], words))
			want = append([]string{words}, want...)
		}
		c.must("message", `{"room":"다","text":"잡담"}`)
		for _, limit := range []int{1, 3, 50} {
			if got := c.all("", "회으", limit); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("pages of %d: %q", limit, got)
			}
		}
		if got := c.all("다", "회의", 5); len(got) > 0 {
			t.Errorf("in another room: %q", got)
		}
		c.refused("search", `{"room":"밀실","text":"회의"}`, "not_joined")
		c.refused("search", `{"text":""}`, "bad_request")
		c.refused("search", `{"text":"회의","before":"x"}`, "bad_request")
		c.bye()
		other.bye()
	})
}

func TestSearchByHTTP(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		c := i.stock("")
		c.must("join", `{"username":"소이","room":"방"}`)
		c.must("message", `"내일 회의실에서 봐요"`)
		c.must("message", `"네"`)
		code, found, _ := i.script().do("GET", "/api/rooms/방/search?q=회의", "")
		if all := fmt.Sprint(found["messages"]); code != 200 || strings.Count(all, "seq:") != 1 || !strings.Contains(all, "회의실") {
			t.Errorf("%d %v", code, found)
		}
		for _, bad := range []string{"", "?q=", "?q=x&limit=0", "?q=x&before=-"} {
			if code, problem, _ := i.script().do("GET", "/api/rooms/방/search"+bad, ""); code != 400 || problem["code"] != "bad_request" {
				t.Errorf("%s: %d %v", bad, code, problem)
			}
		}
		c.bye()
	})
}
