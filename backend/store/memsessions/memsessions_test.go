package memsessions

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"maru/backend/store"
	"maru/backend/store/moves"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ttl = 45 * time.Second

func open(t *testing.T, s *Sessions, sid, holder string, bytes int) {
	t.Helper()
	if err := s.Open(t.Context(), sid, holder, make([]byte, bytes), ttl); err != nil {
		t.Fatalf("Open: %v", err)
	}
}

func claim(t *testing.T, s *Sessions, sid, holder string) (turn int64) {
	t.Helper()
	turn, _, err := s.Claim(t.Context(), sid, holder, 0, 0, ttl)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	return turn
}

// TestMissed has a holder that does not read while more moves come than are
// kept for it. It gets the zero Move for what was dropped, and what came after.
func TestMissed(t *testing.T) {
	s := New(time.Now)
	defer s.Close()
	open(t, s, "sid", "a", 1)
	var got []store.Move
	for m, err := range s.Moves(t.Context(), "a") {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, m)
		switch len(got) {
		case 1:
			// Each comes back with the next of another holder.
			for range moves.Max + 2 {
				claim(t, s, "sid", "a")
				claim(t, s, "sid", "b")
			}
		case 2:
			claim(t, s, "sid", "a")
		}
		if m.Turn > 2*moves.Max+4 {
			break
		}
	}
	if len(got) < 3 || len(got) > moves.Max+3 || got[0] != (store.Move{}) || got[1] != (store.Move{}) {
		t.Fatalf("%d moves, the first are %v", len(got), got[:2])
	}
	last := got[2].Turn
	for _, m := range got[3:] {
		if m.Turn <= last {
			t.Errorf("turn %d after %d", m.Turn, last)
		}
		last = m.Turn
	}
	if len(s.ears) != 0 {
		t.Errorf("%d ears are left", len(s.ears))
	}
}

// TestFull opens sessions until no more are let in. Those that are there can
// still grow, until there is no room at all, and an end makes room.
func TestFull(t *testing.T) {
	s := New(time.Now)
	defer s.Close()
	s.limit = 8 << 20
	openBytes := s.limit / 4 * 3
	half, whole := make([]byte, 50_000), make([]byte, 100_000)
	opened := 0
	for s.Open(t.Context(), fmt.Sprint(opened), "a", half, ttl) == nil {
		opened++
	}
	if opened != openBytes/(len(half)+overhead+len("10a")) {
		t.Errorf("%d sessions were let in", opened)
	}
	open(t, s, "rest", "a", openBytes-s.bytes-overhead-len("resta"))
	err := s.Open(t.Context(), "more", "a", nil, ttl)
	if !errors.Is(err, store.ErrUnavailable) || s.bytes != openBytes {
		t.Errorf("Open with %d bytes there: %v", s.bytes, err)
	}
	grown := 0
	for err = nil; err == nil; grown++ {
		err = s.Save(t.Context(), fmt.Sprint(grown), 1, whole, false, ttl)
	}
	if !errors.Is(err, store.ErrUnavailable) || grown-1 != (s.limit-openBytes)/len(half) {
		t.Errorf("%d sessions could grow: %v", grown-1, err)
	}
	if err := s.Save(t.Context(), fmt.Sprint(grown), 1, half, false, ttl); err != nil {
		t.Errorf("Save of no more than before: %v", err)
	}
	for i := range opened {
		if err := s.End(t.Context(), fmt.Sprint(i), 1); err != nil {
			t.Fatal(err)
		}
	}
	open(t, s, "more", "a", len(whole))
}

// TestOverGo lets sessions end of which nobody asks any more.
func TestOverGo(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s := New(func() time.Time { return now })
	defer s.Close()
	for i := range 1000 {
		open(t, s, fmt.Sprint("sid", i), "a", 100)
	}
	now = now.Add(ttl / 2)
	for i := range 10 {
		claim(t, s, fmt.Sprint("sid", i*7), "another")
	}
	if err := s.End(t.Context(), "sid1", 1); err != nil {
		t.Fatal(err)
	}
	for step, want := range []int{999, 10, 0} {
		if _, err := s.Turns(t.Context()); err != nil {
			t.Fatal(err)
		}
		bytes := 0
		for _, ss := range s.kept {
			bytes += ss.size()
		}
		if len(s.kept) != want || len(s.ending) != want || s.bytes != bytes {
			t.Errorf("step %d: %d kept, %d to end, %d bytes; want %d, %d", step, len(s.kept), len(s.ending), s.bytes, want, bytes)
		}
		now = now.Add(ttl / 2)
	}
}

// TestVirtualTime is about Moves that wait, in virtual time: nothing of it may
// wait for anything but channels.
func TestVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := New(time.Now)
		open(t, s, "sid", "a", 1)
		moves, end := make(chan store.Move, 8), make(chan error, 1)
		go func() {
			for m, err := range s.Moves(t.Context(), "a") {
				if err != nil {
					end <- err
					return
				}
				moves <- m
			}
		}()
		synctest.Wait()
		claim(t, s, "sid", "b")
		synctest.Wait()
		if len(moves) != 2 || <-moves != (store.Move{}) || <-moves != (store.Move{SID: "sid", Turn: 2}) {
			t.Error("the moves of a are wrong")
		}
		time.Sleep(ttl)
		if _, _, err := s.Claim(t.Context(), "sid", "b", 2, 0, ttl); !errors.Is(err, store.ErrNoSession) {
			t.Errorf("Claim after its time: %v", err)
		}
		s.Close()
		if err := <-end; !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Moves ended with %v", err)
		}
	})
}
