package redisstore

import (
	"context"
	"slices"
	"time"
)

// sweepStep is how many rooms and notes of a partition, and how many leases of
// a room, one script ends; sweepRooms is how many rooms one pipeline does.
const (
	sweepStep  = 256
	sweepRooms = 32
)

// dues is what is due in all partitions.
type dues struct {
	rooms []string
	more  bool
	next  time.Time // when the earliest of the other leases ends
}

// Sweep implements store.Presence.
func (s *Store) Sweep(ctx context.Context) (int, time.Time, error) {
	total := 0
	for {
		d, err := call(ctx, s, "sweep", "", s.dues)
		if err != nil {
			return total, time.Time{}, err
		}
		if len(d.rooms) == 0 && !d.more {
			return total, d.next, nil
		}
		// A room that is in due without a reason is no longer after this.
		for rooms := range slices.Chunk(d.rooms, sweepRooms) {
			ended, err := call(ctx, s, "sweep", "", func(ctx context.Context) (int, error) {
				return s.sweep(ctx, rooms)
			})
			total += ended
			if err != nil {
				return total, time.Time{}, err
			}
		}
	}
}

// dues asks all partitions, and has them drop notes whose time is over.
func (s *Store) dues(ctx context.Context) (d dues, err error) {
	calls := make([]invocation, partitions)
	for p := range calls {
		calls[p] = invocation{scriptDue, []string{s.keys.part(p, "due"), s.keys.part(p, "n"), s.keys.part(p, "nt")},
			[]any{s.now(), sweepStep}}
	}
	for _, r := range s.invoke(ctx, calls, false) {
		if r.err != nil {
			return d, r.err
		}
		answer, err := texts(r.value, 3)
		if err != nil {
			return d, err
		}
		n, err := numbers(answer[:3]...)
		if err != nil {
			return d, err
		}
		d.rooms, d.more = append(d.rooms, answer[3:]...), d.more || n[1] == 1
		if next := s.local(n[0], n[2]); n[2] > 0 && (d.next.IsZero() || next.Before(d.next)) {
			d.next = next
		}
	}
	return d, nil
}

// sweep ends leases of rooms, and returns how many.
func (s *Store) sweep(ctx context.Context, rooms []string) (ended int, err error) {
	calls := make([]invocation, len(rooms))
	for i, room := range rooms {
		calls[i] = s.onRoom(scriptSweep, room, presenceKeys, room, sweepStep)
	}
	for _, r := range s.invoke(ctx, calls, true) {
		if r.err != nil {
			err = r.err
			continue
		}
		answer, broken := texts(r.value, 1)
		if broken != nil {
			return ended, broken
		}
		n, broken := numbers(answer[0])
		if broken != nil {
			return ended, broken
		}
		ended += int(n[0])
	}
	return ended, err
}
