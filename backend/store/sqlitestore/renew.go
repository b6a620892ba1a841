package sqlitestore

import (
	"context"
	"slices"
	"time"

	"maru/backend/store"
)

// seat is a connection in a room, by their names.
type seat struct{ room, conn string }

// Renew implements store.Presence.
func (s *Store) Renew(ctx context.Context, ttl time.Duration, conns map[string][]string) (map[string][]string, error) {
	if err := store.CheckTTL(ttl); err != nil {
		return nil, err
	}
	var seats []seat
	for room, in := range conns {
		if err := store.CheckRoom(room); err != nil {
			return nil, err
		}
		for _, conn := range in {
			seats = append(seats, seat{room, conn})
		}
	}
	var gone map[string][]string
	for chunk := range slices.Chunk(seats, leaseStep) {
		var missing []seat
		err := s.do(ctx, "renew", "", func(w *writer) error {
			now := s.leaseNow()
			missing = w.renew(chunk, now, now+ttl.Milliseconds())
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, m := range missing {
			if gone == nil {
				gone = map[string][]string{}
			}
			gone[m.room] = append(gone[m.room], m.conn)
		}
	}
	return gone, nil
}

// renew extends leases that have not ended, and returns the others.
func (w *writer) renew(seats []seat, now, ends int64) (missing []seat) {
	for _, st := range seats {
		r := w.room(st.room)
		if r == nil || w.exec("UPDATE leases SET ends = ? WHERE room = ? AND conn = ? AND ends > ?",
			ends, r.id, []byte(st.conn), now) == 0 {
			missing = append(missing, st)
		}
	}
	return missing
}
