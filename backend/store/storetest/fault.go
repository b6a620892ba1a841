package storetest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"maru/backend/store"
)

// Faults is what can be done to a Store from outside, while it is used. A func
// that is nil can't be done to this one.
type Faults struct {
	// Cut breaks all connections, in the midst of whatever they carry.
	Cut func()
	// LoseReplies has that share of what is answered lost with its connection.
	LoseReplies func(share float64)
	// Delay has everything arrive later by d.
	Delay func(d time.Duration)
	// Blackhole has announcements not arrive any more, without a sign, on the
	// connections that are there. New ones work.
	Blackhole func()
	// Stall has nothing arrive any more on any connection, until it is off.
	Stall func(on bool)
	// Restart kills what keeps the data, as a loss of power does, and starts it.
	Restart func()
	// Wipe deletes all data.
	Wipe func()
	// Failover has another one take over that lacks what lose has written.
	Failover func(lose func())
}

// patience is how long a fault test waits for what must happen. What it would
// happen by without a fix takes longer.
const patience = 20 * time.Second

// RunFaults checks the laws that must hold while things fail. open returns a
// new, empty Store that has the real time, and whose checks of the connections
// are quick. The laws that can't be checked, for want of a fault, are printed.
func RunFaults(t *testing.T, open func(t *testing.T) (store.Store, Faults)) {
	var missing []string
	for _, law := range []struct {
		name  string
		needs []string
		test  func(*testing.T, *env, Faults)
	}{
		{"LostReplies", []string{"LoseReplies"}, faultLostReplies},
		{"CutUnderLoad", []string{"Cut"}, faultCutUnderLoad},
		{"CutThenSilence", []string{"Cut"}, faultCutThenSilence},
		{"Delay", []string{"Delay"}, faultDelay},
		{"Blackhole", []string{"Blackhole"}, faultBlackhole},
		{"Restart", []string{"Restart"}, faultRestart},
		{"RestartUnderLoad", []string{"Restart"}, faultRestartUnderLoad},
		{"Wipe", []string{"Wipe"}, faultWipe},
		{"Failover", []string{"Failover"}, faultFailover},
		{"Cancel", []string{"Stall"}, faultCancel},
		{"CloseWhileStalled", []string{"Stall"}, faultClose},
	} {
		t.Run(law.name, func(t *testing.T) {
			s, faults := open(t)
			for _, name := range law.needs {
				if reflect.ValueOf(faults).FieldByName(name).IsNil() {
					missing = append(missing, law.name+" (no "+name+")")
					return
				}
			}
			law.test(t, &env{Store: s}, faults)
		})
	}
	if len(missing) > 0 {
		t.Log("not checked: ", strings.Join(missing, ", "))
	}
}

// insist appends d until it is said to be there, as a caller does.
func (e *env) insist(t *testing.T, room string, d store.Draft) store.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		ev, _, err := e.Append(ctx, room, d)
		if err == nil {
			return ev
		}
		if ctx.Err() != nil || !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("Append(%q, %s): %v", room, d.ID, err)
			return ev
		}
	}
}

// want reads n events from evs, which must be those with the Seqs after seq.
func want(t *testing.T, what string, evs <-chan store.Event, seq int64, n int) (got []store.Event) {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for range n {
		select {
		case ev, ok := <-evs:
			if seq++; !ok || ev.Seq != seq {
				t.Fatalf("%s: got %s, want Seq %d", what, show([]store.Event{ev}), seq)
			}
			got = append(got, ev)
		case <-late.C:
			t.Fatalf("%s: Seq %d does not come", what, seq+1)
		}
	}
	return got
}

// wantEnd fails t unless a Follow ends with an error.
func wantEnd(t *testing.T, what string, end <-chan error, err error) {
	t.Helper()
	select {
	case got := <-end:
		wantErr(t, what, got, err)
	case <-time.After(patience):
		t.Errorf("%s does not end", what)
	}
}

// live is a Follow of the room that is under way: it has yielded a first event.
func (e *env) live(t *testing.T, room string) (<-chan store.Event, <-chan error) {
	t.Helper()
	evs, end := following(t.Context(), t, e.Store, room, store.Pos{})
	e.insist(t, room, message("first", "first", "x"))
	want(t, "the first event", evs, 0, 1)
	return evs, end
}

