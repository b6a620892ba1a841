package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"maru/backend/store"
)

var logTests = map[string]func(*testing.T, *env){
	"Numbering":        testNumbering,
	"Retry":            testRetry,
	"Conflict":         testConflict,
	"ClockGoesBack":    testClockGoesBack,
	"RoomsAreIsolated": testRoomsAreIsolated,
	"Bounds":           testBounds,
	"BodyIsCopied":     testBodyIsCopied,
	"Reopen":           testReopen,
	"Trim":             testTrim,
	"Rooms":            testRooms,
	"TrimByAge":        testTrimByAge,
	"TrimMuch":         testTrimMuch,
	"ManyWriters":      testManyWriters,
}

func testNumbering(t *testing.T, e *env) {
	if pos := e.head(t, room); pos != (store.Pos{}) {
		t.Errorf("head before the first event is %+v", pos)
	}
	for i := range int64(5) {
		e.clock.Add(time.Second)
		ev := e.append(t, room, message("a", fmt.Sprint(i), "hello"))
		if ev.Seq != i+1 || !ev.At.Equal(e.clock.Now()) || ev.At.Location() != time.UTC {
			t.Errorf("event %d has Seq %d at %v, clock %v", i, ev.Seq, ev.At, e.clock.Now())
		}
		head := e.head(t, room)
		if head.Seq != ev.Seq || head.ID != ev.ID || head.Epoch == "" {
			t.Errorf("head after %+v is %+v", ev, head)
		}
		if got, err := store.ParsePos(head.String()); err != nil || got != head {
			t.Errorf("head %+v does not survive its string: %+v, %v", head, got, err)
		}
	}
}

func testRetry(t *testing.T, e *env) {
	drafts := []store.Draft{
		message("a", "1", "first"),
		change(store.Edit, "a", "2", 1, "edited"),
		change(store.React, "b", "1", 1, "👍"),
		change(store.Unreact, "b", "2", 1, "👍"),
		message("a", "3", ""),
		change(store.Delete, "a", "4", 1, ""),
	}
	for round := range 2 {
		for i, d := range drafts {
			e.clock.Add(time.Second)
			ev, dup, err := e.Append(t.Context(), room, d)
			at := start.Add(time.Duration(i+1) * time.Second)
			if err != nil || dup != (round == 1) || ev.Seq != int64(i+1) || !ev.At.Equal(at) {
				t.Errorf("round %d, draft %d: %+v, dup %v, %v", round, i, ev, dup, err)
			}
		}
	}
	if head := e.head(t, room); head.Seq != int64(len(drafts)) {
		t.Errorf("head is %d after %d drafts", head.Seq, len(drafts))
	}
	// The same ID of another author, or in another room, is another one.
	if ev := e.append(t, room, message("b", "3", "other")); ev.Seq != 7 {
		t.Errorf("another author's message has Seq %d", ev.Seq)
	}
	if ev := e.append(t, "other", message("a", "1", "other")); ev.Seq != 1 {
		t.Errorf("another room's message has Seq %d", ev.Seq)
	}
}

func testConflict(t *testing.T, e *env) {
	e.say(t, room, "a", 2)
	e.append(t, room, change(store.Edit, "a", "e", 1, "edited"))
	e.append(t, room, message("a", "m", "erase me"))
	e.append(t, room, change(store.Delete, "a", "d", 4, ""))
	for name, d := range map[string]store.Draft{
		"body":            message("a", "a0", "something else"),
		"no body":         message("a", "a0", ""),
		"kind":            change(store.Edit, "a", "a0", 2, "text of a0"),
		"message for it":  message("a", "e", "edited"),
		"target":          change(store.Edit, "a", "e", 2, "edited"),
		"kind of erased":  change(store.Edit, "a", "m", 1, "erase me"),
		"kind, no target": change(store.Edit, "a", "a0", 99, "text of a0"),
	} {
		_, _, err := e.Append(t.Context(), room, d)
		wantErr(t, name, err, store.ErrConflict)
	}
	ev, dup, err := e.Append(t.Context(), room, message("a", "m", "erase me"))
	if err != nil || !dup || ev.Seq != 4 || len(ev.Body) > 0 {
		t.Errorf("retry of an erased message: %+v, dup %v, %v", ev, dup, err)
	}
	if head := e.head(t, room); head.Seq != 5 {
		t.Errorf("refused drafts moved the head to %d", head.Seq)
	}
}

