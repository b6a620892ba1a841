package app

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
)

// path returns the path of the page's address, as it is escaped there.
func path() string {
	p := app.Window().Get("location").Get("pathname")
	if !p.Truthy() {
		return "/"
	}
	return p.String()
}

// show goes to a room that one is in, or wants to be in; "" is the join page.
// An open drawer's place in the history is taken over, so that the way back
// does not lead through it.
func (s *state) show(room string) {
	method := "pushState"
	if s.drawer != noDrawer || pathOf(room) == path() {
		method = "replaceState"
	}
	s.saveDraft()
	s.editing, s.picking = chat.Item{}, false
	app.Window().Get("history").Call(method, nil, "", pathOf(room))
	s.drawer, s.tip, s.asked, s.refusal, s.aside = noDrawer, noTip, "", nil, nil
	s.renaming, s.leaving, s.lost = false, false, false
	s.enter(room)
	if room == "" {
		return
	}
	if _, ok := s.chat.Room(room); !ok {
		s.chat.Enter(room, s.nameIn(room))
	}
	s.entered(room)
}

// openDrawer slides a pane in. It gets a place in the history, so that the
// system's way back closes it.
// One that takes the place of another takes over its place there as well, and
// what had the focus before it.
func (s *state) openDrawer(d drawer, opener app.Value) {
	if s.drawer != noDrawer {
		s.drawer = d
		return
	}
	s.drawer, s.opener = d, opener
	app.Window().Get("history").Call("pushState", nil, "", app.Window().Get("location").Get("href"))
}

// closeDrawer goes the way back that openDrawer made; onBack then closes it.
func (s *state) closeDrawer() {
	if s.drawer != noDrawer {
		app.Window().Get("history").Call("back")
	}
}

// saveDraft keeps what stands in the composer for the room in view.
func (s *state) saveDraft() {
	if !s.forgotten && s.editing.Key == "" && s.inRoom() && byID("composer").Truthy() {
		s.keep.setDraft(s.room, valueOf("composer"))
	}
}
