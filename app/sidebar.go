package app

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/text"
)

// sidebar lists the rooms, and says who one is and how the connection is.
type sidebar struct {
	app.Compo

	State       *state
	Lang        text.Lang
	Room        string
	Name        string
	Me          string
	Link        chat.LinkState
	RTT         int // ms
	Rev         int
	Installable bool
	Open        bool // as a drawer
	Unsent      int  // how much that is not sent would be lost: the person is asked before leaving; 0: not asked

	ctx app.Context
}

// OnMount keeps a context that does not end with a button.
func (b *sidebar) OnMount(ctx app.Context) { b.ctx = ctx }

// OnUpdate puts the focus into a drawer that has slid in.
func (b *sidebar) OnUpdate(ctx app.Context) {
	setValue("level", b.State.keep.level(b.Room).value())
	if b.Open && !b.JSValue().Call("contains", document().Get("activeElement")).Truthy() {
		ctx.Defer(func(app.Context) { focus(b.JSValue().Call("querySelector", ".brand .only-s")) })
	}
}

func (b *sidebar) Render() app.UI {
	l := b.Lang
	return app.Elem("nav").Class("rooms").Attr("aria-label", l.T(text.Rooms)).Body(
		app.Elem("div").Class("brand").Body(logo(b.State, 28), app.Elem("span").Text(l.T(text.AppName)), app.Elem("small").Text(l.T(text.AppSub)),
			iconButton("search", l.T(text.RoomSwitch), "", b.State.onSwitch).ID("to-switch").Attr("aria-haspopup", "dialog").Attr("aria-keyshortcuts", "Control+K Meta+K"),
			iconButton("close", l.T(text.Close), "only-s", b.onClose)),
		app.Elem("div").Class("pane").OnClick(b.onPane).Body(b.lists()...),
		app.Elem("div").Class("aside").Body(b.install(), b.level(), b.leave(), languages(b.State, l)),
		b.me(),
	)
}

func (b *sidebar) lists() []app.UI {
	l, rooms, unread := b.Lang, b.State.chat.Rooms(), b.State.badge()
	plus := app.Elem("a").Class("icon-btn").Attr("href", pathOf("")).Attr("aria-label", l.T(text.RoomNew)).
		Attr("title", l.T(text.RoomNew)).Body(icon("plus"))
	lists := []app.UI{app.Elem("h2").Body(app.Elem("span").Text(l.T(text.Rooms)), plus), b.list(rooms, unread)}
	recent := slices.DeleteFunc(b.State.keep.recent(), func(room string) bool { return slices.Contains(rooms, room) })
	if len(recent) > 0 {
		lists = append(lists, app.Elem("h2").Text(l.T(text.JoinRecent)), b.list(recent, unread))
	}
	return lists
}

func (b *sidebar) list(rooms []string, unread badge) app.UI {
	lines := make([]app.UI, len(rooms))
	for i, room := range rooms {
		lines[i] = app.Elem("li").Body(b.link(room, unread.rooms[room]))
	}
	return app.Elem("ul").Class("room-list").Body(lines...)
}

func (b *sidebar) link(room string, c count) app.UI {
	a := app.Elem("a").Class("room").Attr("href", pathOf(room))
	body := []app.UI{app.Elem("span").Class("hash").Attr("aria-hidden", "true").Text("#"), app.Elem("span").Class("t").Attr("dir", "auto").Text(room)}
	if b.State.keep.level(room) == levelNone {
		body = append(body, icon("mute"), app.Elem("span").Class("vh").Text(b.Lang.T(text.RoomMuted)))
	}
	if room == b.Room {
		return a.Class("on").Attr("aria-current", "page").Body(body...)
	}
	if strings.TrimSpace(b.State.keep.draft(room)) != "" {
		body = append(body, app.Elem("span").Class("draft").Text(b.Lang.T(text.RoomDraft)))
	}
	if c.n > 0 {
		body = append(body, unread(b.Lang, c))
	}
	if c.bold {
		a = a.Class("unread")
	}
	return a.Body(body...)
}

// unread says how much there is to read in a room.
func unread(l text.Lang, c count) app.UI {
	said, shown := text.LogNew, capped(c.n)
	if c.mentions {
		said, shown = text.Mentions, "@"+shown
	}
	n := app.Elem("span").Class("n")
	if c.mentions {
		n = n.Class("me")
	}
	return n.Body(app.Elem("span").Attr("aria-hidden", "true").Text(shown), app.Elem("span").Class("vh").Text(l.N(said, c.n)))
}

