package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"maru/backend/store"
)

// testManySweepers has the connections of a crashed instance swept by eight
// others at once, while half of the users live on elsewhere.
func testManySweepers(t *testing.T, e *env) {
	const rooms, users, sweepers = 5, 12, 8
	parallel(rooms, func(r int) {
		for u := range users {
			for c := range 2 {
				m := member(fmt.Sprint("u", u), fmt.Sprint(u, "-", c))
				lease := ttl
				if u%2 == 0 && c == 1 {
					lease = time.Hour
				}
				if err := e.Enter(t.Context(), fmt.Sprint("room", r), m, lease); err != nil {
					t.Errorf("Enter: %v", err)
				}
			}
		}
	})
	for round, want := range []struct{ ended, left int }{
		{rooms * (users + users/2), users / 2}, {rooms * users / 2, users},
	} {
		e.clock.Add(ttl + time.Duration(round)*time.Hour)
		var ended atomic.Int64
		parallel(sweepers, func(int) {
			n, _, err := e.Sweep(t.Context())
			if err != nil {
				t.Errorf("Sweep: %v", err)
			}
			ended.Add(int64(n))
		})
		if ended.Load() != int64(want.ended) {
			t.Errorf("round %d: %d leases ended, want %d", round, ended.Load(), want.ended)
		}
		for r := range rooms {
			left := map[string]int{}
			for _, ev := range e.log(t, fmt.Sprint("room", r), store.Pos{})[users:] {
				left[ev.Author+string(ev.Kind)]++
			}
			for who, n := range left {
				if n != 1 || !strings.HasSuffix(who, "l") {
					t.Errorf("round %d, room %d: %q %d times", round, r, who, n)
				}
			}
			if len(left) != want.left {
				t.Errorf("round %d, room %d: %d left, want %d", round, r, len(left), want.left)
			}
		}
	}
}

func testLeaveRacesSweep(t *testing.T, e *env) {
	for i := range 20 {
		name, m := fmt.Sprint("room", i), member("a", fmt.Sprint(i))
		e.enter(t, name, m)
		e.clock.Add(ttl)
		parallel(6, func(g int) {
			var err error
			if g%2 == 0 {
				err = e.Leave(t.Context(), name, m.Conn)
			} else {
				_, _, err = e.Sweep(t.Context())
			}
			if err != nil {
				t.Errorf("Leave or Sweep: %v", err)
			}
		})
		info := string(m.Info)
		e.wantPresence(t, name, "j "+info, "l "+info)
	}
}

// testMembersAreTrue takes lists while people come and go, and checks that
// each list with the events after it makes the next one.
func testMembersAreTrue(t *testing.T, e *env) {
	seed := seed(t)
	parallel(5, func(g int) {
		rnd := rand.New(rand.NewPCG(seed, uint64(g)))
		for range 60 {
			if g == 0 {
				e.checkMembers(t)
				continue
			}
			user := fmt.Sprint("u", rnd.IntN(6))
			conn := fmt.Sprint(user, "-", rnd.IntN(2))
			var err error
			if rnd.IntN(2) == 0 {
				err = e.Enter(t.Context(), room, member(user, conn), ttl)
			} else {
				err = e.Leave(t.Context(), room, conn)
			}
			if err != nil {
				t.Errorf("Enter or Leave: %v", err)
			}
		}
	})
	e.checkMembers(t)
}

// checkMembers compares the list of a room with the one that its log makes.
func (e *env) checkMembers(t *testing.T) {
	members, pos, err := e.Members(t.Context(), room)
	if err != nil {
		t.Errorf("Members: %v", err)
		return
	}
	listed, made := map[string]bool{}, map[string]bool{}
	for _, m := range members {
		listed[m.User] = true
	}
	evs, _, err := e.Events(t.Context(), room, store.Pos{}, store.MaxPage)
	if err != nil || int64(len(evs)) < pos.Seq {
		t.Errorf("Events: %d, %v", len(evs), err)
		return
	}
	for _, ev := range evs[:pos.Seq] {
		if made[ev.Author] == (ev.Kind == store.Joined) {
			t.Errorf("event %d: %c of %s, who is in: %v", ev.Seq, ev.Kind, ev.Author, made[ev.Author])
		}
		made[ev.Author] = ev.Kind == store.Joined
	}
	for user, in := range made {
		if listed[user] != in {
			t.Errorf("at %d: %s is listed: %v, the log says %v", pos.Seq, user, listed[user], in)
		}
	}
}
