// Package app is the page that people see: go-app components that show
// snapshots of a chat client, and pass on what people do.
//
// It promises that what a person types is never lost to a redraw, that what a
// reader looks at stands still, and that the cost of a new line does not grow
// with the room. It owns no state of the chat and must not know the wire.
// All of it runs on go-app's UI goroutine.
package app

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// Start takes the page over from the frame that the server has drawn, and
// shows c until the tab closes; p looks at the connection of c. It returns only
// where there is no browser.
func Start(c Chat, p Probe) {
	admitNoStorage()
	k := kept{browser: newBrowserStorage("localStorage"), tab: newBrowserStorage("sessionStorage")}
	s := newState(c, p, k, time.Now)
	s.lang = k.lang(preferredLanguages())
	if frame := byID("maru"); frame.Truthy() {
		s.icon = frame.Get("dataset").Get("icon").String()
		s.iconNew = frame.Get("dataset").Get("iconNew").String()
	}
	page := func() app.Composer { return &root{State: s} }
	app.Route("/", page)
	app.RouteWithRegexp(".*", page)
	s.restore()
	s.open(path())
	s.arrive()
	s.jump, s.followed = hash(), address()
	if path() == "/" {
		s.goThere("/" + addressQuery())
	}
	capture()
	s.sendHanded()
	app.RunWhenOnBrowser()
}

// Language returns the tag of the language that the page speaks now.
func Language() string {
	lang := document().Get("documentElement").Get("lang")
	if !lang.Truthy() {
		return ""
	}
	return lang.String()
}

// preferredLanguages returns the browser's languages in the form of an
// Accept-Language header.
func preferredLanguages() string {
	languages := app.Window().Get("navigator").Get("languages")
	if !languages.Truthy() {
		return ""
	}
	return languages.Call("join", ",").String()
}
