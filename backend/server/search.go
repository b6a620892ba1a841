package server

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"maru/app/wire/event"
	"maru/backend/socketio"
)

// search finds posts in a room that the person is in, or in all of them.
func (b *binding) search(ctx context.Context, _ *socketio.Socket, p *person, arg json.RawMessage) (outcome, error) {
	q, refusal := event.ParseSearch(arg)
	if refusal != nil {
		return outcome{}, refusal
	}
	rooms := slices.Sorted(maps.Keys(p.seats))
	if q.Room != "" {
		if _, err := p.in(q.Room); err != nil {
			return outcome{}, err
		}
		rooms = []string{q.Room}
	}
	found, err := b.rooms.Search(ctx, rooms, q)
	return outcome{result: found}, err
}

// search finds posts of one room by plain HTTP, with q, before and limit.
func (a *api) search(w http.ResponseWriter, r *http.Request, room string) error {
	v := r.URL.Query()
	q := event.SearchRequest{Room: room, Text: v.Get("q"), Before: v.Get("before"), Limit: event.MaxFound / 2}
	if s := v.Get("limit"); s != "" {
		var err error
		if q.Limit, err = strconv.Atoi(s); err != nil || q.Limit < 1 {
			return event.Refuse(event.BadRequest)
		}
		q.Limit = min(q.Limit, event.MaxFound)
	}
	if refusal := event.CheckSearch(q.Text, q.Before); refusal != nil {
		return refusal
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTimeout)
	defer cancel()
	found, err := a.rooms.Search(ctx, []string{room}, q)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, found)
}
