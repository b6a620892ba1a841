package chat

import (
	"time"

	"maru/app/wire/event"
)

// Changes of one's own that the log does not have yet lie over the lines: Items
// shows them as made, and the lines stay what the log says. So whatever comes of
// them, and in whatever order, the lines end the same.

// Me tells who one is in the room, also of what was written before that was known.
func (t *Timeline) Me(user string) {
	t.me = user
	for i := range t.pending {
		if p := &t.pending[i]; p.User == "" {
			p.User = user
			t.rev++
		}
	}
}

// Do shows a change of one's own that is on its way, after those that were made
// before it. One that is known changes nothing.
func (t *Timeline) Do(a event.Change) {
	i := len(t.doing)
	for ; i > 0 && !madeBefore(t.doing[i-1], a); i-- {
		if t.doing[i-1].ID == a.ID {
			return
		}
	}
	t.doing = append(t.doing, a)
	copy(t.doing[i+1:], t.doing[i:])
	t.doing[i] = a
	t.rev++
}

// Undo shows a change no longer.
func (t *Timeline) Undo(id string) {
	if left, found := without(t.doing, id); found {
		t.doing = left
		t.rev++
	}
}

// without returns changes without the one with an id, and whether it was there.
func without(all []event.Change, id string) (left []event.Change, found bool) {
	for i := range all {
		if all[i].ID == id {
			return append(all[:i:i], all[i+1:]...), true
		}
	}
	return all, false
}

// Made takes a change that the log has, although its place there may not be
// reached yet.
func (t *Timeline) Made(a event.Change) {
	t.change(a)
	t.Undo(a.ID)
}

// lay puts the changes that are on their way over copies of the lines from from on.
func (t *Timeline) lay(over []Item, from int) {
	for _, a := range t.doing {
		if i := t.postAt(a.Target) - from; i >= 0 && i < len(over) && !over[i].Deleted {
			a.User = t.me
			over[i].lay(a)
		}
	}
}

func (it *Item) lay(a event.Change) {
	it.Changing = true
	switch a.Kind {
	case event.KindDelete:
		it.Deleted, it.Text, it.Reactions = true, "", Reactions{}
	case event.KindEdit:
		it.Text, it.EditedAt = a.Text, time.UnixMilli(a.CreatedAt)
	default:
		it.react(a)
	}
}
