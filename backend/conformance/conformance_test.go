package main

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"maru/backend/engineio/enginetest"
)

// inWorld runs test against the servers of a profile, on a network in memory.
func inWorld(t *testing.T, profile string, test func(*testing.T, *enginetest.Listener)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := newServers(profile, slog.New(slog.NewTextHandler(io.Discard, nil)))
		if err != nil {
			t.Fatal(err)
		}
		l := enginetest.Listen(64 << 10)
		counted := &countedListener{Listener: l}
		h := &http.Server{Handler: s.handler(counted)}
		go func() { _ = h.Serve(counted) }()
		defer func() {
			if err := s.io.Shutdown(t.Context()); err != nil {
				t.Error("shutdown:", err)
			}
			h.Close()
			synctest.Wait()
			if open := counted.open.Load(); open != 0 {
				t.Errorf("%d connections are still open", open)
			}
		}()
		test(t, l)
	})
}

func TestProtocol(t *testing.T) {
	inWorld(t, "", func(t *testing.T, l *enginetest.Listener) {
		p := l.Dial(t)
		p.Write(`40{ "token" : "<123>" }`)
		if got := p.Read(); !strings.HasPrefix(got, `40{"sid":"`) {
			t.Errorf("answer %s", got)
		}
		p.Want(`42["auth",{"token":"<123>"}]`)
		p.Write(`42["message",1,"2",{"3":[true]}]`)
		p.Want(`42["message-back",1,"2",{"3":[true]}]`)
		p.Write(`451-7["message-with-ack",{"_placeholder":true,"num":0}]`)
		p.WriteBinary("\x01\x02")
		p.Want(`461-7[{"_placeholder":true,"num":0}]`)
		p.Want("\x01\x02")
		p.Write("40/random")
		p.Want(`44/random,{"message":"Invalid namespace"}`)
		p.Write("40/custom,")
		if got := p.Read(); !strings.HasPrefix(got, `40/custom,{"sid":"`) {
			t.Errorf("answer %s", got)
		}
		p.Want(`42/custom,["auth",{}]`)
	})
}

func TestClient(t *testing.T) {
	inWorld(t, "client", func(t *testing.T, l *enginetest.Listener) {
		p := l.Dial(t)
		p.Write("40/no,")
		p.Want(`44/no,{"message":"Auth failed (custom namespace)"}`)
		p.Write("40")
		p.Read()
		p.Write(`421["echo",{"a":1},2]`)
		p.Want(`431[{"a":1}]`)
		p.Write(`42["ack"]`)
		p.Want(`421["ack"]`)
		p.Write(`431[5,{"test":true}]`)
		p.Want(`42["got it"]`)
		p.Write(`451-["jsonbuff",{"hello":"lol","message":{"_placeholder":true,"num":0},"goodbye":"gotcha"}]`)
		p.WriteBinary("howdy")
		p.Want(`42["jsonbuff-ack"]`)
		p.Write(`42["doge"]`)
		p.Want(`451-["doge",{"_placeholder":true,"num":0}]`)
		p.Want("asdfasdf")
	})
}

func TestUnknownProfile(t *testing.T) {
	if _, err := newServers("browser", slog.Default()); err == nil {
		t.Error("no error")
	}
}
