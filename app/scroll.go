package app

import (
	"math"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
)

// atBottom is how near to the end, in CSS pixels, a reader is at the bottom.
const atBottom = 24

// el returns the log's element: the first in the component's.
func (m *messages) el() app.Value { return m.JSValue().Get("firstElementChild") }

// child returns the element of row i. Rows stand between the blank spaces.
func (m *messages) child(i int) app.Value {
	return m.el().Get("children").Index(1).Get("children").Index(i)
}

// onScroll notes whether the reader is at the bottom, and moves the window when
// there is not enough left around what is seen.
func (m *messages) onScroll(ctx app.Context, _ app.Event) {
	el := m.el()
	top := el.Get("scrollTop").Float()
	if !m.free && top == m.placed {
		ctx.PreventUpdate() // place has scrolled, and has looked already
		return
	}
	left := below(el)
	info, _ := m.State.chat.Room(m.Room)
	// Who goes to the end goes to the last line, however far away it is. That
	// place has put the scroll bar there, by a guess of the heights, is no wish.
	free := left > atBottom || m.free && m.win.hi < info.Len && top == m.placed
	changed := free != m.free
	if changed {
		m.free = free
		m.since = readTo(info)
	}
	if m.free && top != m.placed {
		m.look() // a window that then changes its size alone has nothing newer
	}
	m.load(info)
	m.noteSeen()
	m.fill()
	first, last := m.seen()
	if !changed && (!free || m.win.around(first, last, info.Len) == m.win) {
		ctx.PreventUpdate()
	}
}

// onKeyDown leads to the last line with the End key. The browser would scroll
// there by and by, to where the end was when it began.
func (m *messages) onKeyDown(ctx app.Context, e app.Event) {
	if !composing(e.Value) && !e.Get("ctrlKey").Truthy() && !e.Get("altKey").Truthy() && !e.Get("metaKey").Truthy() && m.rove(ctx, e) {
		e.PreventDefault()
		return
	}
	modified := e.Get("shiftKey").Truthy() || e.Get("altKey").Truthy() || e.Get("metaKey").Truthy()
	if e.Get("key").String() != "End" || modified {
		ctx.PreventUpdate()
		return
	}
	e.PreventDefault()
	m.free = false
}

// scrollLog scrolls the log by a page, from where the composer has the focus.
func scrollLog(up bool) {
	log := document().Call("querySelector", ".log")
	by := 0.9 * log.Get("clientHeight").Float()
	if up {
		by = -by
	}
	log.Call("scrollBy", 0, by)
}

// seen returns the items at the log's upper and lower edge. Beyond the rows
// that are in the page it is guessed from the height of the blank space.
func (m *messages) seen() (first, last int) {
	n := len(m.rows)
	if n == 0 || !m.mounted {
		return m.win.lo, m.win.hi - 1
	}
	el := m.el()
	top := int(el.Get("scrollTop").Float())
	end := top + int(el.Get("clientHeight").Float())
	return m.itemAt(top), m.itemAt(end)
}

func (m *messages) itemAt(y int) int {
	n := len(m.rows)
	above := m.child(0).Get("offsetTop").Int()
	last := m.child(n - 1)
	below := last.Get("offsetTop").Int() + last.Get("offsetHeight").Int()
	switch {
	case y < above && m.height > 0:
		return max(m.win.lo-1-int(float64(above-y)/m.height), 0)
	case y > below && m.height > 0:
		return m.win.hi + int(float64(y-below)/m.height)
	}
	return m.rows[m.rowAt(y)].first
}

func (m *messages) rowAt(y int) int {
	return firstVisible(len(m.rows), y, func(i int) int {
		c := m.child(i)
		return c.Get("offsetTop").Int() + c.Get("offsetHeight").Int()
	})
}

// look notes the first row in view that will still be there, and where it is.
func (m *messages) look() {
	if len(m.rows) == 0 || !m.mounted {
		return
	}
	for i := m.rowAt(int(m.el().Get("scrollTop").Float())); i < len(m.rows); i++ {
		r := m.rows[i]
		if r.above() || r.kind == rowOlder || r.kind == rowGap || r.kind == rowNotice && r.item.Kind == chat.Went {
			continue // who went may be back at once, and then no row tells of it
		}
		m.anchor = anchor{r.item.Key, r.first, m.topOf(i)}
		return
	}
}

// topOf returns how far row i is below the log's upper edge.
func (m *messages) topOf(i int) float64 {
	return m.child(i).Call("getBoundingClientRect").Get("top").Float() -
		m.el().Call("getBoundingClientRect").Get("top").Float()
}

