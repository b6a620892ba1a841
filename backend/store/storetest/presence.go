package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

var presenceTests = map[string]func(*testing.T, *env){
	"JoinedAndLeft":    testJoinedAndLeft,
	"TwoConnections":   testTwoConnections,
	"OwnConnection":    testOwnConnection,
	"Renew":            testRenew,
	"RenewMany":        testRenewMany,
	"Sweep":            testSweep,
	"ManySweepers":     testManySweepers,
	"LeaveRacesSweep":  testLeaveRacesSweep,
	"MembersAreTrue":   testMembersAreTrue,
	"LeavesOfNobody":   testLeavesOfNobody,
	"IDsAreUnique":     testPresenceIDs,
	"ReenterAfterEnd":  testReenterAfterEnd,
	"SweepGoesInOrder": testSweepGoesInOrder,
}

// member is a connection of a user whose Info tells which one it is.
func member(user, conn string) store.Member {
	return store.Member{Conn: conn, User: user, Info: []byte(user + " by " + conn)}
}

func (e *env) enter(t *testing.T, room string, m store.Member) {
	t.Helper()
	if err := e.Enter(t.Context(), room, m, ttl); err != nil {
		t.Fatalf("Enter(%q, %+v): %v", room, m, err)
	}
}

func (e *env) leave(t *testing.T, room, conn string) {
	t.Helper()
	if err := e.Leave(t.Context(), room, conn); err != nil {
		t.Fatalf("Leave(%q, %q): %v", room, conn, err)
	}
}

func (e *env) sweep(t *testing.T) (int, time.Time) {
	t.Helper()
	ended, next, err := e.Sweep(t.Context())
	if err != nil {
		t.Fatalf("Sweep: %v", err)
	}
	return ended, next
}

// wantPresence fails t unless the room's log is exactly these joins and leaves,
// each written like "j a by 1".
func (e *env) wantPresence(t *testing.T, room string, want ...string) {
	t.Helper()
	var got []string
	for _, ev := range e.log(t, room, store.Pos{}) {
		got = append(got, fmt.Sprintf("%c %s", ev.Kind, ev.Body))
		if user, _, _ := strings.Cut(string(ev.Body), " "); ev.Author != user {
			t.Errorf("the author of %q is %q", ev.Body, ev.Author)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log of %q\n got %q\nwant %q", room, got, want)
	}
}

func (e *env) conns(t *testing.T, room string) []string {
	t.Helper()
	members, _, err := e.Members(t.Context(), room)
	if err != nil {
		t.Fatalf("Members(%q): %v", room, err)
	}
	conns := []string{}
	for _, m := range members {
		conns = append(conns, m.Conn)
	}
	slices.Sort(conns)
	return conns
}

func testJoinedAndLeft(t *testing.T, e *env) {
	m := member("a", "1")
	m.Key = "key"
	e.enter(t, room, m)
	e.enter(t, room, m)
	members, pos, err := e.Members(t.Context(), room)
	if err != nil || len(members) != 1 || members[0].Conn != "1" || members[0].User != "a" ||
		members[0].Key != "key" || string(members[0].Info) != "a by 1" {
		t.Errorf("Members = %+v, %v", members, err)
	}
	if head := e.head(t, room); pos != head || head.Seq != 1 {
		t.Errorf("Members are true for %+v, the head is %+v", pos, head)
	}
	e.enter(t, "other", member("a", "1"))
	for range 2 {
		e.leave(t, room, "1")
	}
	e.wantPresence(t, room, "j a by 1", "l a by 1")
	e.wantPresence(t, "other", "j a by 1")
	e.enter(t, room, member("a", "2"))
	e.wantPresence(t, room, "j a by 1", "l a by 1", "j a by 2")
}

func testTwoConnections(t *testing.T, e *env) {
	e.enter(t, room, member("a", "1"))
	e.enter(t, room, member("a", "2"))
	e.enter(t, room, member("b", "3"))
	if got := e.conns(t, room); !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("Members = %v", got)
	}
	e.leave(t, room, "1")
	e.leave(t, room, "1")
	if got := e.conns(t, room); !slices.Equal(got, []string{"2", "3"}) {
		t.Errorf("Members = %v", got)
	}
	e.leave(t, room, "2")
	e.wantPresence(t, room, "j a by 1", "j b by 3", "l a by 2")
}

