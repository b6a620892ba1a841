package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"maru/backend/store"
)

var nameTests = map[string]func(*testing.T, *env){
	"Taken":        testNameTaken,
	"Freed":        testNameFreed,
	"Expires":      testNameExpires,
	"SameUser":     testNameSameUser,
	"Changed":      testNameChanged,
	"Empty":        testNameEmpty,
	"TwentyAtOnce": testTwentyAtOnce,
}

// named is a connection of a user under a name.
func named(user, conn, key string) store.Member {
	m := member(user, conn)
	m.Key = key
	return m
}

// refused fails t unless m's name is taken until the time given.
func (e *env) refused(t *testing.T, m store.Member, until time.Time) {
	t.Helper()
	err := e.Enter(t.Context(), room, m, ttl)
	var taken *store.NameTakenError
	if !errors.Is(err, store.ErrNameTaken) || !errors.As(err, &taken) {
		t.Fatalf("Enter(%+v): %v, want ErrNameTaken", m, err)
	}
	if !taken.Until.Equal(until) {
		t.Errorf("the name is taken until %v, want %v", taken.Until, until)
	}
}

func testNameTaken(t *testing.T, e *env) {
	e.enter(t, room, named("a", "1", "soi"))
	e.clock.Add(time.Second)
	e.refused(t, named("b", "2", "soi"), start.Add(ttl))
	e.enter(t, room, named("a", "3", "soi"))
	e.refused(t, named("b", "2", "soi"), start.Add(ttl+time.Second))
	e.wantPresence(t, room, "j a by 1")
	e.enter(t, "other", named("b", "2", "soi"))
	e.enter(t, room, named("b", "2", "Soi"))
	e.wantPresence(t, room, "j a by 1", "j b by 2")
	// Who is in the room already cannot take the name later either.
	e.refused(t, named("b", "2", "soi"), start.Add(ttl+time.Second))
	members, _, err := e.Members(t.Context(), room)
	if err != nil || len(members) != 3 {
		t.Fatalf("Members = %v, %v", members, err)
	}
	for _, m := range members {
		if m.User == "b" && m.Key != "Soi" {
			t.Errorf("a refusal changed the key to %q", m.Key)
		}
	}
}

func testNameFreed(t *testing.T, e *env) {
	e.enter(t, room, named("a", "1", "soi"))
	e.enter(t, room, named("a", "2", "soi"))
	e.leave(t, room, "1")
	e.refused(t, named("b", "3", "soi"), start.Add(ttl))
	e.leave(t, room, "2")
	e.enter(t, room, named("b", "3", "soi"))
	e.wantPresence(t, room, "j a by 1", "l a by 2", "j b by 3")
}

func testNameExpires(t *testing.T, e *env) {
	e.enter(t, room, named("a", "1", "soi"))
	e.clock.Add(ttl - time.Millisecond)
	e.refused(t, named("b", "2", "soi"), start.Add(ttl))
	e.clock.Add(time.Millisecond)
	e.enter(t, room, named("b", "2", "soi"))
	e.wantPresence(t, room, "j a by 1", "l a by 1", "j b by 2")
	e.refused(t, named("a", "1", "soi"), e.clock.Now().Add(ttl))
}

func testNameSameUser(t *testing.T, e *env) {
	for conn := range 3 {
		e.enter(t, room, named("a", fmt.Sprint(conn), "soi"))
	}
	e.enter(t, room, named("a", "other", "other"))
	e.refused(t, named("b", "b", "other"), start.Add(ttl))
	e.wantPresence(t, room, "j a by 0")
}

func testNameChanged(t *testing.T, e *env) {
	e.enter(t, room, named("a", "1", "old"))
	e.enter(t, room, named("a", "1", "new"))
	e.refused(t, named("b", "2", "new"), start.Add(ttl))
	e.enter(t, room, named("b", "2", "old"))
	e.refused(t, named("a", "1", "old"), start.Add(ttl))
	e.wantPresence(t, room, "j a by 1", "j b by 2")
}

func testNameEmpty(t *testing.T, e *env) {
	for _, user := range []string{"a", "b", "c"} {
		e.enter(t, room, named(user, user, ""))
	}
	e.wantPresence(t, room, "j a by a", "j b by b", "j c by c")
}

func testTwentyAtOnce(t *testing.T, e *env) {
	for round := range 5 {
		var won, lost atomic.Int64
		name := fmt.Sprint("room", round)
		parallel(20, func(g int) {
			err := e.Enter(t.Context(), name, named(fmt.Sprint("u", g), fmt.Sprint("c", g), "soi"), ttl)
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, store.ErrNameTaken):
				lost.Add(1)
			default:
				t.Errorf("Enter: %v", err)
			}
		})
		if won.Load() != 1 || lost.Load() != 19 {
			t.Errorf("%d won and %d lost", won.Load(), lost.Load())
		}
		if log := e.log(t, name, store.Pos{}); len(log) != 1 {
			t.Errorf("the log: %s", show(log))
		}
	}
}
