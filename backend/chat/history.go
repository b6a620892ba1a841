package chat

import (
	"cmp"
	"context"
	"slices"

	"maru/app/wire/event"
	"maru/backend/store"
)

// Bounds of one page beside the number of its posts. JSON may take six times
// the bytes, and then the answer still fits into a session's queue.
const (
	pageBytes   = 128 << 10
	pageChanges = 200
)

// History gives a page of posts, newest first, with what was done in that part
// of the log to older ones. It may be shorter than asked for.
func (r *Rooms) History(ctx context.Context, q event.HistoryRequest) (event.Page, error) {
	// The head comes first: the posts are as they were then, or later, and who
	// hears of a change again that is in them already loses nothing.
	head, err := r.store.Head(ctx, q.Room)
	if err != nil {
		return event.Page{}, wrap("history", q.Room, err)
	}
	posts, err := r.store.Page(ctx, q.Room, q.Before, q.Limit)
	if err != nil {
		return event.Page{}, wrap("history", q.Room, err)
	}
	page := event.Page{Room: q.Room, Posts: make([]event.Post, 0, len(posts)), Head: head.Seq}
	if whole := fitting(posts); len(posts) < q.Limit && whole == len(posts) {
		page.Done = true
	} else {
		posts = posts[:whole]
		page.From = posts[whole-1].Seq
	}
	if err := r.addChanges(ctx, &page, q); err != nil {
		return event.Page{}, err
	}
	for _, p := range posts {
		if p.Seq >= page.From {
			page.Posts = append(page.Posts, post(q.Room, p))
		}
	}
	return page, nil
}

// addChanges adds the changes of the page's part of the log. Of too many it
// takes the newest, and the page begins with the oldest of these.
func (r *Rooms) addChanges(ctx context.Context, page *event.Page, q event.HistoryRequest) error {
	changes, err := r.store.Changes(ctx, q.Room, page.From-1, q.Before, pageChanges)
	if err != nil {
		return wrap("history", q.Room, err)
	}
	if n := len(changes); n == pageChanges {
		page.From, page.Done = changes[n-1].Seq, false
	}
	bytes := 0
	for i, e := range changes {
		if bytes += len(e.Body); bytes > pageBytes {
			changes = changes[:i]
			page.From, page.Done = changes[i-1].Seq, false
			break
		}
	}
	slices.Reverse(changes)
	for _, e := range changes {
		page.Changes = append(page.Changes, change(q.Room, e))
	}
	return nil
}

// fitting is how many of the posts fit into a page, at least one of any.
func fitting(posts []store.Post) int {
	bytes := 0
	for i, p := range posts {
		bytes += len(p.Body)
		for emoji, users := range p.Reacts {
			bytes += len(emoji)
			for _, u := range users {
				bytes += len(u) + len(`"",`)
			}
		}
		if bytes > pageBytes && i > 0 {
			return i
		}
	}
	return len(posts)
}

// post is a message as it is now.
func post(room string, p store.Post) event.Post {
	out := message(room, p.Event)
	out.Deleted = p.Deleted
	if !p.EditedAt.IsZero() {
		out.EditedAt = p.EditedAt.UnixMilli()
	}
	for emoji, users := range p.Reacts {
		out.Reactions = append(out.Reactions, event.Reaction{Emoji: emoji, Users: users})
	}
	slices.SortFunc(out.Reactions, func(a, b event.Reaction) int { return cmp.Compare(a.Emoji, b.Emoji) })
	return out
}

// message is a message as it was said, unless it was erased since: only then
// its body is empty.
func message(room string, e store.Event) event.Post {
	name, text := splitBody(e.Body)
	p := event.Post{Username: name, Text: text, CreatedAt: e.At.UnixMilli(), ID: e.ID, Room: room, Seq: e.Seq,
		User: e.Author, ReplyTo: e.Target, Deleted: len(e.Body) == 0}
	if p.Deleted {
		p.ReplyTo = 0
	}
	return p
}

// change is an event that changes a message.
func change(room string, e store.Event) event.Change {
	c := event.Change{Room: room, Seq: e.Seq, Target: e.Target, ID: e.ID, User: e.Author, CreatedAt: e.At.UnixMilli()}
	switch e.Kind {
	case store.Edit:
		c.Kind = event.KindEdit
		_, c.Text = splitBody(e.Body)
	case store.Delete:
		c.Kind = event.KindDelete
	case store.React:
		c.Kind, c.Emoji = event.KindReact, string(e.Body)
	case store.Unreact:
		c.Kind, c.Emoji = event.KindUnreact, string(e.Body)
	}
	return c
}
