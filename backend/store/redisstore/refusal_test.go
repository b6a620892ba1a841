package redisstore

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"maru/backend/store"
	"maru/backend/store/redisstore/redistest"
)

// Whatever Redis says that is no answer is ErrUnavailable, and goes by.
func TestRefusalsOfRedis(t *testing.T) {
	r := redistest.Start(t, "--busy-reply-threshold", "1")
	s, c := open(t, r.URL(), Options{}), dial(t, r)
	do := func(args ...any) {
		t.Helper()
		if err := c.Do(t.Context(), args...).Err(); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
	for i, refusal := range []struct {
		text  string
		begin func()
		end   func()
	}{
		{"OOM", func() { do("CONFIG", "SET", "maxmemory", 1) }, func() { do("CONFIG", "SET", "maxmemory", 0) }},
		{"READONLY", func() { do("REPLICAOF", "127.0.0.1", 1) }, func() { do("REPLICAOF", "NO", "ONE") }},
		{"NOREPLICAS", func() { do("CONFIG", "SET", "min-replicas-to-write", 1) }, func() { do("CONFIG", "SET", "min-replicas-to-write", 0) }},
	} {
		refusal.begin()
		_, _, appending := s.Append(t.Context(), room, message(fmt.Sprint(i)))
		entering := s.Enter(t.Context(), room, store.Member{Conn: "c", User: "u"}, time.Hour)
		for what, err := range map[string]error{"Append": appending, "Enter": entering, "Ping": s.Ping(t.Context()),
			"Note": s.Note(t.Context(), "key", []byte("x"), time.Hour)} {
			if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), refusal.text) {
				t.Errorf("%s: %s: %v", refusal.text, what, err)
			}
		}
		refusal.end()
		if ev := say(t, s, room, fmt.Sprint(i)); ev.Seq != int64(i+1) {
			t.Errorf("%s: then Seq %d", refusal.text, ev.Seq)
		}
		if members, _, err := s.Members(t.Context(), room); err != nil || len(members) > 0 {
			t.Errorf("%s: %v, %v", refusal.text, members, err)
		}
	}
	do("SCRIPT", "FLUSH")
	if ev := say(t, s, room, "after a flush"); ev.Seq != 4 {
		t.Errorf("after a flush of the scripts Seq %d", ev.Seq)
	}
	busy := make(chan error, 1)
	go func() { busy <- c.Eval(t.Context(), "while true do end", nil).Err() }()
	other := dial(t, r)
	for began := time.Now(); ; {
		_, _, err := s.Append(t.Context(), room, message("busy"))
		if errors.Is(err, store.ErrUnavailable) && strings.Contains(err.Error(), "BUSY") {
			break
		}
		if time.Since(began) > wait {
			t.Fatalf("a busy Redis: %v", err)
		}
	}
	if err := other.ScriptKill(t.Context()).Err(); err != nil {
		t.Error(err)
	}
	<-busy
	say(t, s, room, "busy")
}

// Codes that a server can't easily be made to say.
func TestRefusalsOfMiniredis(t *testing.T) {
	m := miniredis.RunT(t)
	s := open(t, "redis://"+m.Addr(), Options{})
	for i, code := range []string{"LOADING Redis is loading the dataset in memory", "MASTERDOWN Link with MASTER is down",
		"TRYAGAIN Multiple keys request during rehashing of slot", "CLUSTERDOWN The cluster is down", "MISCONF Redis is configured to save",
		"NOPERM this user has no permissions", "WRONGTYPE Operation against a key"} {
		m.SetError(code)
		_, _, err := s.Append(t.Context(), room, message(fmt.Sprint(i)))
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", code, err)
		}
		if _, err := s.Head(t.Context(), room); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: %v", code, err)
		}
		m.SetError("")
		if ev := say(t, s, room, fmt.Sprint(i)); ev.Seq != int64(i+1) {
			t.Errorf("%s: then Seq %d", code, ev.Seq)
		}
	}
}