func testClockGoesBack(t *testing.T, e *env) {
	var last time.Time
	for i, d := range []time.Duration{0, time.Hour, -2 * time.Hour, time.Second, -24 * time.Hour, 48 * time.Hour} {
		e.clock.Add(d)
		ev := e.append(t, room, message("a", fmt.Sprint(i), "x"))
		if ev.At.Before(last) || ev.At.Before(e.clock.Now()) {
			t.Errorf("step %d: At %v after %v, clock %v", i, ev.At, last, e.clock.Now())
		}
		last = ev.At
	}
	e2 := &env{Store: e.harness.Reopen(t, e.Store), clock: e.clock}
	e.clock.Add(-72 * time.Hour)
	if ev := e2.append(t, room, message("a", "again", "x")); ev.At.Before(last) {
		t.Errorf("after reopening At went back from %v to %v", last, ev.At)
	}
}

// oddRooms are names that a store could mistake for something else.
var oddRooms = []string{
	"{", "}", "{}", "*", "?", "[a-z]", "\x00", "a\x00", "a\x00b", " ", "a", "A", "a ", "a:b", "'", "%", "_",
	"\xff\xfe", "\uac00", "\u1100\u1161", "😀", "../x", "\n", "NULL", "1", "1.0", strings.Repeat("가", 66) + "ab",
	strings.Repeat("x", store.MaxRoom),
}

func testRoomsAreIsolated(t *testing.T, e *env) {
	want := map[string][]store.Event{}
	for i, name := range oddRooms {
		for j := range i%3 + 1 {
			id := fmt.Sprint(j)
			want[name] = append(want[name], e.append(t, name, message("a", id, fmt.Sprintf("%q %d", name, j))))
		}
		m := store.Member{Conn: "c", User: "u", Key: "k", Info: []byte(name)}
		if err := e.Enter(t.Context(), name, m, ttl); err != nil {
			t.Fatalf("Enter(%q): %v", name, err)
		}
	}
	epochs := map[string]bool{}
	for name, evs := range want {
		log := e.log(t, name, store.Pos{})
		if len(log) != len(evs)+1 || log[len(evs)].Kind != store.Joined {
			t.Fatalf("room %q: %s", name, show(log))
		}
		wantEvents(t, fmt.Sprintf("room %q", name), log[:len(evs)], evs)
		members, pos, err := e.Members(t.Context(), name)
		if err != nil || len(members) != 1 || string(members[0].Info) != name {
			t.Errorf("Members(%q) = %v, %v", name, members, err)
		}
		if epochs[pos.Epoch] {
			t.Errorf("room %q shares its epoch", name)
		}
		epochs[pos.Epoch] = true
	}
}

func testBounds(t *testing.T, e *env) {
	ctx := t.Context()
	m := store.Member{Conn: "c", User: "u"}
	for _, name := range []string{"", strings.Repeat("x", store.MaxRoom+1)} {
		_, _, err := e.Append(ctx, name, message("a", "1", "x"))
		wantErr(t, "Append", err, store.ErrInvalid)
		_, err = e.Head(ctx, name)
		wantErr(t, "Head", err, store.ErrInvalid)
		_, _, err = e.Events(ctx, name, store.Pos{}, 1)
		wantErr(t, "Events", err, store.ErrInvalid)
		_, err = follow(ctx, e, name, store.Pos{}, 1)
		wantErr(t, "Follow", err, store.ErrInvalid)
		_, err = e.Page(ctx, name, 0, 1)
		wantErr(t, "Page", err, store.ErrInvalid)
		_, err = e.Get(ctx, name, 1)
		wantErr(t, "Get", err, store.ErrInvalid)
		wantErr(t, "Trim", e.Trim(ctx, name, store.Retention{Count: 1}), store.ErrInvalid)
		wantErr(t, "Enter", e.Enter(ctx, name, m, ttl), store.ErrInvalid)
		wantErr(t, "Leave", e.Leave(ctx, name, "c"), store.ErrInvalid)
		_, err = e.Renew(ctx, ttl, map[string][]string{name: {"c"}})
		wantErr(t, "Renew", err, store.ErrInvalid)
		_, _, err = e.Members(ctx, name)
		wantErr(t, "Members", err, store.ErrInvalid)
	}
	for _, n := range []int{-1, 0, store.MaxPage + 1} {
		_, err := e.Page(ctx, room, 0, n)
		wantErr(t, "Page", err, store.ErrInvalid)
		_, _, err = e.Events(ctx, room, store.Pos{}, n)
		wantErr(t, "Events", err, store.ErrInvalid)
	}
	_, err := e.Get(ctx, room, make([]int64, store.MaxPage+1)...)
	wantErr(t, "Get", err, store.ErrInvalid)
	_, _, err = e.Append(ctx, room, change(store.Joined, "a", "1", 0, ""))
	wantErr(t, "Append a join", err, store.ErrInvalid)
	wantErr(t, "Trim", e.Trim(ctx, room, store.Retention{Count: -1}), store.ErrInvalid)
	wantErr(t, "Trim", e.Trim(ctx, room, store.Retention{Age: -1}), store.ErrInvalid)
	for _, d := range []time.Duration{-1, 0, store.MaxTTL + 1} {
		wantErr(t, "Enter", e.Enter(ctx, room, m, d), store.ErrInvalid)
		_, err := e.Renew(ctx, d, nil)
		wantErr(t, "Renew", err, store.ErrInvalid)
	}
	wantErr(t, "Enter nobody", e.Enter(ctx, room, store.Member{Conn: "c"}, ttl), store.ErrInvalid)
	if pos := e.head(t, room); pos != (store.Pos{}) {
		t.Errorf("refusals began the room: %+v", pos)
	}
}

