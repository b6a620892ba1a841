package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

var followTests = map[string]func(*testing.T, *env){
	"FromEverywhere": testFollowFromEverywhere,
	"NewRoom":        testFollowNewRoom,
	"Slow":           testFollowSlow,
	"Stop":           testFollowStop,
	"Cancel":         testFollowCancel,
	"Close":          testFollowClose,
	"Erased":         testFollowErased,
}

var readTests = map[string]func(*testing.T, *env){
	"EventsFromEverywhere": testEventsFromEverywhere,
	"ReadYourWrite":        testReadYourWrite,
	"Reset":                testReset,
	"Cancelled":            testCancelled,
	"Closed":               testClosed,
}

// places are all positions of a log that begins at 1.
func places(epoch string, evs []store.Event) []store.Pos {
	all := []store.Pos{{}}
	for _, ev := range evs {
		all = append(all, store.Pos{Epoch: epoch}.After(ev))
	}
	return all
}

func testEventsFromEverywhere(t *testing.T, e *env) {
	evs := e.say(t, room, "a", 20)
	head := e.head(t, room)
	for i, from := range places(head.Epoch, evs) {
		wantEvents(t, fmt.Sprint("from ", i), e.log(t, room, from), evs[i:])
		got, h, err := e.Events(t.Context(), room, from, 5)
		if err != nil || h != head {
			t.Errorf("Events from %d: head %+v, %v", i, h, err)
		}
		wantEvents(t, fmt.Sprint("5 from ", i), got, evs[i:min(i+5, 20)])
	}
	got, h, err := e.Events(t.Context(), room, store.Pos{Epoch: head.Epoch}, 3)
	if err != nil || h != head {
		t.Errorf("Events from the start of the epoch: head %+v, %v", h, err)
	}
	wantEvents(t, "from the start of the epoch", got, evs[:3])
	if got, h, err := e.Events(t.Context(), "unknown", store.Pos{}, 3); err != nil || h != (store.Pos{}) || got != nil {
		t.Errorf("Events of a room that has not begun = %v, %v, %v", got, h, err)
	}
}

func testFollowFromEverywhere(t *testing.T, e *env) {
	evs := e.say(t, room, "a", 80)
	epoch := e.head(t, room).Epoch
	all := places(epoch, evs)
	got := make([][]store.Event, len(all))
	parallel(len(all)+1, func(i int) {
		if i == len(all) {
			for j := range 20 {
				if _, _, err := e.Append(t.Context(), room, message("late", fmt.Sprint(j), "x")); err != nil {
					t.Errorf("Append: %v", err)
				}
			}
			return
		}
		var err error
		if got[i], err = follow(t.Context(), e, room, all[i], 100-i); err != nil {
			t.Errorf("Follow from %d: %v", i, err)
		}
	})
	log := e.log(t, room, store.Pos{})
	for i := range got {
		wantEvents(t, fmt.Sprint("from ", i), got[i], log[i:])
	}
}

// following starts a Follow and hands over its events one by one.
func following(ctx context.Context, t *testing.T, s store.Store, room string, from store.Pos) (<-chan store.Event, <-chan error) {
	evs, end := make(chan store.Event), make(chan error, 1)
	go func() {
		defer close(evs)
		for ev, err := range s.Follow(ctx, room, from) {
			if err != nil {
				end <- err
				return
			}
			select {
			case evs <- ev:
			case <-t.Context().Done():
				return
			}
		}
	}()
	return evs, end
}

func testFollowNewRoom(t *testing.T, e *env) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	evs, end := following(ctx, t, e, room, store.Pos{})
	for i := range 3 {
		want := e.append(t, room, message("a", fmt.Sprint(i), "x"))
		wantEvents(t, "live", []store.Event{<-evs}, []store.Event{want})
	}
	// Fall behind by more than a store keeps at hand.
	want := e.say(t, room, "b", 300)
	var got []store.Event
	for range want {
		got = append(got, <-evs)
	}
	wantEvents(t, "after falling behind", got, want)
	cancel()
	wantErr(t, "Follow", <-end, context.Canceled)
}

// testFollowSlow has a follower that reads one event for every ten, of a size
// that nobody would keep for it.
func testFollowSlow(t *testing.T, e *env) {
	const n = 400
	e.append(t, room, message("a", "first", "x"))
	body := strings.Repeat("x", 10_000)
	evs, _ := following(t.Context(), t, e, room, e.head(t, room))
	read := 0
	next := func() {
		read++
		if ev := <-evs; ev.Seq != int64(read+1) || len(ev.Body) != len(body) {
			t.Errorf("event %d has Seq %d and %d bytes", read, ev.Seq, len(ev.Body))
		}
	}
	for i := range n {
		e.append(t, room, message("b", fmt.Sprint(i), body))
		if i%10 == 0 {
			next()
		}
	}
	for read < n {
		next()
	}
}

