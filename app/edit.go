package app

import (
	"math"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/text"
)

// edit puts a message of one's own into the composer. The draft waits.
func (s *state) edit(it chat.Item) {
	s.saveDraft()
	s.editing = it
}

// editLast edits the last message of one's own, if one is near, and tells
// whether there is one.
func (s *state) editLast() bool {
	r, _ := s.chat.Room(s.room)
	items := s.chat.Items(s.room, r.Len-context, r.Len)
	for i := len(items) - 1; i >= 0; i-- {
		if items[i].Own && actable(items[i]) {
			s.edit(items[i])
			return true
		}
	}
	return false
}

// change brings the field in line with what it is for: a room's draft, or a
// message that is edited.
func (c *composer) change() {
	switch {
	case c.shown != c.Room:
		c.fill()
	case c.edited != c.Editing && c.Editing != "":
		c.edited = c.Editing
		c.put(c.State.editing.Text)
	case c.edited != c.Editing:
		c.fill()
	}
}

// put replaces what stands in the field, and puts the caret behind it.
func (c *composer) put(value string) {
	setValue("composer", value)
	c.over = overlong(value)
	field := byID("composer")
	focus(field)
	field.Call("setSelectionRange", math.MaxInt32, math.MaxInt32) // the browser cuts it to the end
	grow()
}

func (c *composer) cancelEdit() {
	c.State.editing = chat.Item{}
	c.refusal = ""
}

// finishEdit takes the new text over. One that is as it was changes nothing.
func (c *composer) finishEdit(message string) {
	it := c.State.editing
	if message != it.Text {
		if refusal := c.State.chat.Edit(c.Room, it.Seq, message); refusal != nil {
			c.refusal = refusal.Code
			return
		}
	}
	c.cancelEdit()
}

// editBar says that a message is edited, and ends that.
func (c *composer) editBar() app.UI {
	if c.Editing == "" {
		return nil
	}
	return el("div.edit-bar").Body(
		icon("edit"), el("span role=status").Text(c.Lang.T(text.Editing)),
		el("button#edit-cancel.link type=button").Text(c.Lang.T(text.Cancel)).OnClick(c.onEditCancel))
}

func (c *composer) onEditCancel(app.Context, app.Event) {
	c.cancelEdit()
	focus(byID("composer"))
}