// place puts the scroll bar where the reader was, after the rows have changed:
// all in the same task, so that nobody sees it move.
func (m *messages) place() {
	el := m.el()
	if !el.Truthy() {
		return
	}
	m.space(el)
	if m.free {
		m.restore(el)
	} else {
		el.Set("scrollTop", el.Get("scrollHeight").Float())
	}
	m.uncover(el)
	m.fade()
	m.keepFocused()
	m.placed = el.Get("scrollTop").Float()
	m.noteSeen()
	m.fill()
}

// onOpen keeps the last line in view when what waits to be shown takes its place.
func (m *messages) onOpen(ctx app.Context, e app.Event) {
	if e.Get("animationName").String() == "open" {
		m.place()
	}
	ctx.PreventUpdate()
}

// below returns how far the end is below what is seen, in CSS pixels.
func below(el app.Value) float64 {
	return el.Get("scrollHeight").Float() - el.Get("clientHeight").Float() - el.Get("scrollTop").Float()
}

// uncover brings the tools that stand under a tapped message into view. But for
// that the message has stayed where it was.
func (m *messages) uncover(el app.Value) {
	if !m.tapped {
		return
	}
	m.tapped = false
	if i := rowOf(m.rows, m.State.chat.Index(m.Room, m.active)); i >= 0 {
		m.child(i).Call("scrollIntoView", map[string]any{"block": "nearest"})
		m.anchor = anchor{m.active, m.rows[i].first, m.topOf(i)}
	}
	if below(el) <= atBottom {
		m.free = false
		m.ctx.Dispatch(func(app.Context) {})
	}
}

// toolsHigh is more than the tools of a message take, in CSS pixels, where they
// stand under it.
const toolsHigh = 100

// nearEnd tells that nothing but the tools of a tapped message has taken the reader
// from the bottom.
func (m *messages) nearEnd() bool {
	return m.mounted && m.active != "" && touch() && below(m.el()) < toolsHigh
}

// noteSeen tells what of the room is in view: its last line, and whether the
// unread line is further up.
func (m *messages) noteSeen() {
	m.State.gaze.end = !m.free
	if !m.free && m.State.jump == 0 {
		m.State.dropHash()
	}
	if m.State.look(); m.State.unseen() {
		m.State.wake() // the root may have been drawn before the end came into view
	}
	hidden := false
	if m.unreadAt >= 0 {
		i := rowOf(m.rows, m.unreadAt)
		hidden = m.unreadAt < m.win.lo || i >= 0 && m.topOf(i) < 0
	}
	if hidden != m.hidden {
		m.hidden = hidden
		m.ctx.Dispatch(func(app.Context) {})
	}
}

// fill loads what is missing near to what is seen: its end that the reader
// comes to.
func (m *messages) fill() {
	if !m.free {
		return
	}
	height := m.el().Get("clientHeight").Float()
	for i, r := range m.rows {
		if r.kind != rowGap {
			continue
		}
		switch top := m.topOf(i); {
		case top > -2*height && top < height/2:
			m.State.chat.Fill(m.Room, r.item.Key)
			return
		case top >= height/2 && top < 3*height:
			m.State.chat.FillUp(m.Room, r.item.Key)
			return
		}
	}
}

// restore brings the anchor back to where it was. After a jump out of all rows
// there is none, and what is in view now becomes it.
func (m *messages) restore(el app.Value) {
	i := rowOf(m.rows, m.State.chat.Index(m.Room, m.anchor.key))
	if i < 0 {
		m.look()
		return
	}
	if off := m.topOf(i) - m.anchor.top; math.Abs(off) >= 0.5 {
		el.Set("scrollTop", el.Get("scrollTop").Float()+off)
	}
}

// space gives the blank space about the height of the items that it stands
// for. The height of one is measured once, where there are enough.
func (m *messages) space(el app.Value) {
	n := len(m.rows)
	if items := m.win.hi - m.win.lo; n > 0 && items >= tailMin/2 && m.height == 0 {
		last := m.child(n - 1)
		height := last.Get("offsetTop").Float() + last.Get("offsetHeight").Float() - m.child(0).Get("offsetTop").Float()
		m.height = height / float64(items)
	}
	info, _ := m.State.chat.Room(m.Room)
	blank := [2]int{int(float64(m.win.lo) * m.height), int(float64(max(info.Len-m.win.hi, 0)) * m.height)}
	for i, name := range []string{"firstElementChild", "lastElementChild"} {
		if blank[i] != m.blank[i] {
			el.Get(name).Get("style").Call("setProperty", "height", strconv.Itoa(blank[i])+"px")
		}
	}
	m.blank = blank
}
