package app

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// root is the whole page. It is small and does little, since every event
// passes through it: what is large is in its children, which are left alone
// unless a field of theirs changes.
type root struct {
	app.Compo

	State *state

	ctx     app.Context
	mounted bool
	armed   bool // to be looked at again
	asked   bool // the browser was, to fetch the version that the server has
	outside outside
}

func (r *root) OnMount(ctx app.Context) {
	r.ctx, r.mounted = ctx, true
	r.State.wake = func() {
		if !r.armed {
			ctx.Dispatch(func(app.Context) {})
		}
	}
	r.watch()
	go r.pump()
	if handed.submit {
		r.submitHanded()
	}
}

func (r *root) Render() app.UI {
	s := r.State
	l := s.chat.Link()
	r.arm()
	if r.mounted {
		r.ctx.Defer(r.tell)
	}
	var view app.UI = &joinPage{State: s, Lang: s.lang, Asked: s.asked, Refusal: refusalOf(s), Lost: s.lost, Trouble: s.trouble() == bannerTrouble, Shared: s.shared, Glance: s.chat.Peeked()}
	switch {
	case s.arriving.pass != "":
		view = &arrival{State: s, Lang: s.lang, Passing: s.chat.Passing()}
	case s.aside != nil:
		view = &connectionPage{State: s, Lang: s.lang, Link: l, Missing: s.chat.Missing(), Tip: s.tip}
	case s.inRoom():
		view = r.room(l)
	}
	return app.Elem("div").ID("maru").Class(drawerClass(s.drawer)).
		DataSet("link", linkName(l.State)).
		OnKeyDown(r.onKeyDown).
		Body(
			view,
			r.settings(),
			r.switcher(),
			r.invitation(),
			r.devices(),
			app.Elem("div").Class("vh").Attr("aria-live", "polite").Attr("aria-atomic", "true").Body(app.Text(s.spoken.said)),
			r.toast(l),
		)
}

func (r *root) room(l chat.Link) app.UI {
	s := r.State
	s.countUnread() // what came since the last look is drawn with its unread line
	info, _ := s.chat.Room(s.room)
	side := &sidebar{State: s, Lang: s.lang, Room: s.room, Name: info.As, Me: info.Me, Link: l.State,
		RTT: int(l.RTT.Milliseconds()), Rev: s.roomsRev, Installable: s.installable, Open: s.drawer == roomsDrawer}
	if s.leaving {
		side.Unsent = info.Unsent
	}
	kept := info.Kept && (l.State == chat.Waiting || s.trouble() != noTrouble)
	people := &people{State: s, Lang: s.lang, Room: s.room, Rev: info.PeopleRev, Count: info.Count, Open: s.drawer == peopleDrawer, Kept: kept}
	line, behind := s.unreadLine()
	main := app.Elem("main").Class("main")
	if s.drawer == roomsDrawer || s.drawer == peopleDrawer {
		main = main.Attr("inert", "true")
	}
	return app.Elem("div").Class("shell").Body(
		side,
		main.Body(
			&header{State: s, Lang: s.lang, Room: s.room, Count: info.Count, Trouble: s.trouble() == dotTrouble, Kept: kept, Tip: s.tip, Drawer: s.drawer},
			app.Elem("div").Class("stage").Body(
				&banner{State: s, Lang: s.lang, Trouble: s.trouble(), Seconds: s.retryIn(), Waiting: l.State == chat.Waiting,
					Taken: nameTaken(info)},
				&messages{State: s, Lang: s.lang, Room: s.room, Rev: info.Rev, Phase: info.Phase, Loading: info.Loading,
					Online: l.State == chat.Online, Jump: s.jump, Line: line, Behind: behind},
				r.search(), // behind the log, which keeps its place so
			),
			&composer{State: s, Lang: s.lang, Room: s.room, Asking: s.asking, Rev: s.chosenRev, Editing: s.editing.Key, Reply: s.answered(), Writers: strings.Join(info.Typing, "\n"), Denied: codeOf(info.Denied)},
			r.picker(),
		),
		people,
		app.Elem("button").Attr("type", "button").Class("scrim").Attr("aria-label", s.lang.T(text.Close)).TabIndex(-1).OnClick(r.onScrim),
	)
}

// settings is the dialog over all, while it is open.
func (r *root) settings() app.UI {
	s := r.State
	if s.drawer != settingsDrawer {
		return nil
	}
	info, _ := s.chat.Room(s.room)
	return &settings{State: s, Lang: s.lang, Rev: s.chosenRev + s.roomsRev, Installable: s.installable, Permission: permission(), Inside: info.Phase == chat.Inside}
}

// switcher is the dialog that leads to another room, while it is open.
func (r *root) switcher() app.UI {
	s := r.State
	if s.drawer != switchDrawer || !s.inRoom() {
		return nil
	}
	return &switcher{State: s, Lang: s.lang, Rev: s.roomsRev}
}

// invitation is the dialog that brings others into the room, while it is open.
func (r *root) invitation() app.UI {
	s := r.State
	if s.drawer != inviteDrawer || !s.inRoom() {
		return nil
	}
	return &invitation{State: s, Lang: s.lang, Room: s.room}
}

// devices is the dialog by which another device becomes the same person, while it is open.
func (r *root) devices() app.UI {
	s := r.State
	if s.drawer != devicesDrawer {
		return nil
	}
	return &devices{State: s, Lang: s.lang, Passing: s.chat.Passing()}
}

// picker offers emoji, while it is open.
func (r *root) picker() app.UI {
	s := r.State
	if !s.picking {
		return nil
	}
	return &picker{State: s, Lang: s.lang, For: s.pickFor}
}

// search is the field for finding messages, while it is open.
func (r *root) search() app.UI {
	s := r.State
	if !s.search.open {
		return nil
	}
	return &finder{State: s, Lang: s.lang, Room: s.room, All: s.search.all, Chosen: s.search.chosenOf(s.chat.Findings().Hits), Rev: s.chat.Findings().Rev}
}

func (r *root) onScrim(app.Context, app.Event) { r.State.closeDrawer() }

// onKeyDown closes a drawer with Esc, which during a composition is the
// composition's.
func (r *root) onKeyDown(ctx app.Context, e app.Event) {
	if e.Get("key").String() != "Escape" || composing(e.Value) || r.State.drawer != roomsDrawer && r.State.drawer != peopleDrawer {
		ctx.PreventUpdate()
		return
	}
	r.State.closeDrawer()
}

func drawerClass(d drawer) string {
	switch d {
	case roomsDrawer:
		return "show-rooms"
	case peopleDrawer:
		return "show-people"
	}
	return ""
}

func linkName(l chat.LinkState) string {
	switch l {
	case chat.Online:
		return "online"
	case chat.Waiting:
		return "waiting"
	}
	return "connecting"
}

func refusalOf(s *state) string { return codeOf(s.refusal) }

func codeOf(refusal *event.Error) string {
	if refusal == nil {
		return ""
	}
	return string(refusal.Code)
}
