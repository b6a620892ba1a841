package app

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// swipe is a finger's way over the page. From the left edge inwards it brings the
// rooms, from the right one the people, where these are drawers; the way back closes
// them. There is a button for each of that.
type swipe struct {
	on     bool // one finger is on the page, where a swipe may begin
	x, y   float64
	width  float64
	within bool // beyond both edges
}

const (
	swipeEdge = 0.2 // of the page's width: the system has the outermost edge for itself
	swipeFar  = 64  // CSS pixels that are meant
	swipeFlat = 2   // times further aside than up or down
)

// begin notes where a finger was put down.
func (w *swipe) begin(x, y, width float64, on bool) {
	*w = swipe{on: on, x: x, y: y, width: width, within: x > swipeEdge*width && x < (1-swipeEdge)*width}
}

// end tells what a finger that was lifted meant: the drawer to open, or to close the
// one that is open.
func (w *swipe) end(x, y float64, open drawer) (to drawer, closes bool) {
	aside, up := x-w.x, y-w.y
	right := aside > 0
	if !w.on || max(aside, -aside) < swipeFar || max(aside, -aside) < swipeFlat*max(up, -up) {
		return noDrawer, false
	}
	switch {
	case open == roomsDrawer && !right, open == peopleDrawer && right:
		return noDrawer, true
	case open != noDrawer || w.within:
	case right && w.x < w.width/2:
		return roomsDrawer, false
	case !right && w.x > w.width/2:
		return peopleDrawer, false
	}
	return noDrawer, false
}

// watchSwipes follows fingers. The listeners are passive: nothing waits for them.
func (r *root) watchSwipes() {
	var w swipe
	listen(document(), "touchstart", func(e app.Value) {
		touches := e.Get("touches")
		at := touches.Index(0)
		// What can be moved aside itself, and what is written into, has its own swipes.
		own := e.Get("target").Call("closest", "pre, input, textarea, dialog, .picker").Truthy() || zoomed()
		w.begin(at.Get("clientX").Float(), at.Get("clientY").Float(), app.Window().Get("innerWidth").Float(), touches.Length() == 1 && !own)
	})
	if view := app.Window().Get("visualViewport"); view.Truthy() {
		listen(view, "resize", func(app.Value) {
			document().Get("documentElement").Call("toggleAttribute", "data-zoomed", zoomed())
		})
	}
	listen(document(), "touchcancel", func(app.Value) { w.on = false })
	listen(document(), "touchend", func(e app.Value) {
		at := e.Get("changedTouches").Index(0)
		w.on = w.on && app.Window().Call("getSelection").Get("isCollapsed").Truthy() // else text is being chosen
		to, closes := w.end(at.Get("clientX").Float(), at.Get("clientY").Float(), r.State.drawer)
		w.on = false
		if to != noDrawer || closes {
			r.ctx.Dispatch(func(app.Context) { r.swiped(to) })
		}
	})
}

// zoomed tells that the page is larger than the screen shows: a finger moves it.
func zoomed() bool {
	view := app.Window().Get("visualViewport")
	return view.Truthy() && view.Get("scale").Float() > 1.01
}

// swiped opens a drawer if it is one on a page this wide, or closes the one that is
// open.
func (r *root) swiped(to drawer) {
	s := r.State
	switch {
	case to == noDrawer:
		s.closeDrawer()
	case s.inRoom() && s.aside == nil && isDrawer(to):
		s.openDrawer(to, document().Get("activeElement"))
	}
}

// isDrawer tells whether a pane slides in on a page this wide, rather than stand
// beside the conversation.
func isDrawer(d drawer) bool {
	if d == roomsDrawer {
		return !media("(min-width: 720px)")
	}
	return !media("(min-width: 1024px)")
}
