package e2e

import (
	"net/url"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// swipe moves a finger over the page in a few steps.
func (p *person) swipe(fromX, fromY, toX, toY float64) {
	p.t.Helper()
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		command(p, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: append([]*input.TouchPoint{}, points...)})
	}
	const steps = 5
	touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: fromX, Y: fromY})
	for i := range steps {
		part := float64(i+1) / steps
		touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: fromX + part*(toX-fromX), Y: fromY + part*(toY-fromY)})
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
}

// On a phone a finger from the edge inwards brings the rooms or the people, and the
// way back takes them away; scrolling does neither.
func TestSwipesOnAPhone(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{width: 390, height: 700, touch: true}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	minjun.fillRoom(30)
	soi.until(`document.querySelectorAll('.log .msg').length >= 20`)
	before := eval[int](soi, `history.length`)
	soi.swipe(40, 300, 200, 310)
	soi.until(`document.querySelector('.show-rooms')`)
	soi.still()
	soi.swipe(250, 300, 90, 310)
	soi.until(`!document.querySelector('.show-rooms')`)
	soi.still()
	soi.swipe(350, 300, 190, 310)
	soi.until(`document.querySelector('.show-people')`)
	soi.still()
	soi.swipe(150, 300, 320, 310)
	soi.until(`!document.querySelector('.show-people')`)
	soi.still()
	top := `document.querySelector('.log').scrollTop`
	from := eval[float64](soi, top)
	soi.swipe(40, 200, 110, 500) // aside, too, but for the log
	soi.until(top + " < " + quoteFloat(from-100))
	soi.painted()
	if eval[bool](soi, `Boolean(document.querySelector('.show-rooms, .show-people'))`) {
		t.Error("scrolling has opened a drawer")
	}
	if after := eval[int](soi, `history.length`); after > before+1 {
		t.Errorf("the way back has become %d longer", after-before)
	}
	if got := eval[string](soi, `location.pathname`); got != "/r/"+url.PathEscape("기획팀") {
		t.Errorf("the page is %s", got)
	}
}