func testBodyIsCopied(t *testing.T, e *env) {
	d := message("a", "1", "as it was sent")
	ev := e.append(t, room, d)
	copy(d.Body, "overwritten!!!")
	if string(ev.Body) != "as it was sent" || string(e.log(t, room, store.Pos{})[0].Body) != "as it was sent" {
		t.Errorf("the store kept the caller's body: %q", ev.Body)
	}
	big := message("a", "2", "")
	big.Body = bytes.Repeat([]byte{0, 0xff, '\'', '\n'}, store.MaxBody/4)
	e.append(t, room, big)
	if post := e.post(t, room, 2); !bytes.Equal(post.Body, big.Body) {
		t.Errorf("a body of %d bytes came back as %d bytes", len(big.Body), len(post.Body))
	}
}

func testReopen(t *testing.T, e *env) {
	evs := e.say(t, room, "a", 5)
	evs = append(evs, e.append(t, room, change(store.Edit, "a", "e", 2, "edited")))
	head := e.head(t, room)
	e = &env{Store: e.harness.Reopen(t, e.Store), clock: e.clock}
	if got := e.head(t, room); got != head {
		t.Errorf("head was %+v, is %+v", head, got)
	}
	wantEvents(t, "log", e.log(t, room, store.Pos{}), evs)
	if _, dup, err := e.Append(t.Context(), room, message("a", "a0", "text of a0")); !dup || err != nil {
		t.Errorf("a retry after reopening: dup %v, %v", dup, err)
	}
	if ev := e.append(t, room, message("a", "new", "x")); ev.Seq != 7 {
		t.Errorf("the next Seq after reopening is %d", ev.Seq)
	}
}

func testManyWriters(t *testing.T, e *env) {
	const rooms, writers, each, followers = 3, 8, 25, 3
	ctx := t.Context()
	var mu sync.Mutex
	acked := map[string]store.Event{} // by room and author/ID
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each * rooms {
				name, d := fmt.Sprint("room", i%rooms), message(fmt.Sprint(w), fmt.Sprint(i), fmt.Sprint(w, i))
				for try := range i%2 + 1 {
					ev, dup, err := e.Append(ctx, name, d)
					if err != nil || dup != (try > 0) {
						t.Errorf("Append: dup %v, %v", dup, err)
						return
					}
					mu.Lock()
					acked[name+"/"+d.Author+"/"+d.ID] = ev
					mu.Unlock()
				}
			}
		})
	}
	var logs [rooms][followers][]store.Event
	for r := range rooms {
		for f := range followers {
			wg.Go(func() {
				var err error
				logs[r][f], err = follow(ctx, e, fmt.Sprint("room", r), store.Pos{}, writers*each)
				if err != nil {
					t.Errorf("Follow: %v", err)
				}
			})
		}
	}
	wg.Wait()
	for r := range rooms {
		name := fmt.Sprint("room", r)
		for i, ev := range logs[r][0] {
			if ev.Seq != int64(i+1) {
				t.Fatalf("%s: event %d has Seq %d", name, i, ev.Seq)
			}
			if !sameEvent(acked[name+"/"+ev.Author+"/"+ev.ID], ev) {
				t.Errorf("%s: event %+v is not what was acked", name, ev)
			}
		}
		for f := range followers {
			wantEvents(t, fmt.Sprintf("%s, follower %d", name, f), logs[r][f], e.log(t, name, store.Pos{}))
		}
	}
	if len(acked) != rooms*writers*each {
		t.Errorf("%d acked, want %d", len(acked), rooms*writers*each)
	}
}
