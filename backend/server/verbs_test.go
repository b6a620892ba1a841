package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/wire/text"
	"maru/backend/chat"
)

// enter brings somebody new into a room and past what is said at the door.
func (i *instance) enter(auth, name, room string) *stock {
	i.t.Helper()
	c := i.stock(auth)
	c.must("join", fmt.Sprintf(`{"username":%q,"room":%q}`, name, room))
	c.settle()
	return c
}

// settle reads everything that is on its way: the people come last, gathered.
func (c *stock) settle() {
	c.t.Helper()
	<-time.After(gather)
	synctest.Wait()
	for {
		name, _, _ := c.hear()
		if name == "roomData" {
			return
		}
	}
}

// hearsEvent reads the next event of a name, with its first argument.
func (c *stock) hearsEvent(want string) map[string]any {
	c.t.Helper()
	for {
		name, args, cursor := c.hear()
		if name == "roomData" {
			continue
		}
		if name != want {
			c.t.Fatalf("heard %s %v, want %s", name, args, want)
		}
		if args[0]["seq"] != nil && args[0]["target"] != nil && cursor == "" {
			c.t.Fatalf("%s has no cursor", name)
		}
		return args[0]
	}
}

// refused asks for something that must be refused with a code.
func (c *stock) refused(event, arg, code string) {
	c.t.Helper()
	ack, _ := c.ask(event, arg)
	if want := fmt.Sprintf(`[{"code":%q,`, code); len(ack) < len(want) || ack[:len(want)] != want {
		c.t.Errorf("%s %s: ack %s, want %s", event, arg, ack, code)
	}
}

// What one changes, everybody in the room hears in the order of the log, and
// history has it.
func TestChanges(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		soi, minjun := i.enter("", "소이", "방"), i.enter("", "민준", "방")
		ear := i.enter("", "듣는 이", "방") // says nothing, so it hears everything in order
		first := soi.must("message", `{"room":"방","id":"m1","text":"회으"}`)["seq"].(float64)
		ear.hearsSaid("소이: 회으")

		edit := fmt.Sprintf(`{"room":"방","id":"e1","seq":%v,"text":"회의"}`, first)
		done := soi.must("edit", edit)
		if again := soi.must("edit", edit); done["seq"] != first+1 || fmt.Sprint(again) != fmt.Sprint(done) {
			t.Errorf("edited with %v, again %v", done, again)
		}
		if got := ear.hearsEvent("edit"); got["target"] != first || got["seq"] != first+1 || got["text"] != "회의" || got["id"] != "e1" || got["room"] != "방" {
			t.Errorf("heard of the edit: %v", got)
		}
		minjun.must("react", fmt.Sprintf(`{"room":"방","seq":%v,"emoji":"👍"}`, first))
		if got := ear.hearsEvent("react"); got["kind"] != "react" || got["emoji"] != "👍" || got["target"] != first {
			t.Errorf("heard of the reaction: %v", got)
		}
		page := ear.must("history", `{"room":"방"}`)
		post := page["messages"].([]any)[0].(map[string]any)
		if post["text"] != "회의" || post["editedAt"] == nil || fmt.Sprint(post["reactions"].([]any)[0].(map[string]any)["emoji"]) != "👍" {
			t.Errorf("history has %v", post)
		}
		if page["head"] != first+2 || page["done"] != true || len(page["changes"].([]any)) != 2 {
			t.Errorf("the page is %v", page)
		}
		minjun.must("react", fmt.Sprintf(`{"room":"방","seq":%v,"emoji":"👍","remove":true}`, first))
		if got := ear.hearsEvent("react"); got["kind"] != "unreact" {
			t.Errorf("heard of the reaction's end: %v", got)
		}
		soi.must("delete", fmt.Sprintf(`{"room":"방","seq":%v}`, first))
		if got := ear.hearsEvent("delete"); got["target"] != first || got["text"] != nil {
			t.Errorf("heard of the deletion: %v", got)
		}
		post = ear.must("history", `{"room":"방"}`)["messages"].([]any)[0].(map[string]any)
		if post["text"] != "" || post["deleted"] != true || post["editedAt"] != nil || post["reactions"] != nil {
			t.Errorf("history has %v", post)
		}
		soi.bye()
		minjun.bye()
		ear.bye()
	})
}

func TestChangesAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		soi := i.enter("", "소이", "방")
		minjun := i.enter("", "민준", "방")
		seq := soi.must("message", `{"room":"방","text":"안녕"}`)["seq"]
		at := func(form string) string { return fmt.Sprintf(form, seq) }
		minjun.refused("edit", at(`{"room":"방","seq":%v,"text":"바꿈"}`), "not_yours")
		minjun.refused("delete", at(`{"room":"방","seq":%v}`), "not_yours")
		minjun.refused("react", at(`{"room":"방","seq":%v,"emoji":"좋아요"}`), "emoji_invalid")
		for _, gone := range []string{"1", "999"} { // somebody's coming, and nothing
			soi.refused("edit", `{"room":"방","seq":`+gone+`,"text":"바꿈"}`, "gone")
			soi.refused("delete", `{"room":"방","seq":`+gone+`}`, "gone")
			soi.refused("react", `{"room":"방","seq":`+gone+`,"emoji":"👍"}`, "gone")
		}
		for _, verb := range []string{"edit", "delete", "react", "typing", "read"} {
			soi.refused(verb, `{"room":"다른 방","seq":1,"text":"바꿈","emoji":"👍"}`, "not_joined")
			soi.refused(verb, `[]`, "bad_request")
		}
		soi.must("delete", at(`{"room":"방","id":"d","seq":%v}`))
		soi.must("delete", at(`{"room":"방","id":"d","seq":%v}`)) // said again
		soi.refused("delete", at(`{"room":"방","id":"d2","seq":%v}`), "gone")
		soi.refused("edit", at(`{"room":"방","seq":%v,"text":"바꿈"}`), "gone")
		minjun.refused("react", at(`{"room":"방","seq":%v,"emoji":"👍"}`), "gone")
		soi.bye()
		minjun.bye()
	})
}

// What a message answers is told to all, over each of the ways to hear of it.
func TestReplies(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		soi, ear := i.enter("", "소이", "방"), i.enter("", "듣는 이", "방")
		first := soi.must("message", `{"room":"방","text":"몇 시예요?"}`)["seq"].(float64)
		if got := ear.hearsEvent("message"); got["replyTo"] != nil {
			t.Errorf("what answers nothing: %v", got)
		}
		at := func(form string) string { return fmt.Sprintf(form, first) }
		soi.must("message", at(`{"room":"방","id":"r1","text":"세 시요","replyTo":%v}`))
		if got := ear.hearsEvent("message"); got["replyTo"] != first || got["text"] != "세 시요" {
			t.Errorf("heard %v", got)
		}
		soi.must("message", at(`{"text":"아니 네 시","replyTo":%v}`)) // to the room joined last
		if got := ear.hearsEvent("message"); got["replyTo"] != first {
			t.Errorf("heard %v", got)
		}
		script := i.script()
		code, _, _ := script.do("POST", "/api/rooms/방/messages", at(`{"username":"봇","text":"다섯 시","replyTo":%v}`))
		if got := ear.hearsEvent("message"); code != 201 || got["replyTo"] != first || got["username"] != "봇" {
			t.Errorf("%d, heard %v", code, got)
		}
		for name, answer := range map[string]map[string]any{
			"history": ear.must("history", `{"room":"방"}`), "search": ear.must("search", `{"room":"방","text":"시"}`),
			"page": second(script.do("GET", "/api/rooms/방/messages", "")), "after": second(script.do("GET", "/api/rooms/방/messages?after=", "")),
			"found": second(script.do("GET", "/api/rooms/방/search?q=시", "")),
		} {
			replies := 0
			for _, m := range answer["messages"].([]any) {
				if m.(map[string]any)["replyTo"] == first {
					replies++
				}
			}
			if replies != 3 {
				t.Errorf("%s tells of %d replies: %v", name, replies, answer)
			}
		}
		soi.bye()
		ear.bye()
	})
}

func second(_ int, answer map[string]any, _ http.Header) map[string]any { return answer }

func TestRepliesAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		soi, ear := i.enter("", "소이", "방"), i.enter("", "민준", "방")
		seq := soi.must("message", `{"room":"방","text":"안녕"}`)["seq"].(float64)
		at := func(form string) string { return fmt.Sprintf(form, seq) }
		sent := ear.must("message", at(`{"room":"방","id":"r","text":"네","replyTo":%v}`))
		ear.must("react", at(`{"room":"방","seq":%v,"emoji":"👍"}`))
		soi.must("delete", at(`{"room":"방","seq":%v}`))
		if again := ear.must("message", at(`{"room":"방","id":"r","text":"네","replyTo":%v}`)); fmt.Sprint(again) != fmt.Sprint(sent) {
			t.Errorf("said again: %v, first %v", again, sent)
		}
		// A deleted one, somebody's coming, a reaction, nothing.
		for _, gone := range []string{at("%v"), "1", fmt.Sprint(seq + 2), "999", "9007199254740991"} {
			ear.refused("message", `{"room":"방","text":"네","replyTo":`+gone+`}`, "gone")
			code, answer, _ := i.script().do("POST", "/api/rooms/방/messages", `{"username":"봇","text":"네","replyTo":`+gone+`}`)
			if code != 410 || answer["code"] != "gone" {
				t.Errorf("reply to %s: %d %v", gone, code, answer)
			}
		}
		for _, bad := range []string{`-1`, `1.5`, `"3"`, `[3]`, `9e99`, `true`} {
			ear.refused("message", `{"room":"방","text":"네","replyTo":`+bad+`}`, "bad_request")
			code, answer, _ := i.script().do("POST", "/api/rooms/방/messages", `{"username":"봇","text":"네","replyTo":`+bad+`}`)
			if code != 400 || answer["code"] != "bad_request" {
				t.Errorf("reply to %s: %d %v", bad, code, answer)
			}
		}
		ear.must("join", `{"username":"민준","room":"다른 방"}`)
		ear.refused("message", at(`{"room":"다른 방","text":"네","replyTo":%v}`), "gone")
		if all := ear.must("history", `{"room":"방"}`); len(all["messages"].([]any)) != 2 {
			t.Errorf("what was refused is stored: %v", all)
		}
		soi.bye()
		ear.bye()
	})
}

// Who types is heard by the others alone, and stands in no log.
func TestTyping(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		soi, ear := i.enter("", "소이", "방"), i.enter("", "듣는 이", "방")
		soi.hearsSaid("Admin: 듣는 이님이 방에 참여했습니다.")
		soi.must("typing", `{"room":"방"}`)
		if got := ear.hearsEvent("typing"); got["username"] != "소이" || got["room"] != "방" || got["user"] == nil || got["stop"] != nil {
			t.Errorf("heard %v", got)
		}
		soi.must("typing", `{"room":"방","stop":true}`)
		if got := ear.hearsEvent("typing"); got["stop"] != true {
			t.Errorf("heard %v", got)
		}
		result, before := soi.ask("message", `"됐어요"`)
		if !strings.Contains(result, `"seq":3,`) {
			t.Errorf("what was typed is stored: %s", result)
		}
		for _, frame := range before {
			if strings.Contains(frame, "typing") {
				t.Errorf("hears of its own typing: %s", frame)
			}
		}
		soi.bye()
		ear.bye()
	})
}

// How far somebody has read is known to that person's connections alone, is
// kept, and never goes back.
func TestReadMarks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		token, _ := chat.NewSigner([]byte("a secret that tests share")).Issue()
		me := fmt.Sprintf(`{"token":%q}`, token)
		phone, desk := i.enter(me, "소이", "방"), i.enter(me, "소이", "방")
		other := i.enter("", "민준", "방")
		for n := range 5 {
			other.must("message", fmt.Sprintf(`"글 %d"`, n))
		}
		if mark := phone.must("read", `{"room":"방","seq":4}`); mark["seq"] != 4.0 || mark["room"] != "방" {
			t.Errorf("marked %v", mark)
		}
		for {
			name, args, _ := desk.hear()
			if name == "read" {
				if args[0]["seq"] != 4.0 {
					t.Errorf("the other device heard %v", args)
				}
				break
			}
		}
		if mark := desk.must("read", `{"room":"방","seq":2}`); mark["seq"] != 4.0 {
			t.Errorf("went back to %v", mark)
		}
		if mark := desk.must("read", `{"room":"방","seq":9000}`); mark["seq"] != 7.0 {
			t.Errorf("went beyond the log to %v", mark)
		}
		if joined := i.stock(me).must("join", `{"username":"소이","room":"방"}`); joined["read"] != 7.0 {
			t.Errorf("joins with %v", joined)
		}
		if joined := i.stock(me).must("join", `{"username":"소이의 다른 창","room":"방"}`); joined["read"] != nil {
			t.Errorf("another person joins with %v", joined)
		}
		other.must("leave", `{"room":"방"}`)
		synctest.Wait()
	})
}
