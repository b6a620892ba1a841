package server

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// Who is not in a room is told how many are, and when the last message came, but
// neither who nor what; by a socket and by plain HTTP alike.
func TestPeek(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		soi, stranger, s := i.stock(""), i.stock(""), i.script()
		looks := func(room string, count int, lastAt any) {
			t.Helper()
			<-time.After(glanceFor)
			_, plain, _ := s.do("GET", "/api/rooms/"+room, "")
			for how, got := range map[string]map[string]any{"by a socket": stranger.must("peek", `{"room":"`+room+`"}`), "by HTTP": plain} {
				want := map[string]any{"room": room, "count": float64(count), "lastAt": lastAt}
				for key, value := range want {
					if got[key] != value {
						t.Errorf("%s: %s is %v, want %v", how, key, got[key], value)
					}
				}
				if len(got) > len(want) {
					t.Errorf("%s: told %v", how, got)
				}
			}
		}
		looks("방", 0, nil)
		soi.must("join", `{"username":"소이","room":"방"}`)
		looks("방", 1, nil)
		sent := soi.must("message", `{"room":"방","text":"비밀"}`)
		twin := i.stock("")
		twin.must("join", `{"username":"민준","room":"방"}`)
		looks("방", 2, sent["createdAt"])
		looks("다른방", 0, nil)
		before := stranger.must("peek", `{"room":"방"}`)
		sent = twin.must("message", `{"room":"방","text":"또"}`)
		if again := stranger.must("peek", `{"room":"방"}`); again["lastAt"] != before["lastAt"] {
			t.Errorf("a room is looked at each time that somebody asks: %v, then %v", before, again)
		}
		soi.must("leave", `{"room":"방"}`)
		twin.must("leave", `{"room":"방"}`)
		looks("방", 0, sent["createdAt"])
		for arg, want := range map[string]string{`{}`: "room_empty", `{"room":7}`: "bad_request", `7`: "bad_request"} {
			stranger.refused("peek", arg, want)
		}
		if code, _, _ := s.do("GET", "/api/rooms/%20", ""); code != http.StatusBadRequest {
			t.Errorf("a room without a name: %d", code)
		}
		soi.bye()
		twin.bye()
		stranger.bye()
	})
}

// Our own client asks as soon as there is a connection, and for the room that was
// asked for last.
func TestGuestsPeek(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		i := start(t, database(t), text.Ko)
		defer i.stop()
		n, away := &network{}, &network{}
		minjun := away.guest(t, "민준")
		minjun.Peek("방")
		if g := minjun.Peeked(); g.Known || g.Room != "방" {
			t.Errorf("without a network: %+v", g)
		}
		n.serve(i)
		soi := n.guest(t, "소이")
		soi.Enter("방", "소이")
		soi.says("하나")
		soi.shows("하나")
		away.serve(i)
		minjun.ConnectNow()
		knows := func(room string, count int, since time.Duration) {
			t.Helper()
			minjun.until("it knows of "+room, func() bool {
				g := minjun.Peeked()
				return g.Known && g.Room == room && g.Count == count && (since < 0) == g.LastAt.IsZero()
			})
			if g := minjun.Peeked(); since >= 0 && time.Since(g.LastAt) < since {
				t.Errorf("the last message in %s was %v ago", room, time.Since(g.LastAt))
			}
		}
		knows("방", 1, 0)
		minjun.Peek("다른 방")
		minjun.Peek("방")
		knows("방", 1, 0)
		soi.Exit("방")
		<-time.After(time.Minute)
		minjun.Peek("다른 방")
		knows("다른 방", 0, -1)
		minjun.Peek("방")
		knows("방", 0, time.Minute)
		minjun.Peek("")
		if g := minjun.Peeked(); g != (chat.Glance{}) {
			t.Errorf("nothing asked for: %+v", g)
		}
		soi.stop()
		minjun.stop()
	})
}

// However many ask at once, a room is looked at by one of them; who can't wait is told.
func TestPeekOfMany(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var looks atomic.Int32
		seen := make(chan struct{})
		g := &glances{seen: map[string]*glance{}, look: func(context.Context, string) (event.Peeked, error) {
			looks.Add(1)
			<-seen
			return event.Peeked{Count: 3}, nil
		}}
		var asking sync.WaitGroup
		for range 100 {
			asking.Go(func() {
				if got, err := g.of(t.Context(), "방"); err != nil || got.Count != 3 {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		synctest.Wait()
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.of(impatient, "방"); err == nil {
			t.Error("who waits too long gets an answer")
		}
		close(seen)
		asking.Wait()
		if n := looks.Load(); n != 1 {
			t.Errorf("the room was looked at %d times", n)
		}
		for n := range maxGlances + 10 {
			if _, err := g.of(t.Context(), fmt.Sprint(n)); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(g.seen); n > maxGlances {
			t.Errorf("%d rooms are kept", n)
		}
	})
}
