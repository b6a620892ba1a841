package redisstore

import (
	"bytes"
	"context"
	"strconv"
	"time"

	"maru/backend/store"
)

// The bounds of what one pipeline appends.
const (
	maxBatch      = 256
	maxBatchBytes = 1 << 20
)

// appending is an Append that waits for the flusher.
type appending struct {
	ctx   context.Context
	call  invocation
	bytes int
	done  chan reply // has room for the one reply
}

// Append implements store.Log.
func (s *Store) Append(ctx context.Context, room string, d store.Draft) (store.Event, bool, error) {
	if err := store.CheckRoom(room); err != nil {
		return store.Event{}, false, err
	}
	if err := d.Check(); err != nil {
		return store.Event{}, false, err
	}
	if err := ctx.Err(); err != nil {
		return store.Event{}, false, err
	}
	d.Body = bytes.Clone(d.Body)
	a := appending{ctx, s.onAppend(room, d), len(d.Body), make(chan reply, 1)}
	if s.life.Err() != nil {
		return store.Event{}, false, errClosed
	}
	select {
	case s.queue <- a:
	case <-ctx.Done():
		return store.Event{}, false, ctx.Err()
	case <-s.life.Done():
		return store.Event{}, false, errClosed
	}
	select {
	case r := <-a.done:
		ev, dup, err := appended(d, r)
		if err != nil {
			return store.Event{}, false, s.fault(ctx, "append", room, err)
		}
		return ev, dup, nil
	case <-ctx.Done():
		return store.Event{}, false, ctx.Err()
	case <-s.life.Done():
		return store.Event{}, false, errClosed
	}
}

// onAppend is the invocation that appends d.
func (s *Store) onAppend(room string, d store.Draft) invocation {
	args := []any{string(rune(d.Kind)), d.Author, d.ID, strconv.FormatInt(d.Target, 10), d.Body, 0}
	if s.opt.Replicas > 0 {
		args[5] = 1
	}
	if d.Kind == store.React || d.Kind == store.Unreact {
		args = append(args, escape.Replace(string(d.Body)), escape.Replace(d.Author))
	}
	return s.onRoom(s.append, room, logKeys, args...)
}

// appended is what became of d.
func appended(d store.Draft, r reply) (ev store.Event, dup bool, err error) {
	if r.err != nil {
		return ev, false, r.err
	}
	answer, err := texts(r.value, 1)
	if err != nil {
		return ev, false, err
	}
	switch answer[0] {
	case "conflict":
		return ev, false, store.ErrConflict
	case "no target":
		return ev, false, store.ErrNoTarget
	case "too many":
		return ev, false, store.ErrTooMany
	case "new", "again":
	default:
		return ev, false, errBroken
	}
	if len(answer) != 3 {
		return ev, false, errBroken
	}
	seq, err := numbers(answer[1])
	if err != nil {
		return ev, false, err
	}
	if answer[0] == "again" {
		ev, _, err = parseEntry(seq[0], answer[2])
		return ev, true, err
	}
	at, err := numbers(answer[2])
	if err != nil {
		return ev, false, err
	}
	return store.Event{Draft: d, Seq: seq[0], At: time.UnixMilli(at[0]).UTC()}, false, nil
}

// flush sends what waits in the queue, as much as there is at once: many
// writers share one way to Redis and back, and one sync of its disk.
func (s *Store) flush() {
	defer s.running.Done()
	for {
		var first appending
		select {
		case first = <-s.queue:
		case <-s.life.Done():
			return
		}
		batch := s.gather(first)
		if len(batch) == 0 {
			continue
		}
		calls := make([]invocation, len(batch))
		for i, a := range batch {
			calls[i] = a.call
		}
		for i, r := range s.invoke(s.life, calls, true) {
			batch[i].done <- r
		}
	}
}

// gather is first and what stands behind it. Those whose caller has gone are
// left out.
func (s *Store) gather(first appending) []appending {
	var batch []appending
	size := 0
	for a := first; ; {
		if a.ctx.Err() == nil {
			batch, size = append(batch, a), size+a.bytes
		}
		if len(batch) >= maxBatch || size >= maxBatchBytes {
			return batch
		}
		select {
		case a = <-s.queue:
		default:
			return batch
		}
	}
}
