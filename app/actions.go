package app

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/text"
)

// tools is what can be done with a message. It is in the page for one message at
// a time: the one under the pointer, with the focus, or tapped.
func (n *line) tools(it chat.Item) app.UI {
	if !n.Active || !actable(it) {
		return nil
	}
	l := n.Lang
	bar := el("div.tools role=toolbar").Attr("aria-label", l.T(text.Actions))
	if n.Deleting {
		return bar.Body(el("span.sure").Text(l.T(text.DeleteSure)),
			el("button.link.danger type=button data-do=delete-sure").Text(l.T(text.SendDiscard)),
			el("button.link type=button data-do=delete-not").Text(l.T(text.Cancel)))
	}
	buttons := []app.UI{tool("smile", "react", l.T(text.React)), tool("reply", "reply", l.T(text.Reply)), tool("copy", "copy", l.T(text.Copy)), tool("share", "link", l.T(text.CopyLink))}
	if it.Own {
		buttons = append(buttons, tool("edit", "edit", l.T(text.Edit)), tool("trash", "delete", l.T(text.Delete)))
	}
	return bar.Body(buttons...)
}

func tool(name, do, label string) app.UI {
	return el("button.icon-btn type=button").DataSet("do", do).Attr("aria-label", label).Attr("title", label).Body(icon(name))
}

// actable tells whether there is anything to do with a line.
func actable(it chat.Item) bool {
	return it.Kind == chat.Post && it.State == chat.Sent && !it.Deleted && it.Seq > 0
}

// reactions are the emoji under a message, each a button that adds one's own or
// takes it away.
func (n *line) reactions(it chat.Item, me string) app.UI {
	all := it.Reactions.All()
	if len(all) == 0 {
		return nil
	}
	buttons := make([]app.UI, len(all))
	for i, r := range all {
		mine := false
		for _, u := range r.Users {
			mine = mine || u == me
		}
		count := len(r.Users)
		buttons[i] = el("button.re type=button data-do=toggle").DataSet("emoji", r.Emoji).
			Attr("aria-pressed", pressed(mine)).Attr("aria-label", n.Lang.N(text.Reacted, count, r.Emoji)).
			Body(app.Elem("span").Text(r.Emoji), app.Elem("span").Text(text.Number(count)))
	}
	return el("div.res").Body(buttons...)
}

// reacted tells whether one's own reaction with an emoji is on a message.
func reacted(it chat.Item, emoji, me string) bool {
	for _, r := range it.Reactions.All() {
		if r.Emoji != emoji {
			continue
		}
		for _, u := range r.Users {
			if u == me {
				return true
			}
		}
	}
	return false
}

// itemOf returns the line that an element of the log belongs to.
func (m *messages) itemOf(el app.Value) (chat.Item, bool) {
	row := el.Call("closest", "[data-key]")
	if !row.Truthy() {
		return chat.Item{}, false
	}
	i := m.State.chat.Index(m.Room, row.Get("dataset").Get("key").String())
	items := m.State.chat.Items(m.Room, i, i+1)
	if i < 0 || len(items) == 0 {
		return chat.Item{}, false
	}
	return items[0], true
}

// act does what a button of a message says.
func (m *messages) act(ctx app.Context, do string, button app.Value) {
	it, ok := m.itemOf(button)
	if !ok {
		return
	}
	s := m.State
	switch do {
	case "copy":
		m.copy(it.Text)
		return
	case "link":
		m.copy(lineLink(m.Room, it.Seq))
		return
	case "react":
		s.openPicker(it.Key, button)
		return
	case "toggle":
		info, _ := s.chat.Room(m.Room)
		emoji := button.Get("dataset").Get("emoji").String()
		s.chat.React(m.Room, it.Seq, emoji, !reacted(it, emoji, info.Me))
		return
	case "quoted":
		s.goTo(m.Room, it.ReplyTo)
		return
	case "reply":
		s.reply(it)
		focus(byID("composer"))
		return
	case "edit":
		s.edit(it)
		return
	case "delete", "delete-not":
		m.askToDelete(do == "delete")
		return
	case "delete-sure":
		s.chat.Delete(m.Room, it.Seq)
		m.activate("")
	}
	toComposer()
}

// askToDelete asks whether to delete a message, or asks no more.
func (m *messages) askToDelete(asking bool) {
	m.deleting = asking
	next := "delete"
	if asking {
		next = "delete-not"
	}
	m.ctx.Defer(func(app.Context) { focus(m.el().Call("querySelector", `[data-do="`+next+`"]`)) })
}

