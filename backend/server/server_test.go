package server

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

// What the post's client does, frame by frame.
func TestStockClientsTalk(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		soi := i.stock("")
		if joined := soi.must("join", `{"username":"소이","room":"기획팀"}`); joined["seq"] != 1.0 || joined["room"] != "기획팀" {
			t.Errorf("joined with %v", joined)
		}
		soi.hears("Admin: 기획팀 방에 오신 걸 환영합니다.")
		soi.hears("people 1: 소이")
		minjun := i.stock("")
		minjun.must("join", `{"username":"민준","room":"기획팀"}`)
		minjun.hears("Admin: 기획팀 방에 오신 걸 환영합니다.")
		soi.hears("Admin: 민준님이 방에 참여했습니다.")
		soi.hears("people 2: 민준, 소이")
		minjun.hears("people 2: 민준, 소이")
		ack, _ := soi.ask("message", `"안녕하세요"`)
		if !strings.HasPrefix(ack, `[null,{"id":"`) {
			t.Errorf("ack of a message is %s", ack)
		}
		minjun.hears("소이: 안녕하세요")
		soi.bye()
		minjun.hears("Admin: 소이님이 방을 떠났습니다.")
		minjun.hears("people 1: 민준")
		minjun.bye()
	})
}

// The sender's own copy comes the same way as everybody's.
func TestSenderHearsItself(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.En)
		defer i.stop()
		c := i.stock("")
		c.must("join", `{"username":"Jules","room":"a"}`)
		c.hears("Admin: Welcome to a.")
		c.hears("people 1: Jules")
		_, before := c.ask("message", `{"room":"a","id":"m1","text":"hi"}`)
		if len(before) == 0 {
			c.hears("Jules: hi")
		} else if !strings.Contains(before[0], `"text":"hi"`) {
			t.Errorf("heard %q", before)
		}
		c.bye()
	})
}

func TestRefusals(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		bystander := i.stock("")
		bystander.must("join", `{"username":"민준","room":"방"}`)
		c := i.stock(`{"lang":"en"}`)
		long := strings.Repeat("가", 4001)
		for _, q := range []struct{ event, arg, code string }{
			{"message", `"안녕"`, "not_joined"},
			{"history", `{"room":"방"}`, "not_joined"},
			{"leave", `{"room":"방"}`, "not_joined"},
			{"join", `{"username":"","room":"방"}`, "name_empty"},
			{"join", `{"username":"소이","room":" "}`, "room_empty"},
			{"join", `{"username":"` + long[:99] + `","room":"방"}`, "name_too_long"},
			{"join", `{"username":"소이","room":"` + long[:300] + `"}`, "room_too_long"},
			{"join", `{"username":"admin","room":"방"}`, "name_reserved"},
			{"join", `{"username":"민준","room":"방"}`, "name_taken"},
			{"join", `{"username":{"a":1},"room":[]}`, "bad_request"},
			{"join", `{"USERNAME":"소이","room":"방"}`, "name_empty"},
			{"join", `"소이"`, "bad_request"},
			{"join", `null`, "bad_request"},
			{"__proto__", `{}`, "unknown_event"},
			{"rename", `{}`, "unknown_event"},
		} {
			ack, _ := c.ask(q.event, q.arg)
			if !strings.HasPrefix(ack, `[{"code":"`+q.code+`","message":"`) {
				t.Errorf("%s %.80s: ack %s, want %s", q.event, q.arg, ack, q.code)
			}
			if want := text.Refusal(text.En, event.Code(q.code)); !strings.Contains(ack, want) {
				t.Errorf("%s: ack %s is not in the client's language", q.event, ack)
			}
		}
		c.must("join", `{"username":"소이","room":"방"}`)
		for arg, code := range map[string]string{`""`: "text_empty", `"` + long + `"`: "text_too_long", `{"room":"방","text":1}`: "bad_request"} {
			if ack, _ := c.ask("message", arg); !strings.HasPrefix(ack, `[{"code":"`+code+`"`) {
				t.Errorf("message %.40s: ack %s, want %s", arg, ack, code)
			}
		}
		bystander.must("message", `"나는 잘 있어요"`)
		bystander.bye()
		c.bye()
	})
}

// A peer that breaks the protocol is closed with a reason; nobody else notices.
func TestBrokenPeers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		bystander := i.stock("")
		bystander.must("join", `{"username":"민준","room":"방"}`)
		for frame, code := range map[string]websocket.StatusCode{
			`42["join",{`:                            websocket.StatusInvalidFramePayloadData,
			`42{"a":1}`:                              websocket.StatusInvalidFramePayloadData,
			"42[\"message\",\"\xff\"]":               websocket.StatusInvalidFramePayloadData,
			`9`:                                      websocket.StatusInvalidFramePayloadData,
			`42["a",` + strings.Repeat("[", 100_000): websocket.StatusMessageTooBig,
			`42["a",` + strings.Repeat("[", 1000):    websocket.StatusInvalidFramePayloadData,
		} {
			c := i.stock("")
			err := c.Conn.Write(t.Context(), websocket.MessageText, []byte(frame))
			if err != nil && code == websocket.StatusMessageTooBig {
				continue // it was closed before it had said all
			}
			c.WantClose(code)
		}
		bystander.must("message", `"나는 잘 있어요"`)
		bystander.bye()
	})
}

