package chat

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"maru/app/wire/event"
)

// Search finds posts in some rooms, newest first. Who may look into a room is
// decided before.
func (r *Rooms) Search(ctx context.Context, rooms []string, q event.SearchRequest) (event.Found, error) {
	places, err := parsePlaces(q.Before)
	if err != nil {
		return event.Found{}, err
	}
	var found event.Found
	var open []place
	for _, room := range rooms {
		at := place{room: room}
		if q.Before != "" {
			var more bool
			if at.before, more = places[placeKey(room)]; !more {
				continue // all of this room has been told
			}
		}
		posts, err := r.store.Find(ctx, room, q.Text, at.before, q.Limit)
		if err != nil {
			return event.Found{}, wrap("search", room, err)
		}
		for _, p := range posts {
			found.Posts = append(found.Posts, post(room, p))
		}
		at.found, at.more = len(posts), len(posts) == q.Limit
		open = append(open, at)
	}
	slices.SortStableFunc(found.Posts, func(a, b event.Post) int {
		return cmp.Or(cmp.Compare(b.CreatedAt, a.CreatedAt), cmp.Compare(a.Room, b.Room), cmp.Compare(b.Seq, a.Seq))
	})
	found.Posts = found.Posts[:min(len(found.Posts), q.Limit)]
	bytes := 0
	for i := range found.Posts {
		found.Posts[i].Reactions = nil // nobody looks for them
		if bytes += len(found.Posts[i].Text); bytes > pageBytes && i > 0 {
			found.Posts = found.Posts[:i]
			break
		}
	}
	found.Next = next(open, found.Posts)
	return found, nil
}

// place is how far one room has been looked through.
type place struct {
	room   string
	before int64 // 0: from the newest
	found  int
	more   bool // there may be more than was found
}

// next is where to go on after posts were told: of each room that may have more
// the place of the last one told.
func next(open []place, told []event.Post) string {
	var parts []string
	for _, at := range open {
		n := 0
		for _, p := range told {
			if p.Room == at.room {
				n++
				at.before = p.Seq
			}
		}
		if at.more || n < at.found {
			parts = append(parts, placeKey(at.room)+"."+strconv.FormatInt(at.before, 36))
		}
	}
	return strings.Join(parts, placeEnd)
}

// placeKey stands for a room's name where that would be too long.
func placeKey(room string) string {
	h := sha256.Sum256([]byte(room))
	return base64.RawURLEncoding.EncodeToString(h[:6])
}

func parsePlaces(s string) (map[string]int64, error) {
	places := map[string]int64{}
	if s == "" {
		return places, nil
	}
	for part := range strings.SplitSeq(s, placeEnd) {
		key, digits, _ := strings.Cut(part, ".")
		before, err := strconv.ParseInt(digits, 36, 64)
		if err != nil || before < 0 {
			return nil, event.Refuse(event.BadRequest)
		}
		places[key] = before
	}
	return places, nil
}
