package storetest

import (
	"fmt"
	"testing"
	"time"

	"maru/backend/store"
)

// testRooms lists more rooms than a store may want to read at a time.
func testRooms(t *testing.T, e *env) {
	want := map[string]bool{}
	parallel(700, func(i int) {
		name := fmt.Sprint("room*{}", i)
		if _, _, err := e.Append(t.Context(), name, message("a", "m", "x")); err != nil {
			t.Errorf("Append: %v", err)
		}
	})
	for i := range 700 {
		want[fmt.Sprint("room*{}", i)] = true
	}
	e.append(t, "}:m:\x00\xff", message("a", "m", "x"))
	want["}:m:\x00\xff"] = true
	e.note(t, "note", "x", ttl)
	e.mark(t, "room*{}1", "a", 1, 1)
	got := map[string]bool{}
	for name, err := range e.Rooms(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if got[name] = true; !want[name] {
			t.Errorf("there is no room %q", name)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rooms, want %d", len(got), len(want))
	}
	for range e.Rooms(t.Context()) {
		break
	}
}

func testTrim(t *testing.T, e *env) {
	ctx := t.Context()
	evs := e.say(t, room, "a", 10)
	evs = append(evs,
		e.append(t, room, change(store.React, "b", "r1", 2, "👍")),
		e.append(t, room, change(store.React, "b", "r8", 8, "👍")),
		e.append(t, room, change(store.Edit, "a", "e", 9, "edited")))
	head := e.head(t, room)
	at := func(seq int64) store.Pos { return store.Pos{Epoch: head.Epoch}.After(evs[seq-1]) }
	if err := e.Trim(ctx, room, store.Retention{}); err != nil {
		t.Fatal(err)
	}
	wantEvents(t, "no bound", e.log(t, room, store.Pos{}), evs)
	for range 2 {
		if err := e.Trim(ctx, room, store.Retention{Count: 7}); err != nil {
			t.Fatal(err)
		}
	}
	// 7 of 13 stay: 7 to 13.
	wantEvents(t, "kept", e.log(t, room, at(6)), evs[6:])
	for seq := range int64(6) {
		pos := store.Pos{}
		if seq > 0 {
			pos = at(seq)
		}
		_, _, err := e.Events(ctx, room, pos, 1)
		wantErr(t, "Events before what is kept", err, store.ErrTrimmed)
		_, err = follow(ctx, e, room, pos, 1)
		wantErr(t, "Follow before what is kept", err, store.ErrTrimmed)
	}
	forged := at(6)
	forged.ID = "forged"
	_, _, err := e.Events(ctx, room, forged, 1)
	wantErr(t, "Events from another log's place", err, store.ErrReset)
	if got := e.head(t, room); got != head {
		t.Errorf("Trim moved the head from %+v to %+v", head, got)
	}
	testTrimmedPosts(t, e)
	if _, dup, err := e.Append(ctx, room, message("a", "a7", "text of a7")); !dup || err != nil {
		t.Errorf("retry of a kept message: dup %v, %v", dup, err)
	}
	if ev := e.append(t, room, message("a", "a2", "the ID is free again")); ev.Seq != 14 {
		t.Errorf("the ID of a trimmed message was not free: %+v", ev)
	}
}

// testTrimmedPosts looks at the posts of testTrim.
func testTrimmedPosts(t *testing.T, e *env) {
	posts := e.pages(t, room, 2)
	if len(posts) != 4 || posts[0].Seq != 10 || posts[3].Seq != 7 {
		t.Fatalf("posts after Trim: %+v", posts)
	}
	if string(posts[1].Body) != "edited" || len(posts[2].Reacts["👍"]) != 1 {
		t.Errorf("kept posts lost their edit or reaction: %+v", posts)
	}
	if got, err := e.Get(t.Context(), room, 2, 6, 7); err != nil || len(got) != 1 || got[0].Seq != 7 {
		t.Errorf("Get of trimmed posts = %+v, %v", got, err)
	}
	_, _, err := e.Append(t.Context(), room, change(store.Edit, "a", "late", 6, "x"))
	wantErr(t, "Edit of a trimmed message", err, store.ErrNoTarget)
}

func testTrimByAge(t *testing.T, e *env) {
	var evs []store.Event
	for i := range 10 {
		evs = append(evs, e.append(t, room, message("a", string(rune('0'+i)), "x")))
		e.clock.Add(time.Minute)
	}
	// The clock is at 10 min; the events at 0 to 9 min.
	for _, keep := range []struct {
		store.Retention
		first int
	}{
		{store.Retention{Age: time.Hour}, 0},
		{store.Retention{Age: 7 * time.Minute}, 3},
		{store.Retention{Age: 8 * time.Minute}, 3},
		{store.Retention{Age: 5 * time.Minute, Count: 100}, 5},
		{store.Retention{Age: time.Hour, Count: 4}, 6},
		{store.Retention{Age: time.Second}, 10},
	} {
		if err := e.Trim(t.Context(), room, keep.Retention); err != nil {
			t.Fatal(err)
		}
		from := store.Pos{}
		if keep.first > 0 {
			from = store.Pos{Epoch: e.head(t, room).Epoch}.After(evs[keep.first-1])
		}
		wantEvents(t, "kept", e.log(t, room, from), evs[keep.first:])
	}
	if posts := e.pages(t, room, 5); len(posts) != 0 {
		t.Errorf("%d posts in an empty log", len(posts))
	}
	e = &env{Store: e.harness.Reopen(t, e.Store), clock: e.clock}
	if ev := e.append(t, room, message("a", "0", "again")); ev.Seq != 11 {
		t.Errorf("after trimming all, Seq is %d", ev.Seq)
	}
	if err := e.Trim(t.Context(), "unknown", store.Retention{Count: 1}); err != nil {
		t.Errorf("Trim of a room that has not begun: %v", err)
	}
}

// testTrimMuch drops more than a store may want to drop at once.
func testTrimMuch(t *testing.T, e *env) {
	const writers, each = 16, 75
	parallel(writers, func(w int) {
		for i := range each {
			if _, _, err := e.Append(t.Context(), room, message("a", fmt.Sprint(w, i), "x")); err != nil {
				t.Errorf("Append: %v", err)
			}
		}
	})
	if err := e.Trim(t.Context(), room, store.Retention{Count: 10}); err != nil {
		t.Fatal(err)
	}
	if posts := e.pages(t, room, 100); len(posts) != 10 || posts[9].Seq != writers*each-9 {
		t.Errorf("%d posts are left, want 10", len(posts))
	}
}
