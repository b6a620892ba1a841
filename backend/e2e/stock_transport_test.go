package e2e

import (
	"fmt"
	"strings"
	"testing"
)

func connected(recovered bool, transport string) func(map[string]any) bool {
	return func(m map[string]any) bool { return m["recovered"] == recovered && m["transport"] == transport }
}

func anything(map[string]any) bool { return true }

// The stock client talks the same over every transport it may choose.
func TestStockTransports(t *testing.T) {
	for _, c := range []struct {
		name       string
		transports []string
		first      string
		upgrades   bool
	}{
		{"polling", []string{"polling"}, "polling", false},
		{"WebSocket", []string{"websocket"}, "websocket", false},
		{"polling, then WebSocket", []string{"polling", "websocket"}, "polling", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startServer(t)
			soi, minjun := newStock(t, s.url, c.transports...), newStock(t, s.url, "websocket")
			first := connected(false, c.first)
			if c.upgrades { // it may have gone over before the namespace was connected
				first = anything
			}
			soi.hears("connect", first)
			soi.emit("join", map[string]string{"username": "소이", "room": "방"})
			soi.hears("ack join", func(first map[string]any) bool { return first == nil })
			minjun.emit("join", map[string]string{"username": "민준", "room": "방"})
			minjun.hears("ack join", func(first map[string]any) bool { return first == nil })
			if c.upgrades {
				soi.hears("upgrade", func(m map[string]any) bool { return m["transport"] == "websocket" })
			}
			for i := range 20 {
				text := fmt.Sprintf("글 %d", i)
				[]*stock{soi, minjun}[i%2].emit("message", text)
				for _, listener := range []*stock{soi, minjun} {
					listener.hears("message", says([]string{"소이", "민준"}[i%2], text))
				}
			}
			if n := len(soi.all("message")); n != 22 { // the welcome and the other's coming beside
				t.Errorf("it heard %d messages", n)
			}
			soi.emit("$timeout", 5000, "message", "답이 오는 글")
			soi.hears("timeout message", func(first map[string]any) bool { return first == nil })
		})
	}
}

// Two namespaces share one connection.
func TestStockNamespaces(t *testing.T) {
	s := startServer(t)
	soi := newStock(t, s.url, "polling", "websocket", "/echo")
	soi.hears("connect", anything)
	soi.hears("/echo connect", anything)
	soi.emit("$second", "message", "안녕")
	soi.hears("/echo ack message", func(first map[string]any) bool { return first == nil })
	wait(t, "the mirror to answer", func() (bool, any) {
		all := soi.all("/echo message")
		return len(all) == 2 && string(all[1].Args[0]) == `"서버로부터 응답: 안녕"`, all
	})
	soi.emit("join", map[string]string{"username": "소이", "room": "방"})
	soi.hears("ack join", func(first map[string]any) bool { return first == nil })
}

// A stock client whose connection breaks, or whose server dies, is brought back
// to its room and gets what it missed, without code of its own.
func TestStockRecovery(t *testing.T) {
	for _, transport := range []string{"websocket", "polling"} {
		t.Run(transport, func(t *testing.T) {
			s := startServer(t)
			soi, minjun := newStock(t, s.url, transport), newStock(t, s.url, "websocket")
			both := map[string]*stock{"소이": soi, "민준": minjun}
			for name, c := range both {
				c.hears("connect", anything)
				c.emit("join", map[string]string{"username": name, "room": "방"})
				c.hears("ack join", func(first map[string]any) bool { return first == nil })
			}
			for name, c := range both {
				c.emit("message", "저는 "+name)
			}
			soi.hears("message", says("민준", "저는 민준"))
			soi.hears("message", says("소이", "저는 소이"))
			for round := range 3 {
				soi.emit("$drop")
				text := fmt.Sprintf("끊긴 동안 %d", round)
				minjun.emit("message", text)
				soi.hears("message", says("민준", text))
			}
			s.kill()
			soi.hears("disconnect", anything)
			s.start()
			wait(t, "both to be recovered", func() (bool, any) {
				a, b := soi.all("connect"), minjun.all("connect")
				return len(a) == 5 && len(b) == 2, fmt.Sprint(a, b)
			})
			for _, c := range []*stock{soi, minjun} {
				for i, h := range c.all("connect") {
					if want := i > 0; want != strings.HasPrefix(string(h.Args[0]), `{"recovered":true`) {
						t.Errorf("connection %d: %s", i, h)
					}
				}
			}
			soi.emit("message", "다시 왔어요")
			minjun.hears("message", says("소이", "다시 왔어요"))
			seen := map[string]int{}
			for _, h := range soi.all("message") {
				seen[string(h.Args[0])]++
			}
			for message, n := range seen {
				if n != 1 {
					t.Errorf("%s was heard %d times", message, n)
				}
			}
		})
	}
}
