package redisstore

import (
	"bytes"
	"context"
	"time"

	"maru/backend/store"
)

// Enter implements store.Presence.
func (s *Store) Enter(ctx context.Context, room string, m store.Member, ttl time.Duration) error {
	if err := store.CheckRoom(room); err != nil {
		return err
	}
	if err := m.Check(); err != nil {
		return err
	}
	if err := store.CheckTTL(ttl); err != nil {
		return err
	}
	m.Info = bytes.Clone(m.Info)
	_, err := call(ctx, s, "enter", room, func(ctx context.Context) (any, error) {
		value, err := s.write(ctx, s.onRoom(scriptEnter, room, presenceKeys,
			room, m.Conn, m.User, m.Key, m.Info, ttl.Milliseconds()))
		if err != nil {
			return nil, err
		}
		return nil, s.entered(value)
	})
	return err
}

// entered is the refusal in the answer of scriptEnter, nil if it is none.
func (s *Store) entered(value any) error {
	answer, err := texts(value, 1)
	if err != nil {
		return err
	}
	switch {
	case answer[0] == "entered":
		return nil
	case answer[0] == "conflict":
		return store.ErrConflict
	case answer[0] == "taken" && len(answer) == 3:
		times, err := numbers(answer[1:]...)
		if err != nil {
			return err
		}
		return &store.NameTakenError{Until: s.local(times[0], times[1])}
	}
	return errBroken
}

// Leave implements store.Presence.
func (s *Store) Leave(ctx context.Context, room, conn string) error {
	if err := store.CheckRoom(room); err != nil {
		return err
	}
	_, err := call(ctx, s, "leave", room, func(ctx context.Context) (any, error) {
		return s.write(ctx, s.onRoom(scriptLeave, room, presenceKeys, room, conn))
	})
	return err
}

// The bounds of one pipeline that renews leases.
const (
	renewScripts = 64
	renewConns   = 256 // of one room
)

// Renew implements store.Presence.
func (s *Store) Renew(ctx context.Context, ttl time.Duration, conns map[string][]string) (map[string][]string, error) {
	if err := store.CheckTTL(ttl); err != nil {
		return nil, err
	}
	var rooms []string
	var calls []invocation
	for room, in := range conns {
		if err := store.CheckRoom(room); err != nil {
			return nil, err
		}
		for len(in) > 0 {
			n := min(len(in), renewConns)
			args := []any{room, ttl.Milliseconds()}
			for _, conn := range in[:n] {
				args = append(args, conn)
			}
			rooms, calls = append(rooms, room), append(calls, s.onRoom(scriptRenew, room, presenceKeys, args...))
			in = in[n:]
		}
	}
	return call(ctx, s, "renew", "", func(ctx context.Context) (map[string][]string, error) {
		return s.renew(ctx, rooms, calls)
	})
}

// renew makes the calls, each for the room at its place, and gathers who is
// gone.
func (s *Store) renew(ctx context.Context, rooms []string, calls []invocation) (map[string][]string, error) {
	var gone map[string][]string
	for first := 0; first < len(calls); first += renewScripts {
		for i, r := range s.invoke(ctx, calls[first:min(first+renewScripts, len(calls))], true) {
			if r.err != nil {
				return nil, r.err
			}
			missing, err := texts(r.value, 0)
			if err != nil {
				return nil, err
			}
			if len(missing) == 0 {
				continue
			}
			if gone == nil {
				gone = map[string][]string{}
			}
			room := rooms[first+i]
			gone[room] = append(gone[room], missing...)
		}
	}
	return gone, nil
}

// Members implements store.Presence.
func (s *Store) Members(ctx context.Context, room string) ([]store.Member, store.Pos, error) {
	if err := store.CheckRoom(room); err != nil {
		return nil, store.Pos{}, err
	}
	type list struct {
		members []store.Member
		pos     store.Pos
	}
	l, err := call(ctx, s, "members", room, func(ctx context.Context) (l list, err error) {
		// A transaction of two reads; the keys lie on one node.
		pipe := s.client.TxPipeline()
		head := pipe.HMGet(ctx, s.keys.of(room, "m"), headFields...)
		in := pipe.HGetAll(ctx, s.keys.of(room, "c"))
		if _, err = pipe.Exec(ctx); err != nil {
			return l, err
		}
		for conn, m := range in.Val() {
			parts, err := parseList(m)
			if err != nil || len(parts) != 3 {
				return l, errBroken
			}
			l.members = append(l.members, store.Member{Conn: conn, User: parts[0], Key: parts[1], Info: []byte(parts[2])})
		}
		l.pos, err = headOf(head.Val())
		return l, err
	})
	return l.members, l.pos, err
}
