package app

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/text"
)

// onInstall takes the browser's offer to install the app.
func (s *state) onInstall(app.Context, app.Event) {
	if offer := app.Window().Get("maruInstall"); offer.Truthy() {
		offer.Call("prompt")
	}
}

// installed tells that the page is shown as an app of its own.
func installed() bool {
	f := app.Window().Get("goappIsAppInstalled")
	return f.Truthy() && f.Invoke().Truthy()
}

// inAppleTab tells that the page is in a tab of iOS or iPadOS, where only the
// person can put it on the home screen.
func inAppleTab() bool {
	navigator := app.Window().Get("navigator")
	return navigator.Get("standalone").Type() == app.TypeBoolean && !installed()
}

// appleCard tells how to install where the browser makes no offer.
func appleCard(l text.Lang) app.UI {
	return el("div#apple.choice").Body(
		app.Elem("b").Text(l.T(text.Install)),
		app.Elem("ol").Body(
			app.Elem("li").Text(l.T(text.AppleShare)),
			app.Elem("li").Text(l.T(text.AppleAdd))))
}