// load has writers append messages in rooms, each insisting on its own, and
// checks that logs and followers have each of them once, where it was acked.
func (e *env) load(t *testing.T, each int, during func(done <-chan struct{})) {
	const rooms, writers = 3, 6
	acked := make([][]store.Event, writers)
	followers := make([]<-chan store.Event, rooms)
	for r := range rooms {
		followers[r], _ = e.live(t, fmt.Sprint("room", r))
	}
	done := make(chan struct{})
	var writing, disturbing sync.WaitGroup
	disturbing.Go(func() { during(done) })
	for w := range writers {
		writing.Go(func() {
			for i := range each * rooms {
				id := fmt.Sprint(i)
				acked[w] = append(acked[w], e.insist(t, fmt.Sprint("room", i%rooms), message(fmt.Sprint("w", w), id, id)))
			}
		})
	}
	writing.Wait()
	close(done)
	disturbing.Wait()
	for r := range rooms {
		name := fmt.Sprint("room", r)
		got := want(t, name, followers[r], 1, writers*each)
		log := e.log(t, name, store.Pos{})
		wantEvents(t, "what a follower of "+name+" got", got, log[1:])
		for w := range writers {
			for i := r; i < len(acked[w]); i += rooms {
				if ev := acked[w][i]; ev.Seq < 1 || ev.Seq > int64(len(log)) || !sameEvent(log[ev.Seq-1], ev) {
					t.Errorf("%s: acked %s is not there", name, show([]store.Event{ev}))
				}
			}
		}
	}
}

func faultLostReplies(t *testing.T, e *env, f Faults) {
	e.load(t, 20, func(done <-chan struct{}) {
		f.LoseReplies(0.3)
		<-done
		f.LoseReplies(0)
	})
}

// faultCutUnderLoad cuts whenever the log has grown a little.
func faultCutUnderLoad(t *testing.T, e *env, f Faults) {
	cuts := 0
	e.load(t, 200, func(done <-chan struct{}) {
		for last := int64(0); ; {
			select {
			case <-done:
				return
			default:
			}
			if head, err := e.Head(t.Context(), "room0"); err == nil && head.Seq >= last+40 {
				last = head.Seq
				f.Cut()
				cuts++
			}
		}
	})
	if cuts < 5 {
		t.Errorf("%d cuts", cuts)
	}
	t.Logf("%d cuts", cuts)
}

// faultCutThenSilence looks for what is announced while nobody listens, and is
// followed by nothing that would show that it is missing.
func faultCutThenSilence(t *testing.T, e *env, f Faults) {
	evs, _ := e.live(t, room)
	for i := range 10 {
		f.Cut()
		ev := e.insist(t, room, message("a", fmt.Sprint(i), "x"))
		wantEvents(t, "after a cut", want(t, "after a cut", evs, ev.Seq-1, 1), []store.Event{ev})
	}
}

func faultDelay(t *testing.T, e *env, f Faults) {
	evs, _ := e.live(t, room)
	f.Delay(30 * time.Millisecond)
	for i := range 5 {
		ev := e.insist(t, room, message("a", fmt.Sprint(i), "x"))
		want(t, "with a delay", evs, ev.Seq-1, 1)
	}
}

func faultBlackhole(t *testing.T, e *env, f Faults) {
	evs, _ := e.live(t, room)
	other, _ := e.live(t, "other")
	f.Blackhole()
	ev := e.insist(t, room, message("a", "1", "x"))
	want(t, "after a black hole", evs, ev.Seq-1, 1)
	ev = e.insist(t, "other", message("a", "1", "x"))
	want(t, "after a black hole", other, ev.Seq-1, 1)
}

func faultRestart(t *testing.T, e *env, f Faults) {
	evs, _ := e.live(t, room)
	e.enter(t, room, member("a", "1"))
	e.note(t, "key", "value", time.Hour)
	want(t, "before the restart", evs, 1, 1)
	head := e.head(t, room)
	f.Restart()
	if ev := e.insist(t, room, message("a", "1", "x")); ev.Seq != head.Seq+1 {
		t.Errorf("the log goes on with Seq %d after %d", ev.Seq, head.Seq)
	}
	want(t, "after the restart", evs, head.Seq, 1)
	if got := e.conns(t, room); len(got) != 1 {
		t.Errorf("connections after the restart: %q", got)
	}
	if value, err := e.Noted(t.Context(), "key"); err != nil || string(value) != "value" {
		t.Errorf("the note after the restart: %q, %v", value, err)
	}
}

