package redisstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"time"

	"maru/backend/store"
)

// The scripts of sessions.
var (
	scriptOpen  = lua("session", "open")
	scriptClaim = lua("session", "claim")
	scriptSave  = lua("session", "save")
	scriptEnd   = lua("session", "end")
	scriptTurn  = lua("session", "turn")
)

// sessionSlack is how much longer than its ttl Redis keeps a session, at most.
const sessionSlack = time.Minute

// turnsStep is how many sessions Turns asks for at once.
const turnsStep = 256

// onSession is an invocation of a script of sessions. It has a name of its own,
// which it keeps if go-redis sends it again.
//
// A session is one key, so that all of it lies on one node of a Redis Cluster.
func (s *Store) onSession(sc *script, sid string, args ...any) invocation {
	first := []any{s.now(), s.channelOf(""), sid, rand.Text()}
	return invocation{sc, []string{s.keys.of(sid, "s")}, append(first, args...)}
}

// session invokes a script of sessions. None waits for replicas: what a session
// has lost with its Redis, its client brings again. Errors are logged, and
// whoever knows a sid may act for its session: so they do not name it.
func (s *Store) session(ctx context.Context, verb string, c invocation) ([]string, error) {
	return call(ctx, s, verb, "", func(ctx context.Context) ([]string, error) {
		value, err := s.read(ctx, c)
		if err != nil {
			return nil, err
		}
		answer, err := texts(value, 1)
		if err != nil {
			return nil, err
		}
		switch answer[0] {
		case "gone":
			return nil, store.ErrNoSession
		case "lost":
			return nil, store.ErrLostTurn
		case "busy":
			return nil, store.ErrBusy
		case "conflict":
			return nil, store.ErrConflict
		}
		return answer, nil
	})
}

// Open implements store.Sessions.
func (s *Store) Open(ctx context.Context, sid, holder string, state []byte, ttl time.Duration) error {
	if err := store.CheckOpen(sid, holder, state, ttl); err != nil {
		return err
	}
	_, err := s.session(ctx, "open", s.onSession(scriptOpen, sid, holder, ttl.Milliseconds(), bytes.Clone(state)))
	return err
}

// Claim implements store.Sessions.
func (s *Store) Claim(ctx context.Context, sid, holder string, known int64, busy, ttl time.Duration) (int64, []byte, error) {
	if err := store.CheckClaim(sid, holder, known, busy, ttl); err != nil {
		return 0, nil, err
	}
	answer, err := s.session(ctx, "claim", s.onSession(scriptClaim, sid,
		holder, known, busy.Milliseconds(), ttl.Milliseconds()))
	if err != nil {
		return 0, nil, err
	}
	if answer[0] == "has" {
		return known, nil, nil
	}
	if len(answer) != 3 {
		return 0, nil, s.fault(ctx, "claim", "", errBroken)
	}
	turn, err := strconv.ParseInt(answer[1], 10, 64)
	if err != nil {
		return 0, nil, s.fault(ctx, "claim", "", errBroken)
	}
	return turn, []byte(answer[2]), nil
}

// Save implements store.Sessions.
func (s *Store) Save(ctx context.Context, sid string, turn int64, state []byte, free bool, ttl time.Duration) error {
	if err := store.CheckSave(sid, turn, state, ttl); err != nil {
		return err
	}
	_, err := s.session(ctx, "save", s.onSession(scriptSave, sid, turn, ttl.Milliseconds(), free, bytes.Clone(state)))
	return err
}

// End implements store.Sessions.
func (s *Store) End(ctx context.Context, sid string, turn int64) error {
	if err := store.CheckEnd(sid, turn); err != nil {
		return err
	}
	_, err := s.session(ctx, "end", s.onSession(scriptEnd, sid, turn))
	if errors.Is(err, store.ErrNoSession) {
		return nil
	}
	return err
}

// Turns implements store.Sessions.
func (s *Store) Turns(ctx context.Context, sids ...string) (map[string]int64, error) {
	for _, sid := range sids {
		if err := store.CheckSID(sid); err != nil {
			return nil, err
		}
	}
	sids = append([]string(nil), sids...)
	return call(ctx, s, "turns", "", func(ctx context.Context) (map[string]int64, error) {
		if len(sids) == 0 {
			return map[string]int64{}, nil
		}
		turns := make(map[string]int64, len(sids))
		for first := 0; first < len(sids); first += turnsStep {
			if err := s.turns(ctx, sids[first:min(first+turnsStep, len(sids))], turns); err != nil {
				return nil, err
			}
		}
		return turns, nil
	})
}

// turns adds the turns of some sessions.
func (s *Store) turns(ctx context.Context, sids []string, turns map[string]int64) error {
	calls := make([]invocation, len(sids))
	for i, sid := range sids {
		calls[i] = s.onSession(scriptTurn, sid)
	}
	for i, r := range s.invoke(ctx, calls, false) {
		if r.err != nil {
			return r.err
		}
		answer, err := texts(r.value, 0)
		if err != nil {
			return err
		}
		if len(answer) == 0 {
			continue
		}
		if turns[sids[i]], err = strconv.ParseInt(answer[0], 10, 64); err != nil {
			return errBroken
		}
	}
	return nil
}
