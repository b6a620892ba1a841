package redisstore

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"maru/backend/store"
	"maru/backend/store/faultproxy"
	"maru/backend/store/redisstore/redistest"
)

// Share implements storetest.Sharer.
func (h harness) Share(t *testing.T, s store.Store) store.Store { return h.Reopen(t, s) }

const (
	sid        = "the-session-id"
	sessionTTL = 45 * time.Second
)

// hearing starts Moves and hands over what comes, the zero Move that it begins
// with included.
func hearing(t *testing.T, s *Store, holder string) <-chan store.Move {
	t.Helper()
	heard := make(chan store.Move)
	done := make(chan struct{})
	t.Cleanup(func() { <-done })
	go func() {
		defer close(done)
		for m, err := range s.Moves(t.Context(), holder) {
			if err != nil {
				return
			}
			select {
			case heard <- m:
			case <-t.Context().Done():
			}
		}
	}()
	return heard
}

// next is the next Move.
func next(t *testing.T, heard <-chan store.Move) store.Move {
	t.Helper()
	select {
	case m := <-heard:
		return m
	case <-time.After(wait):
		t.Fatal("nothing is heard")
		return store.Move{}
	}
}

// until asks again and again until ok says true.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(wait); !ok(); {
		if time.Now().After(end) {
			t.Fatal(what, ": it does not come to that")
		}
	}
}

// proxied is a store that reaches a server through a proxy, and one on the same
// data that does not need it.
func proxied(t *testing.T, r *redistest.Server, o Options) (p *faultproxy.Proxy, through, direct *Store) {
	t.Helper()
	p, err := faultproxy.Listen(r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	direct = open(t, r.URL(), o)
	o.Prefix = direct.opt.Prefix
	return p, open(t, "redis://"+p.Addr(), o), direct
}

func openSession(t *testing.T, s *Store, sid, holder string) {
	t.Helper()
	if err := s.Open(t.Context(), sid, holder, []byte("state"), sessionTTL); err != nil {
		t.Fatal(err)
	}
}

func claimTurn(t *testing.T, s *Store, sid, holder string, want int64) {
	t.Helper()
	turn, _, err := s.Claim(t.Context(), sid, holder, 0, 0, sessionTTL)
	if err != nil || turn != want {
		t.Fatalf("Claim: turn %d, %v, want %d", turn, err, want)
	}
}

// TestSessionCallAgain makes calls a second time whose answers were lost, as
// go-redis does. It answers as it did, and nothing has changed more than once.
func TestSessionCallAgain(t *testing.T) {
	s := open(t, redistest.Start(t).URL(), Options{})
	again := func(what string, c invocation, want ...any) {
		t.Helper()
		for range 2 {
			if got, err := s.read(t.Context(), c); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %v, %v, want %v", what, got, err, want)
			}
		}
	}
	ttl := sessionTTL.Milliseconds()
	again("open", s.onSession(scriptOpen, sid, "a", ttl, "state"), "opened")
	again("open by another call", s.onSession(scriptOpen, sid, "a", ttl, "state"), "conflict")
	again("claim", s.onSession(scriptClaim, sid, "b", 0, 0, ttl), "takes", "2", "state")
	again("claim, busy", s.onSession(scriptClaim, sid, "b", 0, 60_000, ttl), "takes", "3", "state")
	again("claim by another call", s.onSession(scriptClaim, sid, "b", 0, 60_000, ttl), "busy")
	save := s.onSession(scriptSave, sid, 3, ttl, true, "saved")
	again("save", save, "saved")
	claimTurn(t, s, sid, "c", 4)
	// What was saved before another one had the turn was saved.
	again("save", save, "saved")
	again("save by another call", s.onSession(scriptSave, sid, 3, ttl, true, "late"), "lost")
	again("claim", s.onSession(scriptClaim, sid, "d", 0, 0, ttl), "takes", "5", "saved")
	again("end", s.onSession(scriptEnd, sid, 5), "gone")
}

