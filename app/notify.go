package app

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/text"
)

// permission says whether the system may show notifications: default, granted or
// denied, as the browser calls it; "" if it can't.
func permission() string {
	n := app.Window().Get("Notification")
	if !n.Truthy() || !app.Window().Get("maruNotify").Truthy() {
		return ""
	}
	return n.Get("permission").String()
}

// onAllow asks the browser, in the click that it wants to be asked in.
func (s *state) onAllow(ctx app.Context, _ app.Event) {
	s.asking = false
	s.keep.setPref(keepAsked, "yes")
	settle(app.Window().Get("Notification").Call("requestPermission"), func(bool) {
		// The button that asked goes, and must not take the focus with it.
		if body := document().Call("querySelector", "#settings .sheet-body"); body.Truthy() {
			focus(body)
		} else {
			toComposer()
		}
		ctx.Dispatch(func(app.Context) { s.chosenRev++ })
	})
}

// onAllowLater takes the question away for good: the settings have it.
func (s *state) onAllowLater(app.Context, app.Event) {
	s.asking = false
	s.keep.setPref(keepAsked, "yes")
	toComposer()
}

// sent is told that the person has written something. After the first time it is
// plain what notifications are good for, so it is the moment to ask.
func (s *state) sent() {
	if g := s.reading[s.room]; g != nil {
		g.erase()
	}
	s.persist()
	s.jump = 0 // whoever writes is where it is written
	s.asking = s.asking || s.keep.pref(keepAsked) == "" && permission() == "default"
}

// persist asks the browser not to clear away what is kept for want of space. Before one
// has written something there is little to lose; and of who has not let us do anything yet,
// some browsers would ask.
func (s *state) persist() {
	storage := app.Window().Get("navigator").Get("storage")
	trusted := permission() == "granted" || app.Window().Call("goappIsAppInstalled").Truthy()
	if !s.persisted && trusted && storage.Truthy() && storage.Get("persist").Truthy() {
		s.persisted = true
		settle(storage.Call("persist"), func(bool) {})
	}
}

// askNotify asks within the page, before the browser does.
func (s *state) askNotify(l text.Lang) app.UI {
	if !s.asking {
		return nil
	}
	return el("div.ask role=group").Attr("aria-label", l.T(text.Notify)).ID("ask-notify").Body(
		app.Elem("span").Text(l.T(text.NotifyAsk)),
		el("button#allow.link type=button").Text(l.T(text.NotifyAllow)).OnClick(s.onAllow),
		el("button#allow-later.link type=button").Text(l.T(text.NotifyLater)).OnClick(s.onAllowLater))
}

const maxNotice = 140 // characters of a message in a notification

// notify has the system tell of what is new in a room that nobody is looking at.
// One notification a room stands for all of it.
func (s *state) notify(r chat.Room, g *reading) {
	if s.gaze.focused || len(g.fresh) == 0 || permission() != "granted" {
		return
	}
	it, ok := noticed(s.chat, s.keep.level(r.Name), g.fresh, r)
	if !ok {
		return
	}
	said := []rune(it.Text)
	if len(said) > maxNotice {
		said = append(said[:maxNotice], '…')
	}
	app.Window().Call("maruNotify", r.Name, s.lang.T(text.NotifySaid, it.Name, string(said)), pathOf(r.Name), it.Key)
}

// noticed returns the newest of the messages that a level lets through.
func noticed(c Chat, l level, fresh []chat.Item, r chat.Room) (chat.Item, bool) {
	for i := len(fresh) - 1; i >= 0 && l != levelNone; i-- {
		if l == levelAll || concerns(c, fresh[i], r) {
			return fresh[i], true
		}
	}
	return chat.Item{}, false
}

// unnotify takes a room's notification away, since it was read.
func unnotify(room string) {
	if f := app.Window().Get("maruNotified"); f.Truthy() {
		f.Invoke(pathOf(room))
	}
}