func testOwnConnection(t *testing.T, e *env) {
	e.enter(t, room, member("a", "1"))
	wantErr(t, "Enter by another user's connection",
		e.Enter(t.Context(), room, member("b", "1"), ttl), store.ErrConflict)
	changed := member("a", "1")
	changed.Info = []byte("a with a new info")
	e.enter(t, room, changed)
	e.leave(t, room, "1")
	e.wantPresence(t, room, "j a by 1", "l a with a new info")
}

func testLeavesOfNobody(t *testing.T, e *env) {
	e.leave(t, "unknown", "1")
	if pos := e.head(t, "unknown"); pos != (store.Pos{}) {
		t.Errorf("Leave began the room: %+v", pos)
	}
	e.enter(t, room, member("a", "1"))
	e.leave(t, room, "2")
	e.leave(t, "other", "1")
	e.wantPresence(t, room, "j a by 1")
	if members, pos, err := e.Members(t.Context(), "unknown"); err != nil || len(members) > 0 || pos != (store.Pos{}) {
		t.Errorf("Members of a room that has not begun = %v, %v, %v", members, pos, err)
	}
}

func testRenew(t *testing.T, e *env) {
	renew := func(want ...string) {
		t.Helper()
		gone, err := e.Renew(t.Context(), ttl, map[string][]string{room: {"1", "2", "never"}, "unknown": {"1"}})
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(gone[room])
		if !slices.Equal(gone[room], want) || !slices.Equal(gone["unknown"], []string{"1"}) || len(gone) != 2 {
			t.Errorf("gone = %v, want %v", gone, want)
		}
	}
	e.enter(t, room, member("a", "1"))
	e.clock.Add(ttl / 2)
	e.enter(t, room, member("b", "2"))
	e.clock.Add(ttl/2 - time.Millisecond)
	renew("never")
	e.clock.Add(ttl - time.Millisecond)
	renew("never")
	if ended, _ := e.sweep(t); ended != 0 {
		t.Errorf("%d leases ended that had been renewed", ended)
	}
	e.clock.Add(ttl)
	renew("1", "2", "never")
	e.wantPresence(t, room, "j a by 1", "j b by 2")
	e.enter(t, room, member("a", "1"))
	e.wantPresence(t, room, "j a by 1", "j b by 2", "l a by 1", "l b by 2", "j a by 1")
	if gone, err := e.Renew(t.Context(), ttl, map[string][]string{room: {"1"}}); err != nil || len(gone) > 0 {
		t.Errorf("gone = %v, %v", gone, err)
	}
}

// testRenewMany renews more than a store may want to renew at once.
func testRenewMany(t *testing.T, e *env) {
	const rooms, each = 30, 30
	conns := map[string][]string{}
	for r := range rooms {
		name := fmt.Sprint("room", r)
		for c := range each {
			conns[name] = append(conns[name], fmt.Sprint(r, "-", c))
		}
	}
	parallel(rooms, func(r int) {
		name := fmt.Sprint("room", r)
		for _, conn := range conns[name] {
			if err := e.Enter(t.Context(), name, member(conn, conn), ttl); err != nil {
				t.Errorf("Enter: %v", err)
			}
		}
	})
	e.clock.Add(ttl - time.Millisecond)
	e.leave(t, "room7", "7-7")
	gone, err := e.Renew(t.Context(), ttl, conns)
	if err != nil || len(gone) != 1 || !slices.Equal(gone["room7"], []string{"7-7"}) {
		t.Errorf("gone = %v, %v", gone, err)
	}
	e.clock.Add(ttl - time.Millisecond)
	if ended, _ := e.sweep(t); ended != 0 {
		t.Errorf("%d renewed leases ended", ended)
	}
	e.clock.Add(time.Millisecond)
	if ended, next := e.sweep(t); ended != rooms*each-1 || !next.IsZero() {
		t.Errorf("%d leases ended, want %d; next %v", ended, rooms*each-1, next)
	}
}

