package app

import (
	"slices"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// aside is where one was before the connection page.
type aside struct {
	room   string // in view, or waited for; empty: the card, or nowhere
	behind bool   // it is one step back in the history
}

// stepAside notes that the connection page is in view, and what the way back
// leads to.
func (s *state) stepAside(behind bool) {
	room := s.room
	if s.asked != "" {
		room = s.asked
	}
	if s.aside == nil {
		s.aside = &aside{room: room, behind: behind}
	}
	s.room, s.asked, s.refusal, s.drawer, s.tip = "", "", nil, noDrawer, noTip
}

// showConnection goes to the connection page. What was typed into the card is
// there again on the way back.
func (s *state) showConnection() {
	method := "pushState"
	if s.drawer != noDrawer {
		method = "replaceState"
	}
	s.saveDraft()
	handed = handover{name: valueOf("name"), room: valueOf("room")}
	app.Window().Get("history").Call(method, nil, "", connectionPath)
	s.stepAside(s.asked == "")
}

// backRoom is the room that the way back leads to; "" is the card.
func (s *state) backRoom() string {
	rooms := s.chat.Rooms()
	if s.aside.room == "" && !s.aside.behind && len(rooms) > 0 {
		return rooms[len(rooms)-1]
	}
	return s.aside.room
}

// back goes where one was before the connection page.
func (s *state) back() {
	if s.aside.behind {
		app.Window().Get("history").Call("back") // onBack does the rest
		return
	}
	room := s.backRoom()
	if slices.Contains(s.chat.Rooms(), room) {
		s.show(room)
	} else {
		app.Window().Get("history").Call("pushState", nil, "", pathOf(room))
		s.open(pathOf(room))
	}
	s.refresh()
}

// connectionLink leads to the connection page.
func connectionLink(s *state) app.HTMLElem {
	return app.Elem("a").ID("to-connection").Attr("href", connectionPath).OnClick(s.onConnectionLink)
}

func (s *state) onConnectionLink(ctx app.Context, e app.Event) {
	if within(ctx, e) {
		s.showConnection()
	}
}

// within tells whether a click on a link is to be followed within the page. One
// that the person wants in another tab is the browser's.
func within(ctx app.Context, e app.Event) bool {
	if e.Get("ctrlKey").Truthy() || e.Get("metaKey").Truthy() || e.Get("shiftKey").Truthy() {
		ctx.PreventUpdate()
		return false
	}
	e.PreventDefault()
	e.Call("stopPropagation") // go-app follows links, too
	return true
}
