package moves

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"maru/backend/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errGone = errors.New("gone")

func move(turn int) store.Move { return store.Move{SID: "sid", Turn: int64(turn)} }

// hear reads n Moves.
func hear(t *testing.T, q *Queue, n int) (got []store.Move) {
	t.Helper()
	for m, err := range q.All(t.Context(), nil, errGone) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, m); len(got) == n {
			break
		}
	}
	return got
}

func wantHeard(t *testing.T, q *Queue, want ...store.Move) {
	t.Helper()
	if got := hear(t, q, len(want)); !slices.Equal(got, want) {
		t.Errorf("heard %v, want %v", got, want)
	}
	if waits, missed := q.take(); len(waits) > 0 || missed {
		t.Errorf("there is more: %v, missed %v", waits, missed)
	}
}

func TestQueue(t *testing.T) {
	q := New()
	q.Add(move(1))
	q.Add(move(2))
	wantHeard(t, q, move(1), move(2))
	q.Add(move(3))
	q.Miss()
	q.Miss()
	q.Add(move(4))
	wantHeard(t, q, store.Move{}, move(4))
	for i := range Max {
		q.Add(move(i))
	}
	if got := hear(t, q, Max); got[0] != move(0) || got[Max-1] != move(Max-1) {
		t.Errorf("heard %v … %v", got[0], got[Max-1])
	}
	for i := range Max + 2 {
		q.Add(move(i))
	}
	wantHeard(t, q, store.Move{}, move(Max), move(Max+1))
}

// TestQueueWakes has many tell while one listens.
func TestQueueWakes(t *testing.T) {
	q := New()
	var tellers sync.WaitGroup
	for i := range 8 {
		tellers.Go(func() {
			for turn := range 100 {
				q.Add(store.Move{SID: fmt.Sprint(i), Turn: int64(turn)})
			}
		})
	}
	next := map[string]int64{}
	for _, m := range hear(t, q, 800) {
		if m.Turn != next[m.SID] {
			t.Errorf("%+v, want turn %d", m, next[m.SID])
		}
		next[m.SID]++
	}
	tellers.Wait()
}

// TestQueueEnds ends with something left to hear and without.
func TestQueueEnds(t *testing.T) {
	for _, left := range []int{0, 2} {
		ctx, cancel := context.WithCancel(t.Context())
		wantEnd(ctx, t, nil, cancel, left, context.Canceled)
		quit := make(chan struct{})
		wantEnd(t.Context(), t, quit, func() { close(quit) }, left, errGone)
	}
}

func wantEnd(ctx context.Context, t *testing.T, quit chan struct{}, end func(), left int, want error) {
	t.Helper()
	q := New()
	q.Miss()
	heard := 0
	for m, err := range q.All(ctx, quit, errGone) {
		if heard++; heard == 1 {
			for i := range left {
				q.Add(move(i + 1))
			}
			end()
		} else if m != (store.Move{}) || !errors.Is(err, want) {
			t.Errorf("with %d left: %+v, %v, want %v", left, m, err, want)
		}
	}
	if heard != 2 {
		t.Errorf("with %d left: heard %d", left, heard)
	}
}