// Who comes back with its cursor gets what it missed, once and in order, then
// what is said from now on.
func TestComingBackMissesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := database(t)
		i := start(t, path, text.Ko)
		soi, minjun := i.stock(""), i.stock("")
		soi.must("join", `{"username":"소이","room":"방"}`)
		cursor := minjun.must("join", `{"username":"민준","room":"방"}`)["cursor"]
		minjun.bye()
		for n := range 250 {
			soi.must("message", fmt.Sprintf(`{"room":"방","text":"글 %d"}`, n))
		}
		back := i.stock("")
		joined := back.must("join", fmt.Sprintf(`{"username":"민준","room":"방","after":%q}`, cursor))
		if joined["skipped"] != nil || joined["reset"] != nil || joined["cursor"] != cursor {
			t.Errorf("came back with %v", joined)
		}
		back.hearsSaid("Admin: 민준님이 방을 떠났습니다.")
		for n := range 250 {
			back.hearsSaid(fmt.Sprintf("소이: 글 %d", n))
		}
		back.hearsSaid("Admin: 민준님이 방에 참여했습니다.")
		soi.must("message", `"그리고 지금"`)
		back.hearsSaid("소이: 그리고 지금")
		soi.bye()
		back.bye()
		i.stop()
	})
}

// A hundred people who come at once cost a few lists of people, not one each.
func TestStormOfJoins(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		watcher := i.stock("")
		watcher.must("join", `{"username":"보는이","room":"방"}`)
		const many = 100
		peers := make([]*stock, many)
		began := time.Now()
		for n := range many {
			peers[n] = i.stock("")
			peers[n].must("join", fmt.Sprintf(`{"username":"사람%d","room":"방"}`, n))
		}
		beats := int(time.Since(began)/gather) + 2
		lists, count := 0, 0.0
		for count != many+1 {
			if name, args, _ := watcher.hear(); name == "roomData" {
				lists++
				count = args[0]["count"].(float64)
				if n := len(args[0]["users"].([]any)); n > event.MaxUsers {
					t.Fatalf("a list of %d people", n)
				}
			}
		}
		if lists > beats {
			t.Errorf("%d joins within %d beats were told in %d lists", many, beats, lists)
		}
		watcher.bye()
		for _, p := range peers {
			p.bye()
		}
	})
}

// Who loses the connection is said to have left when the lease has ended; who
// leaves, at once.
func TestLostIsNotLeft(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		watcher := i.stock("")
		watcher.must("join", `{"username":"소이","room":"방"}`)
		for _, c := range []struct {
			auth, last string
			least      time.Duration
		}{{`{"token":""}`, "41", 0}, {`{"token":""}`, "1", 0}, {``, "", 45 * time.Second}, {`{"token":""}`, "", 45*time.Second + DefaultLease*2/3}} {
			p := i.stock(c.auth)
			p.must("join", `{"username":"민준","room":"방"}`)
			began := time.Now()
			if c.last != "" {
				p.Write(c.last)
			}
			for text := ""; text != "민준님이 방을 떠났습니다."; {
				if _, args, _ := watcher.hear(); args[0]["text"] != nil {
					text = args[0]["text"].(string)
				}
			}
			if took := time.Since(began); took < c.least || took > c.least+DefaultLease {
				t.Errorf("auth %q, last words %q: told as left after %v", c.auth, c.last, took)
			}
			_ = p.Conn.CloseNow()
		}
		watcher.bye()
	})
}

// Much more than a queue holds was missed; it is told at the client's pace,
// although the client is the first one in the room after a restart.
func TestCatchingUpIsPaced(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := database(t)
		i := start(t, path, text.Ko)
		soi := i.stock("")
		cursor := soi.must("join", `{"username":"소이","room":"방"}`)["cursor"]
		words := strings.Repeat("가", 3990)
		for n := range 150 { // 1.8 MB
			soi.must("message", fmt.Sprintf(`{"room":"방","text":"%s%d"}`, words, n))
		}
		soi.bye()
		i.stop()
		i = start(t, path, text.Ko)
		defer i.stop()
		back := i.stock("")
		back.must("join", fmt.Sprintf(`{"username":"민준","room":"방","after":%q}`, cursor))
		for n := range 150 {
			back.hearsSaid(fmt.Sprintf("소이: %s%d", words, n))
		}
		back.bye()
	})
}

// The reply to CONNECT tells what a person may want to see of the server.
func TestWelcome(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		c := &stock{Peer: i.listener.Dial(t), t: t}
		c.Write("40")
		reply := strings.TrimPrefix(c.Read(), "40")
		if w := event.ParseWelcome([]byte(reply)); w.Token == "" || w.Store != "SQLite" {
			t.Errorf("%s is read as %+v", reply, w)
		}
		c.bye()
	})
}

func TestEcho(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		c := &stock{Peer: i.listener.Dial(t), t: t}
		c.Write("40/echo,")
		if first := c.Read(); !strings.HasPrefix(first, `40/echo,{"sid":"`) {
			t.Fatalf("connected with %q", first)
		}
		c.Want(`42/echo,["message","서버에 연결되었습니다."]`)
		c.Write(`42/echo,7["message","안녕"]`)
		c.Want(`42/echo,["message","서버로부터 응답: 안녕"]`)
		c.Want(`43/echo,7[null]`)
		c.bye()
	})
}

// A machine that slept wakes up to leases that have ended; who is still
// connected is put back.
func TestLeasesComeBackAfterSleep(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		c := i.stock("")
		c.must("join", `{"username":"소이","room":"방"}`)
		c.hears("Admin: 방 방에 오신 걸 환영합니다.")
		c.hears("people 1: 소이")
		if err := i.store.Leave(t.Context(), "방", i.server.hub.seats()[0].Conn); err != nil {
			t.Fatal(err)
		}
		c.hears("Admin: 소이님이 방을 떠났습니다.")
		c.hears("people 0: ")
		c.hears("Admin: 소이님이 방에 참여했습니다.")
		c.hears("people 1: 소이")
		synctest.Wait()
		c.bye()
	})
}
