package app

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

const (
	gather   = 12 * time.Millisecond // changes that come closer are shown together
	busy     = 50 * time.Millisecond // and those that come in a row, so that a busy room costs no more than this often
	tickTime = 300 * time.Millisecond
)

// pump shows what changed, until the tab closes.
func (r *root) pump() {
	var shown time.Time
	for range r.State.chat.Changed() {
		time.Sleep(max(gather, busy-time.Since(shown)))
		shown = time.Now()
		r.ctx.Dispatch(r.onChange)
	}
}

func (r *root) onChange(app.Context) {
	s := r.State
	if s.chat.Link().Update && !r.asked {
		r.asked = true
		app.TryUpdate()
	}
	if room := s.refresh(); room != "" {
		s.show(room)
	}
	r.renew(r.ctx)
}

// arm has the page looked at again in a while, if something on it changes with
// time alone.
func (r *root) arm() {
	if r.mounted && !r.armed && r.State.ticking() {
		r.armed = true
		r.ctx.After(tickTime, r.onTick)
	}
}

func (r *root) onTick(app.Context) {
	r.armed = false
	r.State.refreshLink()
	r.State.tick()
	r.State.look()
	r.arm() // whatever becomes of the drawing
}

// watch passes on what the browser tells.
func (r *root) watch() {
	s, window := r.State, app.Window()
	listen(window, "online", func(app.Value) { s.chat.SetOnline(true) })
	listen(window, "offline", func(app.Value) { s.chat.SetOnline(false) })
	listen(window, "pageshow", func(app.Value) {
		s.chat.Visible()
		r.ctx.Dispatch(r.onShow)
	})
	listen(window, "pagehide", func(app.Value) { r.ctx.Dispatch(r.onHide) })
	listen(document(), "visibilitychange", func(app.Value) {
		if document().Get("visibilityState").String() == "visible" {
			s.chat.Visible()
			r.ctx.Dispatch(r.onShow)
			return
		}
		r.ctx.Dispatch(r.onHide)
	})
	for _, name := range []string{"focus", "blur"} {
		listen(window, name, func(app.Value) { r.ctx.Dispatch(r.onFocus) })
	}
	r.onFocus(r.ctx)
	listen(document(), "keydown", func(e app.Value) {
		if switchKey(e) {
			e.Call("preventDefault")
			r.ctx.Dispatch(func(app.Context) { s.toggleSwitcher() })
		}
	})
	r.watchSwipes()
	listen(window, "storage", r.onStorage)
	listen(window, "hashchange", func(app.Value) { r.ctx.Dispatch(func(app.Context) { s.onHash() }) })
	listen(window, "popstate", func(app.Value) { r.ctx.Dispatch(r.onBack) })
	listen(window, "maru:installable", func(app.Value) { r.ctx.Dispatch(r.onInstallable) })
	listen(window, "appinstalled", func(app.Value) { r.ctx.Dispatch(r.onInstallable) })
	listen(window, "maru:open", func(app.Value) { r.ctx.Dispatch(r.onOpen) })
	r.onOpen(r.ctx)
	s.installable, s.appleTab = window.Get("maruInstall").Truthy(), inAppleTab()
}

func (r *root) onHide(ctx app.Context) {
	r.State.saveDraft()
	r.State.hiddenAt = r.State.now()
	ctx.After(hiddenFor, r.renew)
	r.onFocus(ctx)
}

func (r *root) onShow(ctx app.Context) {
	r.State.hiddenAt = time.Time{}
	r.State.chat.Peek(r.State.chat.Peeked().Room) // the card is told anew, if it is there
	r.onFocus(ctx)
}

// onFocus notes whether the person is at this window.
func (r *root) onFocus(app.Context) {
	s := r.State
	s.gaze.focused = document().Call("hasFocus").Truthy() && document().Get("visibilityState").String() == "visible"
	s.look()
	s.beLooked()
	if !s.gaze.focused {
		s.tellRead()
	}
}

// beLooked says which rooms the person has before them in this window, so that no other
// one has the system tell of them.
func (s *state) beLooked() {
	looking := app.Window().Get("maruLooking")
	if !looking.Truthy() {
		return
	}
	paths := []any{}
	if s.gaze.focused {
		for _, room := range s.chat.Rooms() {
			paths = append(paths, pathOf(room))
		}
	}
	looking.Invoke(paths)
}

// onOpen goes where the browser was asked to, if it was: perhaps before the
// program ran.
func (r *root) onOpen(app.Context) {
	if to := app.Window().Get("maruOpen"); to.Truthy() {
		app.Window().Set("maruOpen", "")
		r.State.goThere(to.String())
	}
}

func (r *root) onInstallable(app.Context) {
	r.State.installable = app.Window().Get("maruInstall").Truthy()
}

// onHash follows the part of the address behind the #: to a line, or to who one is to be.
func (s *state) onHash() {
	if !s.arrive() {
		s.jump = hash()
	}
}

// onBack follows the browser's way back or forth: out of a drawer, or to
// another room.
func (r *root) onBack(ctx app.Context) {
	s := r.State
	s.closing = false
	if s.drawer != noDrawer {
		s.drawer = noDrawer
		ctx.Defer(func(app.Context) { s.refocus() }) // until then it is inert
		r.turn()                                     // the line that the address names was gone to before
		return
	}
	r.follow()
}

// refocus puts the focus back to where it was before the drawer; what was there may be
// gone by now.
func (s *state) refocus() {
	if s.opener.Truthy() && s.opener.Get("isConnected").Truthy() {
		focus(s.opener)
		return
	}
	toComposer()
}

// OnNav is told when go-app has followed a link by itself.
func (r *root) OnNav(app.Context) { r.follow() }

// follow shows what the address says, down to the line, unless it was gone to before:
// whoever closes a dialog comes back to the same address, and to where the focus was.
func (r *root) follow() {
	r.turn()
	if s, now := r.State, address(); now != s.followed {
		s.followed, s.jump = now, hash()
	}
}

// turn shows the page that the address names.
func (r *root) turn() {
	s := r.State
	if at := path(); roomAt(at) != s.room || (at == connectionPath) != (s.aside != nil) {
		s.saveDraft()
		s.open(at)
		s.refresh()
	}
}

// OnResize closes a drawer when the screen has become wide enough for its pane
// to stand beside the conversation.
func (r *root) OnResize(app.Context) {
	if d := r.State.drawer; (d == roomsDrawer || d == peopleDrawer) && !isDrawer(d) {
		r.State.closeDrawer()
	}
}
