package app

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

const (
	gather   = 12 * time.Millisecond // changes that come closer are shown together
	tickTime = 300 * time.Millisecond
)

// pump shows what changed, until the tab closes.
func (r *root) pump() {
	for range r.State.chat.Changed() {
		time.Sleep(gather)
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
}

// watch passes on what the browser tells.
func (r *root) watch() {
	s, window := r.State, app.Window()
	listen(window, "online", func(app.Value) { s.chat.SetOnline(true) })
	listen(window, "offline", func(app.Value) { s.chat.SetOnline(false) })
	listen(window, "pageshow", func(app.Value) { s.chat.Visible() })
	listen(window, "pagehide", func(app.Value) { r.ctx.Dispatch(r.onHide) })
	listen(document(), "visibilitychange", func(app.Value) {
		if document().Get("visibilityState").String() == "visible" {
			s.chat.Visible()
			r.ctx.Dispatch(r.onFocus)
			return
		}
		r.ctx.Dispatch(r.onHide)
	})
	for _, name := range []string{"focus", "blur"} {
		listen(window, name, func(app.Value) { r.ctx.Dispatch(r.onFocus) })
	}
	r.onFocus(r.ctx)
	listen(window, "storage", func(e app.Value) { r.onStorage(e.Get("key")) })
	listen(window, "hashchange", func(app.Value) { r.ctx.Dispatch(func(app.Context) { s.jump = hash() }) })
	listen(window, "popstate", func(app.Value) { r.ctx.Dispatch(r.onBack) })
	listen(window, "maru:installable", func(app.Value) { r.ctx.Dispatch(r.onInstallable) })
	listen(window, "appinstalled", func(app.Value) { r.ctx.Dispatch(r.onInstallable) })
	listen(window, "maru:open", func(e app.Value) {
		to := e.Get("detail").String()
		r.ctx.Dispatch(func(app.Context) { s.goThere(to) })
	})
	s.installable, s.appleTab = window.Get("maruInstall").Truthy(), inAppleTab()
}

// onStorage hears what another tab has put into localStorage or, without a key,
// that it has emptied it.
func (r *root) onStorage(key app.Value) {
	all := key.Type() != app.TypeString
	if all || strings.HasPrefix(key.String(), shelfPrefix) {
		r.State.chat.ShelfChanged()
	}
	if all || strings.HasPrefix(key.String(), keepDraft) {
		r.ctx.Dispatch(func(app.Context) { r.State.roomsRev++ })
	}
}

func (r *root) onHide(ctx app.Context) {
	r.State.saveDraft()
	r.onFocus(ctx)
}

// onFocus notes whether the person is at this window.
func (r *root) onFocus(app.Context) {
	s := r.State
	s.gaze.focused = document().Call("hasFocus").Truthy() && document().Get("visibilityState").String() == "visible"
	s.look()
	if !s.gaze.focused {
		s.tellRead()
	}
}

func (r *root) onInstallable(app.Context) {
	r.State.installable = app.Window().Get("maruInstall").Truthy()
}

// onBack follows the browser's way back or forth: out of a drawer, or to
// another room.
func (r *root) onBack(ctx app.Context) {
	s := r.State
	if s.drawer != noDrawer {
		s.drawer = noDrawer
		ctx.Defer(func(app.Context) { focus(s.opener) }) // until then it is inert
	}
	r.follow()
}

// OnNav is told when go-app has followed a link by itself.
func (r *root) OnNav(app.Context) { r.follow() }

// follow shows what the address says.
func (r *root) follow() {
	s := r.State
	if at := path(); roomAt(at) != s.room || (at == connectionPath) != (s.aside != nil) {
		s.saveDraft()
		s.open(at)
		s.refresh()
	}
	s.jump = hash()
}

// OnResize closes a drawer when the screen has become wide enough for its pane
// to stand beside the conversation.
func (r *root) OnResize(app.Context) {
	if d := r.State.drawer; (d == roomsDrawer || d == peopleDrawer) && media("(min-width: 1024px)") {
		r.State.closeDrawer()
	}
}
