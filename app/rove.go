package app

import (
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
	case "Enter":
		if !row.Truthy() || !e.Get("target").Equal(row) {
			return false
		}
		m.activateAt(row)
		m.ctx.Defer(func(app.Context) { focus(row.Call("querySelector", "button, a")) })
	case "Escape":
		return m.escape(row, e.Get("target"))
	default:
		return false
	}
	return true
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
		focus(byID("composer"))
	}
	return true
}

// step goes to the next row that can be gone to, or to where one begins.
func (m *messages) step(row app.Value, way string, begin func() app.Value) {
	if !row.Truthy() {
		m.focusRow(begin())
		return
	}
	for next := row.Get(way); next.Truthy(); next = next.Get(way) {
		if next.Call("matches", ".msg, .notice, .gap").Truthy() {
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
