package app

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// A sheet is a dialog that lies over the page, one of the drawers. The browser keeps
// the focus in it.

// sheets are the drawers that are sheets, by their ids.
var sheets = map[string]drawer{"settings": settingsDrawer, "switcher": switchDrawer, "invitation": inviteDrawer, "devices": devicesDrawer}

func (s *state) sheet(id string) app.HTMLElem {
	return app.Elem("dialog").ID(id).Class("sheet").On("cancel", s.onSheetCancel).On("close", s.onSheetClosed)
}

// raise opens a sheet that is in the page.
func raise(id string) { byID(id).Call("showModal") }

// sheetHead names a sheet and has the button that closes it.
func (s *state) sheetHead(id, title, closing string) app.UI {
	return el("div.sheet-head").Body(
		app.Elem("h2").ID(id+"-title").Text(title),
		iconButton("close", closing, "", s.onSheetClose).ID(id+"-close"))
}

func (s *state) onSheetClose(app.Context, app.Event) { s.closeDrawer() }

// onSheetCancel is the Esc key, or the system's way back. During a composition it is
// the composition's.
func (s *state) onSheetCancel(ctx app.Context, e app.Event) {
	e.PreventDefault()
	if app.Window().Get("maruComposing").Truthy() {
		ctx.PreventUpdate()
		return
	}
	s.closeDrawer()
}

// onSheetClosed is told that a sheet is closed. If it is still to be there, the browser
// did it without asking, as it does when it is told to twice.
func (s *state) onSheetClosed(_ app.Context, e app.Event) {
	if s.drawer != noDrawer && s.drawer == sheets[e.Get("target").Get("id").String()] {
		s.closeDrawer()
	}
}

// besideSheet tells that a click on a sheet went beside what is on it.
func besideSheet(e app.Event) bool { return e.Get("target").Get("tagName").String() == "DIALOG" }

// onBesideSheet closes a sheet from beside it.
func (s *state) onBesideSheet(ctx app.Context, e app.Event) {
	if besideSheet(e) {
		s.closeDrawer()
		return
	}
	ctx.PreventUpdate()
}
