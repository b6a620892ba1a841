package server

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"maru/app/wire/text"
	"maru/backend/store"
)

func TestParseRetention(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		in   string
		want store.Retention
		ok   bool
	}{
		{"", store.Retention{}, true},
		{"90d", store.Retention{Age: 90 * day}, true},
		{"10000", store.Retention{Count: 10000}, true},
		{"90d,10000", store.Retention{Count: 10000, Age: 90 * day}, true},
		{" 500 , 36h ", store.Retention{Count: 500, Age: 36 * time.Hour}, true},
		{"0", store.Retention{}, false},
		{"-5", store.Retention{}, false},
		{"0d", store.Retention{}, false},
		{"5s", store.Retention{}, false},
		{"90", store.Retention{Count: 90}, true},
		{"90d,30d", store.Retention{}, false},
		{"1,2", store.Retention{}, false},
		{"for ever", store.Retention{}, false},
		{"999999d", store.Retention{}, false},
		{"1e9", store.Retention{}, false},
	} {
		got, err := ParseRetention(c.in)
		if (err == nil) != c.ok || c.ok && got != c.want {
			t.Errorf("%q: %+v, %v", c.in, got, err)
		}
	}
}

// What is too old, or too much, goes by itself, also in rooms where nobody is;
// who is there goes on.
func TestRetention(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := startWith(t, database(t), Config{Lang: text.Ko, Keep: store.Retention{Count: 5, Age: 6 * time.Hour}})
		defer i.stop()
		for n := range 20 {
			for _, room := range []string{"방", "빈 방"} {
				code, sent, _ := i.script().do("POST", "/api/rooms/"+url.PathEscape(room)+"/messages", fmt.Sprintf(`{"username":"봇","text":"글 %d"}`, n))
				if code != 201 {
					t.Fatal(sent)
				}
			}
		}
		n := reach(i)
		soi := n.inside(t, "소이")
		<-time.After(2 * trimEvery)
		for room, want := range map[string]string{"방": "글 19, 글 18, 글 17, 글 16", "빈 방": "글 19, 글 18, 글 17, 글 16, 글 15"} {
			if _, page, _ := i.script().do("GET", "/api/rooms/"+url.PathEscape(room)+"/messages", ""); texts(page) != want {
				t.Errorf("%s has %q, want %q", room, texts(page), want)
			}
		}
		soi.says("아직 있어요")
		soi.until("it is sent", func() bool { r, _ := soi.Room("방"); return r.Unsent == 0 })
		soi.stop()
		<-time.After(8 * time.Hour)
		if _, page, _ := i.script().do("GET", "/api/rooms/빈%20방/messages", ""); texts(page) != "" {
			t.Errorf("after some hours there is %q", texts(page))
		}
	})
}
