package chat

import (
	"encoding/json"
	"sort"

	"maru/app/wire/event"
	"maru/app/wire/sio"
)

// A change on the shelf is who made it, by the name in the room, and the change
// as the log will have it. It has fewer parts than a message, so that a version
// of the app that does not know of changes takes it for none.

func actEntry(as string, a event.Change) string {
	a.Seq = a.Target + 1 // it has no place yet, but any of them is behind the message
	return string(sio.AppendArgs(nil, sio.AppendString(nil, as), a.Append(nil)))
}

func parseAct(id, s string) (as string, a event.Change, ok bool) {
	var raw []json.RawMessage
	if id == "" || json.Unmarshal([]byte(s), &raw) != nil || len(raw) != 2 || json.Unmarshal(raw[0], &as) != nil {
		return "", a, false
	}
	a, err := event.ParseChange(raw[1])
	a.ID, a.Seq = id, 0
	return as, a, err == nil
}

// shelfActsLocked makes the changes of a room what lies on the shelf, in the
// order they were made.
func (c *Client) shelfActsLocked(r *room, entries map[string]string) {
	var acts []event.Change
	there := map[string]bool{}
	for id, s := range entries {
		if as, a, ok := parseAct(id, s); ok && a.Room == r.name && as == r.as {
			acts = append(acts, a)
			there[id] = true
			c.lastAt = max(c.lastAt, a.CreatedAt)
			r.timeline.Do(a)
		}
	}
	sort.Slice(acts, func(i, j int) bool { return madeBefore(acts[i], acts[j]) })
	for _, a := range r.acts {
		if !there[a.ID] {
			c.elsewhereLocked(r, func() { r.timeline.Undo(a.ID) })
		}
	}
	r.acts = acts
}

// madeBefore orders changes by when they were made; the ID decides between two
// tabs that did so at once.
func madeBefore(a, b event.Change) bool {
	return a.CreatedAt < b.CreatedAt || a.CreatedAt == b.CreatedAt && a.ID < b.ID
}

// dropActsLocked forgets the changes of a room for good.
func (c *Client) dropActsLocked(r *room) {
	for _, a := range r.acts {
		c.cfg.Shelf.Set(a.ID, "")
		r.timeline.Undo(a.ID)
	}
	r.acts = nil
}