func testSweep(t *testing.T, e *env) {
	if ended, next := e.sweep(t); ended != 0 || !next.IsZero() {
		t.Errorf("Sweep of nothing = %d, %v", ended, next)
	}
	e.enter(t, room, member("a", "1"))
	e.enter(t, room, member("b", "2"))
	e.clock.Add(10 * time.Second)
	e.enter(t, "other", member("a", "1"))
	e.enter(t, room, member("b", "3"))
	if ended, next := e.sweep(t); ended != 0 || !next.Equal(start.Add(ttl)) {
		t.Errorf("Sweep = %d, %v, want 0, %v", ended, next, start.Add(ttl))
	}
	e.clock.Add(20 * time.Second)
	if ended, next := e.sweep(t); ended != 2 || !next.Equal(start.Add(ttl+10*time.Second)) {
		t.Errorf("Sweep = %d, %v, want 2, %v", ended, next, start.Add(ttl+10*time.Second))
	}
	e.wantPresence(t, room, "j a by 1", "j b by 2", "l a by 1")
	e.wantPresence(t, "other", "j a by 1")
	if got := e.conns(t, room); !slices.Equal(got, []string{"3"}) {
		t.Errorf("Members = %v", got)
	}
	e.clock.Add(time.Hour)
	if ended, next := e.sweep(t); ended != 2 || !next.IsZero() {
		t.Errorf("Sweep = %d, %v, want 2 and no next", ended, next)
	}
	e.wantPresence(t, room, "j a by 1", "j b by 2", "l a by 1", "l b by 3")
	e.wantPresence(t, "other", "j a by 1", "l a by 1")
}

func testSweepGoesInOrder(t *testing.T, e *env) {
	for _, conn := range []string{"4", "2", "3", "1"} {
		e.enter(t, room, member("u"+conn, conn))
	}
	if err := e.Enter(t.Context(), room, member("first", "9"), ttl-1e6); err != nil {
		t.Fatal(err)
	}
	// Two connections of one user: the one that ends last causes the event.
	if err := e.Enter(t.Context(), room, member("u1", "0"), ttl+1e6); err != nil {
		t.Fatal(err)
	}
	e.clock.Add(time.Hour)
	e.sweep(t)
	log := e.log(t, room, store.Pos{})
	var left []string
	for _, ev := range log[5:] {
		left = append(left, string(ev.Body))
	}
	want := []string{"first by 9", "u2 by 2", "u3 by 3", "u4 by 4", "u1 by 0"}
	if !slices.Equal(left, want) {
		t.Errorf("left %q, want %q", left, want)
	}
}

func testReenterAfterEnd(t *testing.T, e *env) {
	e.enter(t, room, member("a", "1"))
	e.enter(t, room, member("b", "2"))
	e.clock.Add(ttl)
	// The ended lease of b is swept by whoever comes.
	e.enter(t, room, member("a", "1"))
	e.wantPresence(t, room, "j a by 1", "j b by 2", "l a by 1", "l b by 2", "j a by 1")
	e.clock.Add(ttl)
	e.leave(t, room, "1")
	e.sweep(t)
	e.wantPresence(t, room, "j a by 1", "j b by 2", "l a by 1", "l b by 2", "j a by 1", "l a by 1")
}

func testPresenceIDs(t *testing.T, e *env) {
	ids := map[string]bool{}
	for range 5 {
		e.enter(t, room, member("a", "1"))
		e.leave(t, room, "1")
	}
	log := e.log(t, room, store.Pos{})
	for _, ev := range log {
		if ev.ID == "" || len(ev.ID) > store.MaxID || ids[ev.ID] {
			t.Errorf("ID %q", ev.ID)
		}
		ids[ev.ID] = true
	}
	if len(log) != 10 {
		t.Errorf("%d events, want 10", len(log))
	}
}
