package redisstore

import (
	"fmt"
	"testing"

	"maru/backend/store"
)

// told is a frame of the event at seq in a log whose events have their Seq as ID.
func told(epoch string, seq int64, body int) frame {
	before := store.Pos{Epoch: epoch, Seq: seq - 1, ID: fmt.Sprint(seq - 1)}
	if seq == 1 {
		before.ID = ""
	}
	return frame{before, store.Event{Seq: seq, Draft: store.Draft{ID: fmt.Sprint(seq), Body: make([]byte, body)}}}
}

func at(epoch string, seq int64) store.Pos {
	return store.Pos{Epoch: epoch, Seq: seq, ID: fmt.Sprint(seq)}
}

// A feed keeps little, whatever is said, and gives what it keeps.
func TestFeedBounds(t *testing.T) {
	for _, body := range []int{1, 10_000, store.MaxBody} {
		f := newFeed(room, "channel", false)
		for seq := range int64(2000) {
			f.push(told("e", seq+1, body))
			if f.bytes > feedBytes || len(f.recent) > feedEvents {
				t.Fatalf("%d events, %d bytes are kept", len(f.recent), f.bytes)
			}
		}
		_, checks := f.state()
		kept := min(feedEvents, feedBytes/body)
		buf := make([]store.Event, 2*feedEvents)
		if n, behind, _ := f.after(at("e", int64(2000-kept)), checks, buf); n != kept || behind || buf[0].Seq != int64(2001-kept) {
			t.Errorf("%d events of %d bytes, behind %v; %d are kept", n, body, behind, kept)
		}
		if n, behind, _ := f.after(at("e", int64(2000-kept-1)), checks, buf); n != 0 || !behind {
			t.Errorf("before what is kept: %d, behind %v", n, behind)
		}
	}
}

// What a follower is to do, by where it is and what was announced.
func TestFeedAfter(t *testing.T) {
	const reads, waits = -1, 0
	for name, c := range map[string]struct {
		frames []frame
		at     store.Pos
		want   int // events, or one of the above
	}{
		"nothing announced":   {nil, at("e", 5), waits},
		"at the end":          {[]frame{told("e", 5, 0), told("e", 6, 0)}, at("e", 6), waits},
		"one behind":          {[]frame{told("e", 5, 0), told("e", 6, 0)}, at("e", 5), 1},
		"two behind":          {[]frame{told("e", 5, 0), told("e", 6, 0)}, at("e", 4), 2},
		"further behind":      {[]frame{told("e", 5, 0), told("e", 6, 0)}, at("e", 3), reads},
		"after a gap":         {[]frame{told("e", 5, 0), told("e", 7, 0)}, at("e", 5), reads},
		"after the gap's end": {[]frame{told("e", 5, 0), told("e", 7, 0)}, at("e", 6), 1},
		"another epoch":       {[]frame{told("other", 6, 0)}, at("e", 5), reads},
		"another past":        {[]frame{told("e", 6, 0)}, store.Pos{Epoch: "e", Seq: 5, ID: "x"}, reads},
		"another end":         {[]frame{told("e", 6, 0)}, store.Pos{Epoch: "e", Seq: 6, ID: "x"}, reads},
		"ahead":               {[]frame{told("e", 6, 0)}, at("e", 7), waits},
		"the beginning":       {[]frame{told("e", 1, 0)}, store.Pos{}, reads},
	} {
		f := newFeed(room, "channel", false)
		_, checks := f.state()
		if len(c.frames) > 0 {
			f.push(c.frames[0])
			_, checks = f.state()
			for _, fr := range c.frames[1:] {
				f.push(fr)
			}
		}
		n, behind, _ := f.after(c.at, checks, make([]store.Event, 10))
		if behind != (c.want == reads) || n != max(c.want, 0) {
			t.Errorf("%s: %d events, reads %v; want %d", name, n, behind, c.want)
		}
	}
	// What was announced before comes again: everybody reads.
	f := newFeed(room, "channel", false)
	for seq := range int64(5) {
		f.push(told("e", seq+1, 0))
	}
	_, checks := f.state()
	f.push(told("e", 3, 0))
	if _, behind, _ := f.after(at("e", 5), checks, nil); !behind {
		t.Error("an old event goes unnoticed")
	}
}

// A head that was read before something was announced does not undo that.
func TestFeedReached(t *testing.T) {
	f := newFeed(room, "channel", false)
	f.push(told("e", 5, 0))
	version, checks := f.state()
	f.push(told("e", 6, 0))
	f.reached(at("e", 5), version)
	if n, behind, _ := f.after(at("e", 5), checks, make([]store.Event, 10)); n != 1 || behind {
		t.Errorf("%d events, reads %v", n, behind)
	}
	// Read after it, it counts: the log may have lost its end.
	version, _ = f.state()
	f.reached(at("e", 5), version)
	if n, behind, _ := f.after(at("e", 5), checks, nil); n != 0 || behind {
		t.Errorf("%d events, reads %v", n, behind)
	}
}
