package server

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"maru/app/wire/text"
)

// returning is Socket.IO's own client as far as recovery goes: it keeps the
// pid and the last event's last argument, if that is a string.
type returning struct {
	*stock
	pid, offset string
}

// connect connects, or comes back; it tells whether it was recovered.
func (i *instance) connect(t *testing.T, r *returning) (recovered bool) {
	t.Helper()
	r.stock = &stock{Peer: i.listener.Dial(t), t: t}
	auth := ""
	if r.pid != "" {
		auth = fmt.Sprintf(`{"pid":%q,"offset":%q}`, r.pid, r.offset)
	}
	r.Write("40" + auth)
	var reply struct{ Pid string }
	if err := json.Unmarshal([]byte(strings.TrimPrefix(r.Read(), "40")), &reply); err != nil || reply.Pid == "" {
		t.Fatalf("connected without a pid: %v", err)
	}
	recovered = reply.Pid == r.pid
	r.pid = reply.Pid
	return recovered
}

// hearsAll reads messages until the last ones are there, and returns their
// texts.
func (r *returning) hearsAll(last ...string) string {
	r.t.Helper()
	var words []string
	missing := func(w string) bool { return !slices.Contains(words, w) }
	for slices.ContainsFunc(last, missing) {
		name, args, cursor := r.hear()
		if cursor != "" {
			r.offset = cursor
		}
		if name == "message" {
			words = append(words, args[0]["text"].(string))
		}
	}
	return strings.Join(words, ", ")
}

// A stock client that loses its connection gets what it missed in all of its
// rooms, once, without joining again; also from another process.
func TestStockClientRecovers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		path := database(t)
		i := start(t, path, text.Ko)
		r := &returning{}
		if i.connect(t, r) {
			t.Error("recovered, although it was never here")
		}
		r.must("join", `{"username":"소이","room":"가"}`)
		r.must("join", `{"username":"소이","room":"나"}`)
		talker := i.stock("")
		talker.must("join", `{"username":"민준","room":"가"}`)
		talker.must("join", `{"username":"민준","room":"나"}`)
		say := func(room, words string) {
			talker.must("message", fmt.Sprintf(`{"room":%q,"text":%q}`, room, words))
		}
		say("가", "하나")
		say("나", "둘")
		r.hearsAll("하나", "둘") // two rooms: in any order
		_ = r.Conn.CloseNow()
		for k := range 300 {
			say("가", fmt.Sprint("가", k))
		}
		say("나", "셋")
		i.stop()

		i = start(t, path, text.Ko)
		defer i.stop()
		if !i.connect(t, r) {
			t.Fatal("not recovered")
		}
		heard := strings.Split(r.hearsAll("셋", "가299"), ", ")
		seen := map[string]int{}
		for _, w := range heard {
			seen[w]++
		}
		for k := range 300 {
			if seen[fmt.Sprint("가", k)] != 1 {
				t.Fatalf("가%d was heard %d times", k, seen[fmt.Sprint("가", k)])
			}
		}
		if seen["하나"]+seen["둘"] != 0 || seen["셋"] != 1 {
			t.Errorf("heard again, or not: %v", seen)
		}
		for _, w := range heard {
			if strings.HasPrefix(w, "소이님이") {
				t.Errorf("is told of itself: %s", w)
			}
		}
		ack, before := r.ask("message", `{"room":"가","text":"다시 왔어요"}`)
		if !strings.HasPrefix(ack, "[null,") {
			t.Errorf("is not in its room: %s", ack)
		}
		if !strings.Contains(strings.Join(before, ""), "다시 왔어요") {
			r.hearsAll("다시 왔어요")
		}
		r.bye()
	})
}

// A client is only brought back if nothing would be missing.
func TestNotRecovered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		r := &returning{}
		i.connect(t, r)
		r.must("join", `{"username":"소이","room":"가"}`)
		r.hearsAll("가 방에 오신 걸 환영합니다.")
		good, offset := r.pid, r.offset
		for _, c := range []struct{ why, pid, offset string }{
			{"no offset", good, ""},
			{"a broken offset", good, "%%%"},
			{"a place in another log", good, "otherlog.1.YQ"},
			{"a place that is not there yet", good, strings.Replace(offset, ".1.", ".zz.", 1)},
			{"a forged pid", good + "x", offset},
			{"an id that no socket has", good[strings.IndexByte(good, '.'):], offset},
			{"a made-up id", "x" + good, offset},
		} {
			_ = r.Conn.CloseNow()
			r = &returning{pid: c.pid, offset: c.offset}
			if i.connect(t, r) {
				t.Errorf("recovered with %s", c.why)
			}
			if ack, _ := r.ask("message", `{"room":"가","text":"x"}`); !strings.Contains(ack, "not_joined") {
				t.Errorf("with %s it is in the room: %s", c.why, ack)
			}
		}
		_ = r.Conn.CloseNow()
		r = &returning{pid: good, offset: offset}
		if !i.connect(t, r) {
			t.Error("not recovered with what it was given")
		}
		r.Write("41") // says goodbye itself
		r.bye()
		r = &returning{pid: good, offset: offset}
		i.connect(t, r)
		if ack, _ := r.ask("message", `{"room":"가","text":"x"}`); !strings.Contains(ack, "not_joined") {
			t.Errorf("is back in a room that it left: %s", ack)
		}
		r.bye()
	})
}