// TestSessionLostReplies has three of ten answers lost on their way. No call
// says what is not so.
func TestSessionLostReplies(t *testing.T) {
	p, s, direct := proxied(t, redistest.Start(t), Options{})
	p.LoseReplies(0.3)
	unknown := 0
	ok := func(what string, err error) bool {
		if errors.Is(err, store.ErrUnavailable) {
			unknown++
		} else if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		return err == nil
	}
	for i := range 60 {
		sid := fmt.Sprint("session ", i)
		if !ok("Open", s.Open(t.Context(), sid, "a", []byte("opened"), sessionTTL)) {
			continue
		}
		turn, state, err := s.Claim(t.Context(), sid, "b", 0, time.Minute, sessionTTL)
		if !ok("Claim", err) {
			continue
		}
		if turn != 2 || string(state) != "opened" {
			t.Errorf("Claim: turn %d, %q", turn, state)
		}
		if !ok("Save", s.Save(t.Context(), sid, turn, []byte("saved"), true, sessionTTL)) {
			continue
		}
		if turn, state, err = direct.Claim(t.Context(), sid, "c", 0, 0, sessionTTL); err != nil || turn != 3 || string(state) != "saved" {
			t.Errorf("Claim: turn %d, %q, %v", turn, state, err)
		}
	}
	if unknown == 60 {
		t.Error("no session came through")
	}
}

// TestMovesCut cuts the connection of Moves. What was missed meanwhile is told
// by the zero Move.
func TestMovesCut(t *testing.T) {
	p, s, direct := proxied(t, redistest.Start(t), Options{})
	heard := hearing(t, s, "a")
	if m := next(t, heard); m != (store.Move{}) {
		t.Fatalf("Moves begins with %+v", m)
	}
	openSession(t, direct, sid, "a")
	for turn := int64(2); turn < 12; turn += 2 {
		if p.Cut() == 0 {
			t.Fatal("there is nothing to cut")
		}
		claimTurn(t, direct, sid, "b", turn)
		claimTurn(t, direct, sid, "a", turn+1)
		// What it has heard of turns before that is no harm.
		for m := next(t, heard); m != (store.Move{}); m = next(t, heard) {
			if m.SID != sid || m.Turn > turn {
				t.Errorf("hears %+v in turn %d", m, turn)
			}
		}
		turns, err := direct.Turns(t.Context(), sid)
		if err != nil || turns[sid] != turn+1 {
			t.Errorf("Turns = %v, %v, want %d", turns, err, turn+1)
		}
	}
	claimTurn(t, direct, sid, "b", 12)
	for m := next(t, heard); m != (store.Move{SID: sid, Turn: 12}); m = next(t, heard) {
		if m.Turn > 12 {
			t.Errorf("hears %+v in turn 12", m)
		}
	}
}

// subscribers are the connections that listen, by the numbers that Redis gives
// them.
func subscribers(t *testing.T, s *Store) map[string]bool {
	t.Helper()
	list, err := s.client.Do(t.Context(), "CLIENT", "LIST", "TYPE", "pubsub").Text()
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for line := range strings.Lines(list) {
		id, _, _ := strings.Cut(line, " ")
		ids[id] = true
	}
	return ids
}

// TestMovesBlackHole lets nothing come any more over connections that stay.
// Pings find that out; who sends none listens to nothing for ever.
func TestMovesBlackHole(t *testing.T) {
	o := Options{tune: tune{probe: 20 * time.Millisecond, noProbe: true}}
	p, deaf, direct := proxied(t, redistest.Start(t), o)
	next(t, hearing(t, deaf, "deaf"))
	deafIDs := subscribers(t, direct)
	o = Options{Prefix: direct.opt.Prefix, tune: tune{probe: 20 * time.Millisecond}}
	s := open(t, "redis://"+p.Addr(), o)
	heard := hearing(t, s, "a")
	next(t, heard)
	openSession(t, direct, sid, "a")
	p.Only(":moves:")
	p.Blackhole(false, true)
	// It tries again and again.
	for range 3 {
		before := subscribers(t, direct)
		until(t, "a new connection", func() bool {
			for id := range subscribers(t, direct) {
				if !before[id] {
					return true
				}
			}
			return false
		})
	}
	for id := range deafIDs {
		if !subscribers(t, direct)[id] {
			t.Error("without pings a connection was given up: the test shows nothing")
		}
	}
	claimTurn(t, direct, sid, "b", 2)
	p.Blackhole(false, false)
	if m := next(t, heard); m != (store.Move{}) {
		t.Errorf("hears %+v before it can know what it has missed", m)
	}
	if turns, err := s.Turns(t.Context(), sid); err != nil || turns[sid] != 2 {
		t.Errorf("Turns = %v, %v", turns, err)
	}
}