func testFollowStop(t *testing.T, e *env) {
	e.say(t, room, "a", 10)
	seq := e.Follow(t.Context(), room, store.Pos{})
	for range 2 {
		want := int64(1)
		for ev, err := range seq {
			if err != nil || ev.Seq != want {
				t.Fatalf("event %d: %+v, %v", want, ev, err)
			}
			if want++; want > 4 {
				break
			}
		}
	}
	// A consumer that stops because its context has ended hears no more.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range e.Follow(ctx, room, store.Pos{}) {
		cancel()
		break
	}
}

func testFollowCancel(t *testing.T, e *env) {
	e.say(t, room, "a", 3)
	for _, from := range []store.Pos{{}, e.head(t, room)} {
		ctx, cancel := context.WithCancelCause(t.Context())
		evs, end := following(ctx, t, e, room, from)
		if from == (store.Pos{}) {
			<-evs
		}
		cancel(errors.New("the cause"))
		for range evs {
		}
		wantErr(t, "Follow", <-end, context.Canceled)
	}
}

func testFollowClose(t *testing.T, e *env) {
	e.say(t, room, "a", 3)
	_, end := following(t.Context(), t, e, room, e.head(t, room))
	_, endNew := following(t.Context(), t, e, "unknown", store.Pos{})
	if err := e.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	wantErr(t, "Follow", <-end, store.ErrUnavailable)
	wantErr(t, "Follow of a room that has not begun", <-endNew, store.ErrUnavailable)
}

// testFollowErased looks for a deleted text in what a follower is given that
// has not come to it yet.
func testFollowErased(t *testing.T, e *env) {
	e.append(t, room, message("a", "0", "x"))
	evs, _ := following(t.Context(), t, e, room, store.Pos{})
	<-evs
	e.append(t, room, message("a", "1", "x"))
	<-evs
	e.append(t, room, message("a", "2", "secret"))
	e.append(t, room, change(store.Edit, "a", "3", 3, "secret as well"))
	e.append(t, room, change(store.Delete, "a", "4", 3, ""))
	e.append(t, room, message("a", "5", "x"))
	// The first of them may be on its way already.
	first := <-evs
	if first.Seq != 3 {
		t.Fatalf("%+v after Seq 2", first)
	}
	got := []store.Event{<-evs, <-evs, <-evs}
	if got[1].Kind != store.Delete || string(got[2].Body) != "x" {
		t.Errorf("the rest: %s", show(got))
	}
	late, err := follow(t.Context(), e, room, store.Pos{}, 6)
	if err != nil || len(late[2].Body)+len(late[3].Body) > 0 {
		t.Errorf("a later follower got the text: %s, %v", show(late), err)
	}
}

func testReadYourWrite(t *testing.T, e *env) {
	parallel(8, func(g int) {
		name := fmt.Sprint("room", g%4)
		for i := range 15 {
			ev, _, err := e.Append(t.Context(), name, message(fmt.Sprint(g), fmt.Sprint(i), "x"))
			if err != nil {
				t.Errorf("Append: %v", err)
				return
			}
			if head, err := e.Head(t.Context(), name); err != nil || head.Seq < ev.Seq {
				t.Errorf("Head %d after Append %d, %v", head.Seq, ev.Seq, err)
			}
			if page, err := e.Page(t.Context(), name, ev.Seq+1, 1); err != nil || len(page) != 1 || page[0].Seq != ev.Seq {
				t.Errorf("Page after Append %d: %+v, %v", ev.Seq, page, err)
			}
			if posts, err := e.Get(t.Context(), name, ev.Seq); err != nil || len(posts) != 1 || !sameEvent(posts[0].Event, ev) {
				t.Errorf("Get after Append %d: %+v, %v", ev.Seq, posts, err)
			}
		}
	})
}