func faultRestartUnderLoad(t *testing.T, e *env, f Faults) {
	e.load(t, 100, func(done <-chan struct{}) {
		for last := int64(0); last < 400; {
			select {
			case <-done:
				return
			default:
			}
			if head, err := e.Head(t.Context(), "room0"); err == nil && head.Seq >= last+150 {
				last = head.Seq
				f.Restart()
			}
		}
	})
}

func faultWipe(t *testing.T, e *env, f Faults) {
	evs, end := e.live(t, room)
	idle, idleEnd := e.live(t, "idle")
	e.insist(t, room, message("a", "1", "x"))
	want(t, "before the wipe", evs, 1, 1)
	f.Wipe()
	// Its Seq is one that the follower has had: it must not be taken for it.
	ev := e.insist(t, room, message("b", "2", "after the wipe"))
	if ev.Seq != 1 {
		t.Errorf("the first event after the wipe has Seq %d", ev.Seq)
	}
	wantEnd(t, "Follow over a wipe", end, store.ErrReset)
	again, _ := following(t.Context(), t, e.Store, room, store.Pos{})
	wantEvents(t, "the next Follow", want(t, "the next Follow", again, 0, 1), []store.Event{ev})
	ev = e.insist(t, room, message("b", "3", "x"))
	wantEvents(t, "the next Follow", want(t, "the next Follow", again, 1, 1), []store.Event{ev})
	// Where nothing is said nothing shows it until somebody asks.
	f.Cut()
	wantEnd(t, "Follow of an idle room over a wipe", idleEnd, store.ErrReset)
	if ev, ok := <-idle; ok {
		t.Errorf("an idle room yields %s", show([]store.Event{ev}))
	}
}

// faultFailover loses the end of one room's log and nothing of another's.
func faultFailover(t *testing.T, e *env, f Faults) {
	for i, forked := range []struct{ lost, again int }{{1, 0}, {3, 0}, {3, 3}, {2, 5}, {200, 3}} {
		lost, same := fmt.Sprint("lost", i), fmt.Sprint("same", i)
		evs, end := e.live(t, lost)
		other, _ := e.live(t, same)
		f.Failover(func() {
			for j := range forked.lost {
				e.insist(t, lost, message("a", fmt.Sprint("lost", j), "x"))
			}
			want(t, "what is lost then", evs, 1, forked.lost)
		})
		for j := range forked.again {
			e.insist(t, lost, message("a", fmt.Sprint("again", j), "x"))
		}
		wantEnd(t, "Follow of what was lost", end, store.ErrReset)
		ev := e.insist(t, same, message("a", "1", "x"))
		wantEvents(t, "what was not lost", want(t, "what was not lost", other, 1, 1), []store.Event{ev})
		again, _ := following(t.Context(), t, e.Store, lost, store.Pos{})
		want(t, "the next Follow", again, 0, 1+forked.again)
	}
}

// faultCancel has calls hang and then cancels them.
func faultCancel(t *testing.T, e *env, f Faults) {
	e.live(t, room)
	f.Stall(true)
	defer f.Stall(false)
	for name, call := range calls(e) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- call(ctx) }()
		cancel()
		began := time.Now()
		select {
		case err := <-ended:
			wantErr(t, name, err, context.Canceled)
		case <-time.After(patience):
			t.Fatalf("%s does not end", name)
		}
		if d := time.Since(began); d > time.Second {
			t.Errorf("%s ended %v after it was cancelled", name, d)
		}
	}
}

func faultClose(t *testing.T, e *env, f Faults) {
	_, end := e.live(t, room)
	f.Stall(true)
	defer f.Stall(false)
	ended := make(chan error, 1)
	go func() {
		_, _, err := e.Append(t.Context(), room, message("a", "1", "x"))
		ended <- err
	}()
	closed := make(chan error, 1)
	go func() { closed <- e.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Errorf("Close: %v", err)
		}
	case <-time.After(patience):
		t.Fatal("Close does not return")
	}
	wantErr(t, "Append", <-ended, store.ErrUnavailable)
	wantEnd(t, "Follow", end, store.ErrUnavailable)
}
