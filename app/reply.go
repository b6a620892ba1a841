package app

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/text"
)

// answering is the message that is answered by what is being written in a room.
// The ID tells it from one that has its seq in another log.
type answering struct {
	seq int64
	id  string
}

// reply has what is written in the room in view answer a message.
func (s *state) reply(it chat.Item) {
	s.editing = chat.Item{}
	s.setReply(s.room, answering{it.Seq, it.ID})
}

// setReply notes which message is answered in a room, over reloads as the draft is.
func (s *state) setReply(room string, to answering) {
	s.replies[room] = to
	s.keep.setReply(room, to)
}

// answered is the message that is answered in the room in view; without a seq
// there is none. One that was deleted meanwhile is answered no more.
func (s *state) answered() chat.Quote {
	to, ok := s.replies[s.room]
	if !ok { // it may be from before a reload
		to = s.keep.reply(s.room)
		s.replies[s.room] = to
	}
	if to.seq <= 0 {
		return chat.Quote{}
	}
	q := s.chat.Quote(s.room, to.seq)
	if q.Known && (q.Deleted || q.ID != to.id) {
		s.setReply(s.room, answering{})
		return chat.Quote{}
	}
	return q
}

// concerns tells whether a message is meant for the reader: it names them, or
// answers what they wrote.
func concerns(c Chat, it chat.Item, r chat.Room) bool {
	return mentions(it.Text, r.As, r.Users) || it.ReplyTo > 0 && c.Quote(r.Name, it.ReplyTo).Own
}

// replyBar says what is answered, and ends that.
func (c *composer) replyBar() app.UI {
	if c.Reply.Seq == 0 || c.Editing != "" {
		return nil
	}
	var said parts
	if c.Reply.Known {
		said.add("b", c.Lang.T(text.ReplyTo, c.Reply.Name))
		said.add("span", " · ")
		said.add("span dir=auto", c.Reply.Text)
	} else {
		said.add("span", c.Lang.T(text.ReplyToOther))
	}
	return el("div.edit-bar").Body(icon("reply"), el("span.to role=status").Body(said...),
		el("button#reply-cancel.link type=button").Text(c.Lang.T(text.Cancel)).OnClick(c.onReplyCancel))
}

func (c *composer) onReplyCancel(app.Context, app.Event) {
	c.State.setReply(c.Room, answering{})
	focus(byID("composer"))
}

// quote is the line above a reply that shows what it answers and leads there. It
// is no stop of the Tab key but in the message that has the focus.
func (n *line) quote(it chat.Item) app.UI {
	if it.ReplyTo == 0 {
		return nil
	}
	button := el("button.quote type=button data-do=quoted")
	if !n.Active {
		button = button.Attr("tabindex", "-1")
	}
	l, q := n.Lang, n.Quote
	var said parts
	switch {
	case !q.Known:
		said.add("span", l.T(text.ReplyToOther))
	case q.Deleted:
		said.add("span.vh", l.T(text.Reply)+": ")
		said.add("span.deleted", l.T(text.Deleted))
	default:
		const name = "\n" // no name has it
		before, after, _ := strings.Cut(l.T(text.ReplyTo, name), name)
		said.add("span.vh", before)
		said.add("b dir=auto", q.Name)
		said.add("span.vh", after+": ")
		said.add("span dir=auto", q.Text)
	}
	return button.Body(said...)
}

// parts are elements of nothing but text, by what el makes them from.
type parts []app.UI

func (p *parts) add(spec, said string) { *p = append(*p, el(spec).Text(said)) }
