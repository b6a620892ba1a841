package server

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"maru/app/wire/event"
	"maru/backend/socketio"
)

// glances answers what goes on in rooms to those who are in none of them. Looking grows
// with the people in a room and anybody may ask, so a room is looked at by one at a time,
// and now and then, however many ask.
type glances struct {
	look func(context.Context, string) (event.Peeked, error)

	mu   sync.Mutex
	seen map[string]*glance
}

// glance is of one room. Who has put something into turn may look, and touch the rest.
type glance struct {
	turn chan struct{}
	last event.Peeked
	at   time.Time
}

const (
	glanceFor  = 500 * time.Millisecond // an answer is given again
	maxGlances = 4096                   // rooms of which one is kept
)

func (g *glances) of(ctx context.Context, room string) (event.Peeked, error) {
	at := g.at(room)
	select {
	case at.turn <- struct{}{}:
	case <-ctx.Done():
		return event.Peeked{}, event.Refuse(event.Unavailable)
	}
	defer func() { <-at.turn }()
	if time.Since(at.at) < glanceFor {
		return at.last, nil
	}
	peeked, err := g.look(ctx, room)
	if err == nil {
		at.last, at.at = peeked, time.Now() // however long it took: others have waited for it
	}
	return peeked, err
}

// at returns the glance of a room; of too many, any one makes place.
func (g *glances) at(room string) *glance {
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := g.seen[room]; at != nil {
		return at
	}
	for other := range g.seen {
		if len(g.seen) < maxGlances {
			break
		}
		delete(g.seen, other)
	}
	at := &glance{turn: make(chan struct{}, 1)}
	g.seen[room] = at
	return at
}

// peek tells of a room that the person need not be in.
func (b *binding) peek(ctx context.Context, _ *socketio.Socket, _ *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseRoom(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	peeked, err := b.glances.of(ctx, q.Room)
	return outcome{result: peeked}, err
}

// peek is the same by plain HTTP.
func (a *api) peek(w http.ResponseWriter, r *http.Request, room string) error {
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
	defer cancel()
	peeked, err := a.binding.glances.of(ctx, room)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, peeked)
}