// copy puts something on the clipboard and says so. The context is the log's: the
// button may be gone by then.
func (m *messages) copy(words string) {
	copyText(words, func(ok bool) { m.ctx.Dispatch(func(app.Context) { m.State.tell(ok) }) })
}

// lineLink is the address of a line of a room, for others.
func lineLink(room string, seq int64) string {
	return inviteLink(room) + "#" + strconv.FormatInt(seq, 10)
}

// onLink goes where a link to a line of this very server leads, without another page; to
// a room that one is not in, the browser goes, and the card asks. It tells whether it has
// seen to the click.
func (m *messages) onLink(ctx app.Context, e app.Event, a app.Value) bool {
	location := app.Window().Get("location")
	room := roomAt(a.Get("pathname").String())
	if _, in := m.State.chat.Room(room); !in || a.Get("origin").String() != location.Get("origin").String() {
		return false
	}
	if !within(ctx, e) {
		return true
	}
	if seq := lineOf(a.Get("hash").String()); seq > 0 {
		m.State.goTo(room, seq)
	} else {
		m.State.show(room)
	}
	m.State.refresh()
	return true
}

// tell says what became of copying something.
func (s *state) tell(ok bool) {
	s.showTip(notCopied)
	if ok {
		s.showTip(copied)
	}
}

// activate shows what can be done with a message, and with no other.
func (m *messages) activate(key string) (changed bool) {
	if m.active == key {
		return false
	}
	if touch() {
		m.stay(key)
	}
	m.active, m.deleting = key, false
	return true
}

// stay keeps a message where it is when its tools come or go under it.
func (m *messages) stay(key string) {
	if key == "" {
		key = m.active
	}
	if i := rowOf(m.rows, m.State.chat.Index(m.Room, key)); i >= 0 {
		m.target, m.targetAt, m.tapped = key, m.topOf(i), true
	}
	if !m.free {
		info, _ := m.State.chat.Room(m.Room)
		m.free, m.since = true, readTo(info)
	}
}

// onPoint follows a pointer that moves. Below one that rests lines come and go, which
// says nothing of what the person points at; and tools that the keyboard is at stay
// there.
func (m *messages) onPoint(ctx app.Context, e app.Event) {
	if touch() || m.el().Call("querySelector", ".tools :focus-visible").Truthy() || !m.activateAt(e.Get("target")) {
		ctx.PreventUpdate()
	}
}

// onFocusIn follows the focus.
func (m *messages) onFocusIn(ctx app.Context, e app.Event) {
	m.roving = !e.Get("target").Equal(m.el())
	if !m.activateAt(e.Get("target")) {
		ctx.PreventUpdate()
	}
}

// onFocusOut takes the tools away that the focus has brought, but while it is where
// they have led to.
func (m *messages) onFocusOut(ctx app.Context, e app.Event) {
	to := e.Get("relatedTarget")
	if !to.Truthy() {
		// Whoever presses on nothing takes the focus away; a row that goes does not.
		m.roving = m.roving && !e.Get("target").Get("isConnected").Truthy()
	}
	if !to.Truthy() || m.el().Call("contains", to).Truthy() {
		ctx.PreventUpdate()
		return
	}
	m.roving = false
	if touch() || m.deleting || m.State.picking || !m.activate("") {
		ctx.PreventUpdate()
	}
}

// onLeave is told when the pointer has left the log. What has the focus keeps
// its tools.
func (m *messages) onLeave(ctx app.Context, _ app.Event) {
	focused := document().Get("activeElement")
	if m.deleting || focused.Truthy() && m.el().Call("contains", focused).Truthy() || !m.activate("") {
		ctx.PreventUpdate()
	}
}

// onTap shows a message's tools on a screen that is touched, where nothing hovers.
func (m *messages) onTap(ctx app.Context, e app.Event) {
	target := e.Get("target")
	if !touch() || target.Call("closest", "a, pre").Truthy() {
		ctx.PreventUpdate()
		return
	}
	row := target.Call("closest", ".msg")
	key := ""
	if row.Truthy() {
		key = row.Get("dataset").Get("key").String()
	}
	if key == m.active {
		key = "" // a second tap takes them away
	}
	if !m.activate(key) {
		ctx.PreventUpdate()
	}
}

func (m *messages) activateAt(el app.Value) bool {
	row := el.Call("closest", ".msg")
	return row.Truthy() && m.activate(row.Get("dataset").Get("key").String())
}
