package chat

import (
	"slices"
	"strings"
	"time"

	"maru/app/wire/event"
)

// Change takes an event of the log that changes a line. It has a place of its
// own in the log, but no line. In whatever order changes, lines and pages come,
// the lines end the same.
func (t *Timeline) Change(c event.Change) {
	if c.Seq <= 0 {
		return
	}
	t.known(c.Seq, nil)
	t.change(c)
	if c.User == t.me {
		t.Undo(c.ID)
	}
}

// change brings the line that c is of up to date, or keeps c for when that line
// comes.
func (t *Timeline) change(c event.Change) {
	if i := t.postAt(c.Target); i >= 0 {
		if t.lines[i].change(c) {
			t.touch(c.Target)
			t.rev++
			if c.Kind == event.KindDelete {
				t.fills++
			}
		}
		return
	}
	t.changeQuote(c)
	if t.waiting == maxWaiting {
		// A page that was read before these is of no use any more.
		for _, changes := range t.later {
			for _, c := range changes {
				t.dropped = max(t.dropped, c.Seq)
			}
		}
		t.later, t.waiting = nil, 0
	}
	if t.later == nil {
		t.later = map[int64][]event.Change{}
	}
	t.later[c.Target] = append(t.later[c.Target], c)
	t.waiting++
}

// maxWaiting bounds the changes that are kept for lines that are not here. They
// matter while a page is on its way that was read before them.
const maxWaiting = 1000

// postAt finds the line of a message; -1 if it isn't here.
func (t *Timeline) postAt(seq int64) int {
	for i := t.search(seq); i < len(t.lines) && t.lines[i].place == seq; i++ {
		if t.lines[i].Seq == seq && t.lines[i].Kind == Post {
			return i
		}
	}
	return -1
}

// caughtUp makes the changes to a new line that came before it.
func (t *Timeline) caughtUp(it Item) Item {
	changes := t.later[it.Seq]
	for _, c := range changes {
		it.change(c)
	}
	if len(changes) > 0 {
		delete(t.later, it.Seq)
		t.waiting -= len(changes)
	}
	return it
}

// changes are the seqs that newer changes of a line are told by.
type changes struct {
	edit    int64            // the last edit's
	reacted map[string]int64 // of the last one of each emoji and person
}

// change makes one change to a line, and tells whether that was news. What an
// older change says of the same thing is no news: the newest one counts.
func (it *Item) change(c event.Change) bool {
	if it.Kind != Post || it.Deleted || c.Seq <= it.asOf {
		return false
	}
	if it.changes == nil {
		it.changes = &changes{}
	}
	switch c.Kind {
	case event.KindDelete:
		it.Deleted, it.Text, it.ReplyTo, it.EditedAt, it.Reactions, it.changes = true, "", 0, time.Time{}, Reactions{}, nil
	case event.KindEdit:
		at := time.UnixMilli(c.CreatedAt)
		if c.Text == "" || c.Seq <= it.changes.edit || at.Before(it.EditedAt) {
			return false // one without text was erased: the deletion follows
		}
		it.Text, it.EditedAt, it.changes.edit = c.Text, at, c.Seq
	default:
		return it.changes.news(c) && it.react(c)
	}
	return true
}

// news tells whether c is the newest that is known of its emoji and person.
func (s *changes) news(c event.Change) bool {
	key := c.Emoji + "\x00" + c.User
	if c.Seq <= s.reacted[key] {
		return false
	}
	if s.reacted == nil {
		s.reacted = map[string]int64{}
	}
	s.reacted[key] = c.Seq
	return true
}

// react puts a reaction on or takes it off. The old ones may be shown at the
// moment, so they stay as they are.
func (it *Item) react(c event.Change) bool {
	all := slices.Clone(it.Reactions.All())
	i, there := slices.BinarySearchFunc(all, c.Emoji, func(r event.Reaction, emoji string) int { return strings.Compare(r.Emoji, emoji) })
	on := c.Kind == event.KindReact
	if !there {
		if !on {
			return false
		}
		all = slices.Insert(all, i, event.Reaction{Emoji: c.Emoji})
	}
	users := slices.Clone(all[i].Users)
	if slices.Contains(users, c.User) == on {
		return false
	}
	if on {
		users = append(users, c.User)
	} else {
		users = slices.DeleteFunc(users, func(u string) bool { return u == c.User })
	}
	if all[i].Users = users; len(users) == 0 {
		all = slices.Delete(all, i, i+1)
	}
	it.Reactions = newReactions(all)
	return true
}
