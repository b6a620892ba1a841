package chat

import (
	"context"
	"slices"
	"sort"
	"time"

	"maru/app/find"
	"maru/app/wire/event"
)

// Hit is a message that was found.
type Hit struct {
	Room  string
	Seq   int64
	User  string
	Name  string
	Text  string
	At    time.Time
	Own   bool
	Marks []find.Span // the parts of Text that were looked for
}

// Findings are what was found so far.
type Findings struct {
	Room, Text string // what was looked for, and where; an empty Room is all
	Hits       []Hit  // newest first; not to be changed
	Busy       bool   // there may be more in a moment
	More       bool   // the server has older ones: FindMore asks for them
	Local      bool   // the server did not answer: only what this device knows was looked at
	Rev        int64  // changes with the rest
}

const (
	maxHits  = 200              // shown; who finds more looks for something else
	lookOver = 500              // messages that are looked at before the page has a turn
	turn     = time.Millisecond // which it has this long
	lookKept = 2 * time.Second  // for each room that is kept
)

// Find looks for messages in a room, or in all that this device knows if room is
// empty: at once in what is here, then in what the server has. Findings tells
// what was found. A search replaces the one before; an empty text ends it.
func (c *Client) Find(room, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.notify()
	query := find.Parse(text, c.cfg.Normalize)
	c.found, c.findNext = Findings{Room: room, Text: text, Rev: c.found.Rev + 1}, nil
	if c.stopFind != nil {
		c.stopFind()
	}
	if query.Empty() || c.ctx == nil || c.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(c.ctx)
	c.stopFind, c.found.Busy = cancel, true
	here := c.postsLocked(room)
	c.running.Go(func() {
		posts := append(here, c.keptPosts(ctx, room)...)
		hits := match(ctx, posts, query)
		if len(hits) == 0 {
			hits = match(ctx, posts, query.Wider())
		}
		c.findings(ctx, hits)
		c.findThere(ctx, query, room, text, "")
	})
}

// FindMore looks for older messages than those that were found, if the server has more.
func (c *Client) FindMore() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.findNext != nil && !c.found.Busy && c.ctx != nil && c.ctx.Err() == nil {
		next := c.findNext
		c.found.Busy, c.findNext = true, nil
		c.found.Rev++
		c.running.Go(next)
		c.notify()
	}
}

// findThere asks the server for a page of what is looked for, and notes how to go on.
func (c *Client) findThere(ctx context.Context, query find.Query, room, text, before string) {
	answered := make(chan struct{})
	c.Search(room, text, before, func(found event.Found, why *event.Error) {
		defer close(answered)
		c.findings(ctx, marked(c.unchanging(found.Posts), query))
		next := found.Next
		if why != nil {
			next = before // what was not answered is asked again
		}
		c.answered(ctx, why == nil, next != "", func() { c.findThere(ctx, query, room, text, next) })
	})
	select {
	case <-answered:
	case <-ctx.Done():
	}
}

// Findings returns what Find has found.
func (c *Client) Findings() Findings {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.found
}

// findings adds what was found, unless it is no longer looked for.
func (c *Client) findings(ctx context.Context, hits []Hit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	all := slices.Clone(c.found.Hits)
	for _, h := range hits {
		if !slices.ContainsFunc(all, func(o Hit) bool { return o.Room == h.Room && o.Seq == h.Seq }) {
			all = append(all, h)
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[j].At.Before(all[i].At) })
	c.found.Hits = all[:min(len(all), maxHits)]
	c.found.Rev++
	c.notify()
}

// answered notes whether the server has answered, and how to go on if there is more.
// One that failed to give more of what it has found does not make that less.
func (c *Client) answered(ctx context.Context, ok, more bool, next func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	c.found.Busy, c.found.Local = false, !ok && !c.found.More
	c.found.More = more
	if more && len(c.found.Hits) < maxHits {
		c.findNext = next
	}
	c.found.Rev++
	c.notify()
}

// postsLocked are the messages that are loaded, with the changes that are on their way.
func (c *Client) postsLocked(room string) (posts []Hit) {
	for _, r := range c.rooms {
		if room != "" && r.name != room {
			continue
		}
		for _, it := range r.timeline.Items(0, r.timeline.Len()) {
			if it.Kind == Post && it.Seq > 0 && it.Text != "" {
				posts = append(posts, Hit{Room: r.name, Seq: it.Seq, User: it.User, Name: it.Name, Text: it.Text, At: it.At, Own: it.Own})
			}
		}
	}
	return posts
}

// keptPosts are those of rooms that one is not in, but that are kept.
func (c *Client) keptPosts(base context.Context, room string) (posts []Hit) {
	if c.cfg.Keep == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(base, lookKept)
	defer cancel()
	kept, err := c.cfg.Keep.Rooms(ctx)
	if err != nil {
		return nil
	}
	for name, s := range kept {
		if _, in := c.Room(name); in || room != "" && room != name {
			continue
		}
		n, _ := parseNote(s)
		_, lines, _ := c.cfg.Keep.Load(ctx, name) // what can't be read is not found
		for _, line := range lines {
			if k, ok := parseKnown(line); ok && k.post.Kind == event.KindText && k.post.Text != "" {
				posts = append(posts, newHit(k.post, n.me))
			}
		}
	}
	return posts
}

func newHit(p event.Post, me string) Hit {
	return Hit{Room: p.Room, Seq: p.Seq, User: p.User, Name: p.Username, Text: p.Text, At: time.UnixMilli(p.CreatedAt), Own: me != "" && p.User == me}
}

// marked says where in the server's posts it is that was looked for. What only
// the server sees as a match has no marks.
func marked(posts []event.Post, query find.Query) []Hit {
	hits := make([]Hit, 0, len(posts))
	for _, p := range posts {
		h := newHit(p, "")
		h.Marks, _ = query.Match(p.Text)
		hits = append(hits, h)
	}
	return hits
}

// unchanging leaves out the lines here that one is changing: those were looked at as
// they will be.
func (c *Client) unchanging(posts []event.Post) []event.Post {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(posts, func(p event.Post) bool {
		r := c.rooms[p.Room]
		return r != nil && slices.ContainsFunc(r.acts, func(a event.Change) bool {
			return a.Target == p.Seq && (a.Kind == event.KindEdit || a.Kind == event.KindDelete) && r.timeline.postAt(p.Seq) >= 0
		})
	})
}

// match returns the posts that have what is looked for. The page has a turn now
// and then, for in a tab there is one thread for all.
func match(ctx context.Context, posts []Hit, query find.Query) (hits []Hit) {
	for i, p := range posts {
		if i%lookOver == lookOver-1 {
			select {
			case <-time.After(turn):
			case <-ctx.Done():
				return nil
			}
		}
		if marks, ok := query.Match(p.Text); ok {
			p.Marks = marks
			hits = append(hits, p)
		}
	}
	return hits
}