func testReset(t *testing.T, e *env) {
	evs := e.say(t, room, "a", 5)
	epoch := e.head(t, room).Epoch
	for name, pos := range map[string]store.Pos{
		"other epoch":        {Epoch: "other", Seq: 3, ID: evs[2].ID},
		"no epoch":           {Seq: 3, ID: evs[2].ID},
		"other ID":           {Epoch: epoch, Seq: 3, ID: "other"},
		"other ID at head":   {Epoch: epoch, Seq: 5, ID: "other"},
		"no ID":              {Epoch: epoch, Seq: 3},
		"ID before first":    {Epoch: epoch, ID: "a0"},
		"ahead":              {Epoch: epoch, Seq: 6, ID: "a5"},
		"far ahead":          {Epoch: epoch, Seq: 1<<63 - 1, ID: "a5"},
		"negative":           {Epoch: epoch, Seq: -1},
		"other epoch, start": {Epoch: "other"},
	} {
		_, _, err := e.Events(t.Context(), room, pos, 5)
		wantErr(t, "Events, "+name, err, store.ErrReset)
		_, err = follow(t.Context(), e, room, pos, 1)
		wantErr(t, "Follow, "+name, err, store.ErrReset)
		_, _, err = e.Events(t.Context(), "unknown", pos, 5)
		wantErr(t, "Events of a room that has not begun, "+name, err, store.ErrReset)
	}
}

// calls are all calls of a Store.
func calls(e *env) map[string]func(context.Context) error {
	m := store.Member{Conn: "c", User: "u"}
	return map[string]func(context.Context) error{
		"Append":  func(ctx context.Context) error { _, _, err := e.Append(ctx, room, message("a", "1", "x")); return err },
		"Head":    func(ctx context.Context) error { _, err := e.Head(ctx, room); return err },
		"Events":  func(ctx context.Context) error { _, _, err := e.Events(ctx, room, store.Pos{}, 1); return err },
		"Follow":  func(ctx context.Context) error { _, err := follow(ctx, e, room, store.Pos{}, 2); return err },
		"Page":    func(ctx context.Context) error { _, err := e.Page(ctx, room, 0, 1); return err },
		"Get":     func(ctx context.Context) error { _, err := e.Get(ctx, room, 1); return err },
		"Trim":    func(ctx context.Context) error { return e.Trim(ctx, room, store.Retention{Count: 9}) },
		"Changes": func(ctx context.Context) error { _, err := e.Changes(ctx, room, 0, 0, 9); return err },
		"Count":   func(ctx context.Context) error { _, err := e.Count(ctx, room, 0, 9); return err },
		"Mark":    func(ctx context.Context) error { _, err := e.Mark(ctx, room, "u", 1); return err },
		"Marked":  func(ctx context.Context) error { _, err := e.Marked(ctx, room, "u"); return err },
		"Find":    func(ctx context.Context) error { _, err := e.Find(ctx, room, "x", 0, 9); return err },
		"Signal":  func(ctx context.Context) error { return e.Signal(ctx, []byte("x")) },
		"Rooms": func(ctx context.Context) error {
			for _, err := range e.Rooms(ctx) {
				return err
			}
			return nil
		},
		"Enter": func(ctx context.Context) error { return e.Enter(ctx, room, m, ttl) },
		"Renew": func(ctx context.Context) error {
			_, err := e.Renew(ctx, ttl, map[string][]string{room: {"c"}})
			return err
		},
		"Leave":   func(ctx context.Context) error { return e.Leave(ctx, room, "c") },
		"Members": func(ctx context.Context) error { _, _, err := e.Members(ctx, room); return err },
		"Sweep":   func(ctx context.Context) error { _, _, err := e.Sweep(ctx); return err },
		"Note":    func(ctx context.Context) error { return e.Note(ctx, "key", []byte("x"), ttl) },
		"Noted":   func(ctx context.Context) error { _, err := e.Noted(ctx, "key"); return err },
		"Ping":    e.Ping,
		"Open":    func(ctx context.Context) error { return e.Open(ctx, sid, "a", nil, ttl) },
		"Claim":   func(ctx context.Context) error { _, _, err := e.Claim(ctx, sid, "a", 1, 0, ttl); return err },
		"Save":    func(ctx context.Context) error { return e.Save(ctx, sid, 1, nil, true, ttl) },
		"End":     func(ctx context.Context) error { return e.End(ctx, sid, 1) },
		"Turns":   func(ctx context.Context) error { _, err := e.Turns(ctx, sid); return err },
		"Moves": func(ctx context.Context) error {
			for _, err := range e.Moves(ctx, "a") {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func testCancelled(t *testing.T, e *env) {
	e.say(t, room, "a", 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()
	for name, call := range calls(e) {
		wantErr(t, name, call(ctx), context.Canceled)
		wantErr(t, name, call(late), context.DeadlineExceeded)
	}
	if head := e.head(t, room); head.Seq != 1 {
		t.Errorf("cancelled calls moved the head to %d", head.Seq)
	}
	e.wantNote(t, "key", "")
	wantTurn(t, e, sid, 0)
}

func testClosed(t *testing.T, e *env) {
	e.say(t, room, "a", 1)
	if err := e.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	for name, call := range calls(e) {
		wantErr(t, name, call(t.Context()), store.ErrUnavailable)
	}
}