// TestSessionRedisGoes kills Redis and starts it anew, without what was there.
func TestSessionRedisGoes(t *testing.T) {
	r := redistest.Start(t)
	s := open(t, r.URL(), Options{})
	heard := hearing(t, s, "a")
	next(t, heard)
	openSession(t, s, sid, "a")
	r.Kill(t)
	_, _, claimed := s.Claim(t.Context(), sid, "a", 1, 0, sessionTTL)
	_, turns := s.Turns(t.Context(), sid)
	for what, err := range map[string]error{
		"Open":  s.Open(t.Context(), "other", "a", nil, sessionTTL),
		"Claim": claimed,
		"Save":  s.Save(t.Context(), sid, 1, nil, true, sessionTTL),
		"End":   s.End(t.Context(), sid, 1),
		"Turns": turns,
	} {
		if !errors.Is(err, store.ErrUnavailable) || strings.Contains(err.Error(), sid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r.Restart(t)
	if m := next(t, heard); m != (store.Move{}) {
		t.Errorf("hears %+v", m)
	}
	if _, _, err := s.Claim(t.Context(), sid, "a", 1, 0, sessionTTL); !errors.Is(err, store.ErrNoSession) {
		t.Errorf("Claim: %v", err)
	}
	openSession(t, s, sid, "a")
	claimTurn(t, s, sid, "b", 2)
	if m := next(t, heard); m != (store.Move{SID: sid, Turn: 2}) {
		t.Errorf("hears %+v", m)
	}
}

// TestSessionScriptsGone has Redis forget the scripts, as after a fail-over.
func TestSessionScriptsGone(t *testing.T) {
	s := open(t, redistest.Start(t).URL(), Options{})
	for turn := int64(1); turn < 4; turn++ {
		if turn == 1 {
			openSession(t, s, sid, "a")
		} else {
			claimTurn(t, s, sid, "a", turn)
		}
		if err := s.client.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
		if turns, err := s.Turns(t.Context(), sid, "other", sid); err != nil || len(turns) != 1 || turns[sid] != turn {
			t.Errorf("Turns = %v, %v, want %d", turns, err, turn)
		}
	}
}

// TestSessionByRedisClock has sessions end by the clock of Redis, and looks at
// what stays in it.
func TestSessionByRedisClock(t *testing.T) {
	s := open(t, redistest.Start(t).URL(), Options{})
	openSession(t, s, sid, "a")
	key := s.keys.of(sid, "s")
	for range 3 {
		left, err := s.client.PTTL(t.Context(), key).Result()
		if err != nil || left <= sessionTTL || left > sessionTTL+sessionSlack {
			t.Errorf("Redis keeps it for %v, %v", left, err)
		}
		if _, _, err := s.Claim(t.Context(), sid, "a", 1, time.Minute, sessionTTL); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := s.Claim(t.Context(), sid, "a", 1, time.Millisecond, sessionTTL); err != nil {
		t.Error(err)
	}
	until(t, "the end of busy", func() bool {
		_, _, err := s.Claim(t.Context(), sid, "b", 0, 0, sessionTTL)
		return err == nil
	})
	if err := s.Save(t.Context(), sid, 2, nil, true, time.Millisecond); err != nil {
		t.Error(err)
	}
	until(t, "the end", func() bool {
		turns, err := s.Turns(t.Context(), sid)
		return err == nil && len(turns) == 0
	})
	openSession(t, s, sid, "a")
	if err := s.End(t.Context(), sid, 1); err != nil {
		t.Error(err)
	}
	if n, err := s.client.Exists(t.Context(), key).Result(); err != nil || n != 0 {
		t.Errorf("after the end: %d keys, %v", n, err)
	}
}

// TestMovesNonsense has somebody else publish to a holder.
func TestMovesNonsense(t *testing.T) {
	s := open(t, "redis://"+miniredis.RunT(t).Addr(), Options{})
	heard := hearing(t, s, "a")
	next(t, heard)
	for _, payload := range []string{"", " ", "1", "1 ", "x sid", "1.5 sid", "99999999999999999999 sid"} {
		if err := s.client.Publish(t.Context(), s.channelOf("a"), payload).Err(); err != nil {
			t.Fatal(err)
		}
		if m := next(t, heard); m != (store.Move{}) {
			t.Errorf("%q is heard as %+v", payload, m)
		}
	}
}
