package server

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"maru/app/wire/event"
	"maru/backend/chat"
	"maru/backend/socketio"
)

// glances answers what goes on in rooms to those who are in none of them. Looking grows
// with the people in a room and anybody may ask, so a room is looked at now and then,
// however many ask.
type glances struct {
	rooms *chat.Rooms

	mu   sync.Mutex
	seen map[string]glance
}

type glance struct {
	event.Peeked
	at time.Time
}

const (
	glanceFor  = 500 * time.Millisecond // an answer is given again
	maxGlances = 4096                   // rooms of which one is kept
)

func (g *glances) of(ctx context.Context, room string) (event.Peeked, error) {
	now := time.Now()
	g.mu.Lock()
	last, ok := g.seen[room]
	g.mu.Unlock()
	if ok && now.Sub(last.at) < glanceFor {
		return last.Peeked, nil
	}
	peeked, err := g.rooms.Peek(ctx, room)
	if err != nil {
		return peeked, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.seen == nil || len(g.seen) >= maxGlances {
		g.seen = map[string]glance{}
	}
	g.seen[room] = glance{peeked, now}
	return peeked, nil
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
