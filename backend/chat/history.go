package chat

import (
	"context"

	"maru/app/wire/event"
	"maru/backend/store"
)

// History gives a page of posts, newest first.
func (r *Rooms) History(ctx context.Context, q event.HistoryRequest) (event.Page, error) {
	posts, err := r.store.Page(ctx, q.Room, q.Before, q.Limit)
	if err != nil {
		return event.Page{}, wrap("history", q.Room, err)
	}
	page := event.Page{Room: q.Room, Posts: make([]event.Post, len(posts)), Done: len(posts) < q.Limit}
	for i, p := range posts {
		page.Posts[i] = message(q.Room, p.Event)
	}
	return page, nil
}

func message(room string, e store.Event) event.Post {
	name, text := splitBody(e.Body)
	return event.Post{Username: name, Text: text, CreatedAt: e.At.UnixMilli(), ID: e.ID, Room: room, Seq: e.Seq, User: e.Author}
}
