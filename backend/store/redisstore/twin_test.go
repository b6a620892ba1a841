package redisstore

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"maru/backend/store"
)

// Each test here has a store that lacks one of the checks, beside one that has
// it, and shows that the check is what makes the difference.

const room = "room"

func message(id string) store.Draft {
	return store.Draft{ID: id, Author: "author", Kind: store.Message, Body: []byte(id)}
}

// say appends a message through s.
func say(t *testing.T, s *Store, room, id string) store.Event {
	t.Helper()
	ev, _, err := s.Append(t.Context(), room, message(id))
	if err != nil {
		t.Fatalf("Append(%s): %v", id, err)
	}
	return ev
}

// listener is a running Follow.
type listener struct {
	evs <-chan store.Event
	end <-chan error
}

// listen follows a room, whose only event is "first", from its beginning.
func listen(t *testing.T, s *Store, room string) listener {
	t.Helper()
	evs, end := make(chan store.Event, 1000), make(chan error, 1)
	go func() {
		for ev, err := range s.Follow(t.Context(), room, store.Pos{}) {
			if err != nil {
				end <- err
				return
			}
			evs <- ev
		}
	}()
	l := listener{evs, end}
	l.hears(t, "first")
	return l
}

// hears fails t unless exactly these come next, by their IDs.
func (l listener) hears(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		select {
		case ev := <-l.evs:
			if ev.ID != id {
				t.Fatalf("%d %q came, want %q", ev.Seq, ev.ID, id)
			}
		case err := <-l.end:
			t.Fatalf("ended before %q: %v", id, err)
		case <-time.After(wait):
			t.Fatalf("%q does not come", id)
		}
	}
}

func (l listener) heardNothing(t *testing.T, what string) {
	t.Helper()
	select {
	case ev := <-l.evs:
		t.Errorf("%s heard %d %q", what, ev.Seq, ev.ID)
	case err := <-l.end:
		t.Errorf("%s ended: %v", what, err)
	default:
	}
}

