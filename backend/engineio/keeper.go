package engineio

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"time"
)

// Keeper keeps what must be known to serve a session on long-polling, so that
// each of its requests may reach another instance. Its methods and their laws
// are those of store.Sessions: whoever serves a session holds its turn.
type Keeper interface {
	Open(ctx context.Context, sid, holder string, state []byte, ttl time.Duration) error
	Claim(ctx context.Context, sid, holder string, known int64, busy, ttl time.Duration) (turn int64, state []byte, err error)
	Save(ctx context.Context, sid string, turn int64, state []byte, free bool, ttl time.Duration) error
	End(ctx context.Context, sid string, turn int64) error
	Turns(ctx context.Context, sids ...string) (map[string]int64, error)
	Moves(ctx context.Context, holder string) iter.Seq2[Move, error]
}

// Move tells that a session has the turn Turn, or is free for who waited. The
// zero Move tells that others may have been missed.
type Move struct {
	SID  string
	Turn int64
}

// The errors of a Keeper that are told apart.
var (
	ErrNoSession = errors.New("engineio: no such session")
	ErrBusy      = errors.New("engineio: another instance is busy with the session")
	ErrLostTurn  = errors.New("engineio: another instance has the session")
)

const (
	// keeperTimeout is how long one call to the keeper may take.
	keeperTimeout = 5 * time.Second
	// maxKeptID is the longest id that the keeper is asked for, in bytes.
	maxKeptID = 64
)

// state is a session as the keeper has it: all that another instance needs to
// go on. Times are those of the wall clock, in milliseconds.
type state struct {
	Queue  []Frame           `json:"queue,omitempty"`
	Places map[string]string `json:"places,omitempty"`
	App    []byte            `json:"app,omitempty"`
	Origin string            `json:"origin,omitempty"`
	Pinged int64             `json:"pinged"`
	Due    int64             `json:"due"`
	Awaits bool              `json:"awaits,omitempty"`
	Probed int64             `json:"probed,omitempty"`
	Stamp  string            `json:"stamp,omitempty"`
}

// stateLocked is the session as it is now. What is being written belongs to
// it until settle has said otherwise.
func (s *Session) stateLocked(taken []Frame) []byte {
	st := state{Places: s.places, App: s.app, Origin: s.origin, Stamp: s.stamp,
		Pinged: s.pinged.UnixMilli(), Due: s.due.UnixMilli(), Awaits: s.awaitsPong}
	if !s.probed.IsZero() {
		st.Probed = s.probed.UnixMilli()
	}
	st.Queue = append(append(st.Queue, taken...), s.queue...)
	b, err := json.Marshal(st)
	if err != nil {
		panic(err) // bytes, strings and numbers always marshal
	}
	return b
}

// keptLocked tells whether the keeper has the session.
func (s *Session) keptLocked() bool {
	return s.turn > 0 && s.closed == nil && s.transport == transport(s.polling)
}

// save keeps the session as it is; free ends that it is busy.
func (s *Session) save(free bool) error { return s.keep(free, false) }

// settle keeps the session without what was taken off its queue, before that
// is written: another instance must not write it again.
func (s *Session) settle() error { return s.keep(false, true) }

func (s *Session) keep(free, settled bool) error {
	s.saving.Lock() // an older state must not replace a newer one
	defer s.saving.Unlock()
	s.mu.Lock()
	if !s.keptLocked() {
		defer s.mu.Unlock()
		if s.closed != nil && s.closed.Reason == Moved {
			return ErrLostTurn
		}
		return nil
	}
	taken := s.taken
	if settled {
		taken = nil
	}
	turn, state := s.turn, s.stateLocked(taken)
	s.mu.Unlock()
	cfg := &s.server.cfg
	ctx, cancel := context.WithTimeout(context.Background(), keeperTimeout)
	defer cancel()
	err := cfg.Keeper.Save(ctx, s.id, turn, state, free, cfg.keepFor())
	if settled && err == nil {
		s.mu.Lock()
		s.taken = nil
		s.mu.Unlock()
	}
	return err
}

// keepFor is how long a session may live that nobody hears of.
func (c *Config) keepFor() time.Duration { return c.PingInterval + c.PingTimeout }

// SendAt is Send for what moves a reader to another place: place is kept under
// key together with the frames, so that an instance which goes on with the
// session begins there.
func (s *Session) SendAt(key, place string, frames ...Frame) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.sendLocked(frames...)
	if err == nil {
		s.placeLocked(key, place)
	}
	return err
}

// SetPlace keeps a place without sending anything; an empty one is forgotten.
func (s *Session) SetPlace(key, place string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.placeLocked(key, place)
}

func (s *Session) placeLocked(key, place string) {
	switch {
	case s.turn == 0: // it stays here
	case place == "":
		delete(s.places, key)
	default:
		if s.places == nil {
			s.places = make(map[string]string)
		}
		s.places[key] = place
	}
}

// Place is what was kept under key.
func (s *Session) Place(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.places[key]
}

// SetState keeps what the layers above must know to go on with the session on
// another instance. The session keeps state, which nobody may change any more.
func (s *Session) SetState(state []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app = state
}

// Kept tells whether the session may go on on another instance, so that state
// and places count.
func (s *Session) Kept() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keptLocked()
}

// Resumed is the state that an instance before this one kept, nil if the
// session was opened here.
func (s *Session) Resumed() []byte { return s.resumed }

// restore makes a session of what the keeper has of it.
func (s *Session) restore(turn int64, raw []byte) error {
	var st state
	if err := json.Unmarshal(raw, &st); err != nil {
		return err
	}
	s.turn, s.origin, s.stamp = turn, st.Origin, st.Stamp
	s.places, s.app, s.resumed = maps.Clone(st.Places), st.App, st.App
	s.queue, s.waiting = st.Queue, costOf(st.Queue)
	s.awaitsPong, s.pinged, s.due = st.Awaits, time.UnixMilli(st.Pinged), time.UnixMilli(st.Due)
	if st.Probed > 0 {
		s.probed = time.UnixMilli(st.Probed)
	}
	if s.resumed == nil {
		s.resumed = []byte{}
	}
	return nil
}
