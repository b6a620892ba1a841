package redisstore

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"maru/backend/store"
)

// Head implements store.Log.
func (s *Store) Head(ctx context.Context, room string) (store.Pos, error) {
	if err := store.CheckRoom(room); err != nil {
		return store.Pos{}, err
	}
	return call(ctx, s, "head", room, func(ctx context.Context) (store.Pos, error) {
		fields, err := s.client.HMGet(ctx, s.keys.of(room, "m"), headFields...).Result()
		if err != nil {
			return store.Pos{}, err
		}
		return headOf(fields)
	})
}

// headFields of a room's key m are its head.
var headFields = []string{"e", "s", "i"}

func headOf(fields []any) (store.Pos, error) {
	if len(fields) < 3 || fields[0] == nil {
		return store.Pos{}, nil
	}
	head, err := texts(fields, 3)
	if err != nil {
		return store.Pos{}, err
	}
	seq, err := numbers(head[1])
	if err != nil {
		return store.Pos{}, err
	}
	return store.Pos{Epoch: head[0], Seq: seq[0], ID: head[2]}, nil
}

// span is a part of a room's log, and what was true of the room then.
type span struct {
	evs    []store.Event
	head   store.Pos
	low    store.Pos // the newest event that was trimmed
	fromID string    // of the event at the Seq that was asked for, if it is there
}

// Events implements store.Log.
func (s *Store) Events(ctx context.Context, room string, from store.Pos, limit int) ([]store.Event, store.Pos, error) {
	if err := errors.Join(store.CheckRoom(room), store.CheckPage(limit)); err != nil {
		return nil, store.Pos{}, err
	}
	part, err := call(ctx, s, "events", room, func(ctx context.Context) (span, error) {
		part, err := s.span(ctx, room, from, limit)
		if err == nil {
			err = part.check(from)
		}
		return part, err
	})
	return part.evs, part.head, err
}

// span reads up to limit events after from, of which Seq alone counts.
func (s *Store) span(ctx context.Context, room string, from store.Pos, limit int) (part span, err error) {
	value, err := s.read(ctx, invocation{scriptEvents,
		[]string{s.keys.of(room, "m"), s.keys.of(room, "l")}, []any{from.Seq, limit}})
	if err != nil {
		return part, err
	}
	answer, err := texts(value, 0)
	if err != nil || len(answer) == 0 {
		return part, err
	}
	if len(answer) < 6 {
		return part, errBroken
	}
	seqs, err := numbers(answer[1], answer[3])
	if err != nil {
		return part, err
	}
	part.head = store.Pos{Epoch: answer[0], Seq: seqs[0], ID: answer[2]}
	part.low = store.Pos{Epoch: answer[0], Seq: seqs[1], ID: answer[4]}
	if answer[5] != "" {
		at, _, err := parseEntry(from.Seq, answer[5])
		if err != nil {
			return part, err
		}
		part.fromID = at.ID
	}
	for i, entry := range answer[6:] {
		ev, _, err := parseEntry(from.Seq+int64(i)+1, entry)
		if err != nil {
			return part, err
		}
		part.evs = append(part.evs, ev)
	}
	return part, nil
}

// check reports whether a reader at pos can go on from there: ErrReset if pos
// is no place of this log, ErrTrimmed if events after it are gone.
func (p span) check(pos store.Pos) error {
	switch {
	case p.head == store.Pos{} && pos == store.Pos{}:
		return nil
	case p.head == store.Pos{}:
		return store.ErrReset
	case pos == store.Pos{} && p.low.Seq > 0:
		return store.ErrTrimmed
	case pos == store.Pos{}:
		return nil
	case pos.Epoch != p.head.Epoch || pos.Seq < 0 || pos.Seq > p.head.Seq:
		return store.ErrReset
	case pos.Seq < p.low.Seq:
		return store.ErrTrimmed
	}
	id := p.fromID
	if pos.Seq == p.low.Seq {
		id = p.low.ID
	}
	if id != pos.ID {
		return store.ErrReset
	}
	return nil
}

// Page implements store.Log.
func (s *Store) Page(ctx context.Context, room string, before int64, n int) ([]store.Post, error) {
	if err := errors.Join(store.CheckRoom(room), store.CheckPage(n)); err != nil {
		return nil, err
	}
	till := "+inf"
	if before > 0 {
		till = "(" + strconv.FormatInt(before, 10)
	}
	return s.posts(ctx, "page", room, "page", till, n)
}

// Count implements store.Log.
func (s *Store) Count(ctx context.Context, room string, after, upTo int64) (int64, error) {
	if err := store.CheckRoom(room); err != nil {
		return 0, err
	}
	return call(ctx, s, "count", room, func(ctx context.Context) (int64, error) {
		return s.client.ZCount(ctx, s.keys.of(room, "p"), "("+strconv.FormatInt(after, 10), strconv.FormatInt(upTo, 10)).Result()
	})
}

// Get implements store.Log.
func (s *Store) Get(ctx context.Context, room string, seqs ...int64) ([]store.Post, error) {
	if err := store.CheckRoom(room); err != nil {
		return nil, err
	}
	if len(seqs) == 0 {
		return nil, ctx.Err()
	}
	if err := store.CheckPage(len(seqs)); err != nil {
		return nil, err
	}
	args := []any{"get"}
	for _, seq := range seqs {
		args = append(args, seq)
	}
	return s.posts(ctx, "get", room, args...)
}

func (s *Store) posts(ctx context.Context, verb, room string, args ...any) ([]store.Post, error) {
	names := []string{s.keys.of(room, "l"), s.keys.of(room, "p"), s.keys.of(room, "e"), s.keys.of(room, "r")}
	return call(ctx, s, verb, room, func(ctx context.Context) ([]store.Post, error) {
		value, err := s.read(ctx, invocation{scriptPosts, names, args})
		if err != nil {
			return nil, err
		}
		answer, err := texts(value, 0)
		if err != nil || len(answer)%4 != 0 {
			return nil, errors.Join(errBroken, err)
		}
		var posts []store.Post
		for ; len(answer) > 0; answer = answer[4:] {
			post, err := parsePost(answer[0], answer[1], answer[2], answer[3])
			if err != nil {
				return nil, err
			}
			posts = append(posts, post)
		}
		return posts, nil
	})
}

// parsePost puts a post together of its entry, that of its last edit, and its
// reactions.
func parsePost(seq, entry, edit, reacts string) (p store.Post, err error) {
	n, err := numbers(seq)
	if err != nil {
		return p, err
	}
	if p.Event, p.Deleted, err = parseEntry(n[0], entry); err != nil {
		return p, err
	}
	if edit != "" {
		last, _, err := parseEntry(0, edit)
		if err != nil {
			return p, err
		}
		p.Body, p.EditedAt = last.Body, last.At
	}
	pairs, err := parseList(reacts)
	if err != nil || len(pairs)%2 != 0 {
		return p, errors.Join(errBroken, err)
	}
	for ; len(pairs) > 0; pairs = pairs[2:] {
		if p.Reacts == nil {
			p.Reacts = map[string][]string{}
		}
		emoji := unescape.Replace(pairs[0])
		for author := range strings.SplitSeq(strings.Trim(pairs[1], "\n"), "\n") {
			p.Reacts[emoji] = append(p.Reacts[emoji], unescape.Replace(author))
		}
	}
	return p, nil
}