func (l listener) isReset(t *testing.T) {
	t.Helper()
	select {
	case err := <-l.end:
		if err == nil || !strings.Contains(err.Error(), store.ErrReset.Error()) {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(wait):
		t.Error("does not end")
	}
}

// twins are two stores on the same rooms, the second one without something,
// each with a listener; and one that speaks to Redis without the proxy.
type twins struct {
	*rig
	whole, lacking listener
	writer         *Store
}

func newTwins(t *testing.T, lack func(*tune)) *twins {
	t.Helper()
	r := newRig(t, durable...)
	how := quick
	lack(&how)
	// On a busy machine a probe may be late, and who has nothing else to go by
	// would miss what is said while it reconnects.
	how.noProbe = true
	prefix := fmt.Sprint("test", prefixes.Add(1))
	address := "redis://" + r.proxy.Addr()
	tw := &twins{rig: r, writer: open(t, "redis://"+r.server.Addr(), Options{Prefix: prefix})}
	say(t, tw.writer, room, "first")
	tw.whole = listen(t, open(t, address, Options{Prefix: prefix, tune: quick}), room)
	tw.lacking = listen(t, open(t, address, Options{Prefix: prefix, tune: how}), room)
	tw.subscribed(t, 2)
	say(t, tw.writer, room, "second")
	tw.whole.hears(t, "second")
	tw.lacking.hears(t, "second")
	return tw
}

// subscribers are the connections that subscribe to anything, in order.
func (tw *twins) subscribers(t *testing.T) (ids []string) {
	t.Helper()
	list, err := tw.direct.Do(t.Context(), "CLIENT", "LIST", "TYPE", "pubsub").Text()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(list) {
		id, _, _ := strings.Cut(line, " ")
		ids = append(ids, id)
	}
	return ids
}

// subscribed returns when n twins listen to the room, by other connections than
// the old ones.
func (tw *twins) subscribed(t *testing.T, n int64, old ...string) {
	t.Helper()
	channel := tw.writer.keys.of(room, "f")
	for began := time.Now(); ; {
		subs, err := tw.direct.PubSubNumSub(t.Context(), channel).Result()
		if err != nil || time.Since(began) > wait {
			t.Fatalf("%v subscribed, %v", subs, err)
		}
		gone := !slices.ContainsFunc(tw.subscribers(t), func(id string) bool { return slices.Contains(old, id) })
		if gone && subs[channel] == n {
			return
		}
	}
}

// cut cuts the twins off, has a said meanwhile, and returns when they are back.
func (tw *twins) cut(t *testing.T) {
	t.Helper()
	old := tw.subscribers(t)
	// Nobody gets through meanwhile: one who reconnects at once would hear it.
	tw.proxy.Target("unix:" + filepath.Join(t.TempDir(), "nobody"))
	tw.proxy.Cut()
	say(t, tw.writer, room, "a")
	tw.proxy.Target(tw.server.Addr())
	tw.subscribed(t, 2, old...)
}

// Without the probe, who is in a black hole hears nothing and does not know.
func TestTwinProbe(t *testing.T) {
	// The check at its beginning may come late, and would find what is said.
	tw := newTwins(t, func(how *tune) { how.noHeadCheck = true })
	tw.blackhole()
	say(t, tw.writer, room, "a")
	tw.whole.hears(t, "a")
	say(t, tw.writer, room, "b")
	tw.whole.hears(t, "b")
	tw.lacking.heardNothing(t, "the one without a probe")
}

// Without the head check, what was said while nobody listened is not missed.
func TestTwinHeadCheck(t *testing.T) {
	tw := newTwins(t, func(how *tune) { how.noHeadCheck = true })
	tw.cut(t)
	tw.whole.hears(t, "a")
	tw.lacking.heardNothing(t, "the one without a head check")
	// The next one shows the gap.
	say(t, tw.writer, room, "b")
	tw.whole.hears(t, "b")
	tw.lacking.hears(t, "a", "b")
}

// Without a look at what it joins on to, a gap is shown as if it were none.
func TestTwinGap(t *testing.T) {
	tw := newTwins(t, func(how *tune) { how.trust = true })
	tw.cut(t)
	say(t, tw.writer, room, "b")
	tw.whole.hears(t, "a", "b")
	tw.lacking.hears(t, "b")
}

// Without it, a log that was forked is shown as one.
func TestTwinFork(t *testing.T) {
	tw := newTwins(t, func(how *tune) { how.trust = true })
	tw.failover(t, func() {
		say(t, tw.writer, room, "lost")
		tw.whole.hears(t, "lost")
		tw.lacking.hears(t, "lost")
	})
	tw.whole.isReset(t)
	tw.subscribed(t, 1)
	after := open(t, "redis://"+tw.server.Addr(), Options{Prefix: tw.writer.opt.Prefix})
	say(t, after, room, "instead")
	say(t, after, room, "b")
	tw.lacking.hears(t, "b") // and "instead" never
}

// Without it, what is said after a wipe is taken for what was heard.
func TestTwinWipe(t *testing.T) {
	tw := newTwins(t, func(how *tune) { how.trust = true })
	tw.do(t, "FLUSHALL")
	say(t, tw.writer, room, "a")
	say(t, tw.writer, room, "b")
	tw.whole.isReset(t)
	tw.lacking.heardNothing(t, "the one that trusts")
	say(t, tw.writer, room, "c")
	tw.lacking.hears(t, "c")
}

// Without the lookup of author and ID, a reply that is lost makes a duplicate.
func TestTwinDedupe(t *testing.T) {
	r := newRig(t)
	const lookup = "if first then"
	if strings.Count(scriptAppend.source, lookup) != 1 {
		t.Fatal("the lookup is not found")
	}
	for _, twin := range []struct {
		script *script
		once   bool
	}{
		{scriptAppend, true},
		{newScript(strings.Replace(scriptAppend.source, lookup, "if false then", 1)), false},
	} {
		s := r.open(t, quick)
		s.append = twin.script
		say(t, s, "other", "a") // so that Redis knows the script
		r.proxy.LoseReplies(1)
		if _, _, err := s.Append(t.Context(), room, message("a")); err == nil {
			t.Error("no reply, and no error")
		}
		r.proxy.LoseReplies(0)
		say(t, s, room, "a")
		evs, _, err := s.Events(t.Context(), room, store.Pos{}, 100)
		if err != nil || twin.once != (len(evs) == 1) {
			t.Errorf("%d events, once: %v, %v", len(evs), twin.once, err)
		}
	}
}
