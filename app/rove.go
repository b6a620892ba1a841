package app

import (
	"math"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// The log is one stop of the Tab key. Within it the arrow keys go from message
// to message, so that nobody has to pass a hundred of them to get out.

// rove moves the focus with a key, and tells whether that was its key.
func (m *messages) rove(ctx app.Context, e app.Event) bool {
	row := e.Get("target").Call("closest", ".lines > *")
	switch e.Get("key").String() {
	case "ArrowUp":
		m.step(row, "previousElementSibling", m.lastInView)
	case "ArrowDown":
		m.step(row, "nextElementSibling", m.lastInView)
	case "Home":
		if !row.Truthy() {
			return false
		}
		m.focusRow(m.el().Call("querySelector", ".msg"))
	case "End":
		if !row.Truthy() {
			return false
		}
		m.free = false
		m.ctx.Defer(func(app.Context) { m.focusRow(m.lastPost()) })
	case "PageUp":
		return m.page(row, "previousElementSibling")
	case "PageDown":
		return m.page(row, "nextElementSibling")
	case "Enter":
		if !row.Truthy() || !e.Get("target").Equal(row) {
			return false
		}
		m.activateAt(row)
		m.ctx.Defer(func(app.Context) { focus(firstOf(row, ".tools button", "button, a")) })
	case "Escape":
		return m.escape(row, e.Get("target"))
	default:
		return false
	}
	return true
}

// firstOf finds what is the first to do with a row, by selectors.
func firstOf(row app.Value, selectors ...string) (found app.Value) {
	for _, s := range selectors {
		if found = row.Call("querySelector", s); found.Truthy() {
			break
		}
	}
	return found
}

// escape goes from a message's buttons to the message, and from there to the
// composer.
func (m *messages) escape(row, target app.Value) bool {
	switch {
	case m.deleting:
		m.deleting = false
		focus(row)
	case row.Truthy() && !target.Equal(row):
		focus(row)
	default:
		m.State.dropLine()
		m.activate("")
		focus(byID("composer"))
	}
	return true
}

// page goes as far as the log is high, if a row has the focus; without one the browser
// scrolls.
func (m *messages) page(row app.Value, way string) bool {
	if !row.Truthy() {
		return false
	}
	edge := func(of app.Value, side string) float64 { return of.Call("getBoundingClientRect").Get(side).Float() }
	top := func(of app.Value) float64 { return edge(of, "top") }
	from, height := top(row), m.el().Get("clientHeight").Float()
	more := from < top(m.el())
	if way == "nextElementSibling" {
		more = edge(row, "bottom") > edge(m.el(), "bottom")
	}
	if more && edge(row, "bottom")-from > height {
		return false // the browser scrolls within what is higher than the log
	}
	to := row
	for next := row.Get(way); next.Truthy() && (to.Equal(row) || math.Abs(top(next)-from) < height); next = next.Get(way) {
		if next.Call("matches", canRove).Truthy() {
			to = next
		}
	}
	m.focusRow(to)
	return true
}

// canRove selects the rows that the focus can go to.
const canRove = ".msg, .notice, .gap"

// keepFocused puts the focus on the log when the row that had it is no longer in the
// page, so that the keys go on.
func (m *messages) keepFocused() {
	if m.roving && document().Get("activeElement").Equal(document().Get("body")) {
		focus(m.el())
	}
}

// step goes to the next row that can be gone to, or to where one begins.
func (m *messages) step(row app.Value, way string, begin func() app.Value) {
	if !row.Truthy() {
		m.focusRow(begin())
		return
	}
	for next := row.Get(way); next.Truthy(); next = next.Get(way) {
		if next.Call("matches", canRove).Truthy() {
			m.focusRow(next)
			return
		}
	}
}

// lastInView is the last message that is seen whole, or at least begins in view.
func (m *messages) lastInView() app.Value {
	end := m.el().Call("getBoundingClientRect").Get("bottom").Float()
	var last app.Value
	for i := range m.rows {
		c := m.child(i)
		if m.rows[i].kind == rowPost && c.Call("getBoundingClientRect").Get("top").Float() < end-8 {
			last = c
		}
	}
	return last
}

// lastPost is the last message that is in the page.
func (m *messages) lastPost() app.Value {
	for i := len(m.rows) - 1; i >= 0; i-- {
		if m.rows[i].kind == rowPost {
			return m.child(i)
		}
	}
	return nil
}

// focusRow puts the focus on a row and brings it into view.
func (m *messages) focusRow(row app.Value) {
	if row == nil || !row.Truthy() {
		return
	}
	row.Call("setAttribute", "tabindex", "-1")
	row.Call("scrollIntoView", map[string]any{"block": "nearest"})
	focus(row)
}

// dropLine takes the unread line away, for who says so with the Esc key.
func (s *state) dropLine() {
	if g := s.reading[s.room]; g != nil {
		g.erase()
	}
}