// onPane follows a link to a room within the page.
func (b *sidebar) onPane(ctx app.Context, e app.Event) {
	a := e.Get("target").Call("closest", "a")
	if !a.Truthy() {
		ctx.PreventUpdate()
		return
	}
	if !within(ctx, e) {
		return
	}
	b.State.show(roomAt(a.Get("pathname").String()))
	b.State.refresh()
	if !touch() {
		ctx.Defer(func(app.Context) { focus(byID("composer")) })
	}
}

func (b *sidebar) onClose(app.Context, app.Event) { b.State.closeDrawer() }

func (b *sidebar) install() app.UI {
	if !b.Installable {
		return nil
	}
	return app.Elem("button").Attr("type", "button").Class("quiet").ID("install").Attr("title", b.Lang.T(text.InstallHint)).OnClick(b.State.onInstall).
		Body(icon("install"), app.Elem("span").Text(b.Lang.T(text.Install)))
}

// level asks what of the room in view one wants to be told: where one is when one
// has had enough of it.
func (b *sidebar) level() app.UI {
	symbol := "bell"
	if b.State.keep.level(b.Room) == levelNone {
		symbol = "mute"
	}
	return el("label.quiet.level").Body(icon(symbol), app.Elem("span").Text(b.Lang.T(text.Notify)),
		b.State.levelSelect("level", b.Room).OnChange(b.onLevel))
}

func (b *sidebar) onLevel(_ app.Context, e app.Event) {
	b.State.setLevel(b.Room, levelOf(e.Get("target").Get("value").String()))
}

func (b *sidebar) leave() app.UI {
	if b.Unsent > 0 {
		return b.confirm()
	}
	return app.Elem("button").Attr("type", "button").Class("quiet").ID("leave").OnClick(b.onLeave).
		Body(icon("leave"), app.Elem("span").Text(b.Lang.T(text.RoomLeave)))
}

// confirm asks before messages or changes are thrown away that nobody has got.
func (b *sidebar) confirm() app.UI {
	l := b.Lang
	return app.Elem("div").Class("confirm").Attr("role", "group").Attr("aria-labelledby", "leave-why").Body(
		app.Elem("p").ID("leave-why").Attr("role", "alert").Text(l.N(text.LeaveUnsent, b.Unsent)),
		app.Elem("div").Body(
			app.Elem("button").Attr("type", "button").Class("link", "danger").ID("leave-anyway").Text(l.T(text.LeaveAnyway)).OnClick(b.onLeaveAnyway),
			app.Elem("button").Attr("type", "button").Class("link").ID("leave-not").Text(l.T(text.Cancel)).OnClick(b.onStay),
		))
}

func (b *sidebar) onLeave(ctx app.Context, e app.Event) {
	if b.State.askToLeave() {
		b.ctx.Defer(func(app.Context) { focus(byID("leave-not")) })
		return
	}
	b.onLeaveAnyway(ctx, e)
}

func (b *sidebar) onStay(app.Context, app.Event) {
	b.State.leaving = false
	b.ctx.Defer(func(app.Context) { focus(byID("leave")) })
}

func (b *sidebar) onLeaveAnyway(app.Context, app.Event) {
	next := b.State.leave()
	b.State.show(next)
	b.State.refresh()
}

// me is who one is in this room, and the state of the connection.
func (b *sidebar) me() app.UI {
	l, dot, label := b.Lang, "dot away", b.Lang.T(text.LinkConnecting)
	switch {
	case b.Link == chat.Online && b.RTT > 0:
		dot, label = "dot", l.T(text.LinkOnlineRTT, strconv.Itoa(b.RTT))
	case b.Link == chat.Online:
		dot, label = "dot", l.T(text.LinkOnline)
	case b.Link == chat.Waiting:
		label = l.T(text.LinkWaiting)
	}
	id := b.Me
	if id == "" {
		id = b.Name
	}
	return app.Elem("div").Class("me-bar").Body(avatar(id, b.Name, true), app.Elem("span").Body(
		app.Elem("b").Attr("dir", "auto").Text(b.Name),
		connectionLink(b.State).Class("s").Attr("aria-label", l.T(text.ConnectionLink, label)).
			Body(app.Elem("i").Class(dot).Attr("aria-hidden", "true"), app.Elem("span").Text(label)),
	), settingsButton(b.State, l))
}
