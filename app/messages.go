package app

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/text"
)

// messages is the log of the room in view. However long the room is, the page
// has the rows around what is seen alone; above and below them is blank space.
// What the reader sees stands still while lines come in above it.
type messages struct {
	app.Compo

	State   *state
	Lang    text.Lang
	Room    string
	Rev     int64
	Phase   chat.Phase
	Loading bool
	Online  bool
	Jump    int64 // the seq of the line to go to; 0: none
	Line    int64 // the place of the unread line: it is counted after the lines may have been drawn,
	Behind  int   // as are the posts of others behind it

	ctx      app.Context
	mounted  bool
	shown    string // the room that the rest is of
	opened   bool   // something of it was there to be shown
	win      span
	rows     []*row
	free     bool    // the reader is not at the bottom
	anchor   anchor  // what stands still then
	placed   float64 // where place has put the scroll bar
	height   float64
	blank    [2]int  // the blank space above and below, in CSS pixels
	since    reading // what came in while the reader was not at the bottom
	last     string  // the last line: a new one of one's own leads to the bottom
	newFrom  int     // the first line that has just come; -1: none
	faded    time.Time
	target   string  // the line to go to, by its key
	aim      int64   // the place behind which the line to go to stands; -1: none
	targetAt float64 // and how far below the log's upper edge it is to be
	unread   string  // the first line that was not read at the start of the visit, by its key
	unreadAt int     // its index; -1: there is none
	hidden   bool    // it is above what is seen
	active   string  // the message whose tools are there, by its key
	tapped   bool    // they have just come or gone on a screen that is touched
	deleting bool    // and the person is asked whether to delete it
	roving   bool    // a row, or something in it, has the focus
	found    string  // the line that was gone to last, to be shown as such

	resized  app.Func
	observer app.Value
}

// anchor is a row, by the key of its first item, and how far its top is below
// the log's.
type anchor struct {
	key   string
	index int
	top   float64
}

func (m *messages) OnMount(ctx app.Context) {
	m.ctx, m.mounted = ctx, true
	m.resized = app.FuncOf(func(app.Value, []app.Value) any {
		m.place() // the keyboard came up, or the composer grew: the last line stays in view
		return nil
	})
	m.observer = app.Window().Get("ResizeObserver").New(m.resized)
	m.observer.Call("observe", m.el())
	m.place()
}

func (m *messages) OnDismount() {
	m.mounted = false
	if m.observer != nil {
		m.observer.Call("disconnect")
		m.resized.Release()
	}
}

func (m *messages) Render() app.UI {
	m.State.countUnread() // as in root: this may be drawn by itself
	info, _ := m.State.chat.Room(m.Room)
	m.choose(info)
	m.load(info)
	if m.mounted {
		m.ctx.Defer(func(app.Context) { m.place() })
	}
	lines := make([]app.UI, 0, len(m.rows)+1)
	for _, r := range m.rows {
		lines = append(lines, m.line(r, info))
	}
	lines = append(lines, m.empty(info))
	log := app.Elem("section").Class("log").Attr("role", "log").Attr("aria-live", "off").
		Attr("aria-label", m.Lang.T(text.LogLabel, m.Room)).TabIndex(0).
		OnScroll(m.onScroll, app.PassiveEvent()).OnKeyDown(m.onKeyDown).OnClick(m.onClick).
		OnMouseMove(m.onPoint).OnMouseLeave(m.onLeave).On("focusin", m.onFocusIn).On("focusout", m.onFocusOut).On("animationstart", m.onOpen).Body(
		app.Elem("div").Class("above").Attr("aria-hidden", "true"),
		app.Elem("div").Class("lines").Body(lines...),
		app.Elem("div").Class("below").Attr("aria-hidden", "true"),
	)
	return app.Elem("div").Class("stage").Body(log, m.bones(), m.earlier(), m.latest())
}

// choose decides which items are in the page, and makes their rows.
func (m *messages) choose(info chat.Room) {
	if m.shown != m.Room {
		m.shown, m.opened, m.free, m.win, m.since, m.rows, m.last, m.target, m.aim, m.active = m.Room, false, false, span{}, reading{}, nil, "", "", -1, ""
	}
	before := m.last
	m.follow(info)
	m.arrived(info, before)
	m.unreadAt, m.unread = -1, ""
	if g := m.State.reading[m.Room]; g != nil && g.line > 0 {
		m.unreadAt, m.unread = firstBehind(m.State.chat, info, g.line)
	}
	m.jump()
	if m.free {
		m.hold(info)
	} else {
		m.win = m.win.tail(info.Len)
	}
	m.rows = m.build(info.Len)
	if m.opened = m.opened || !m.opening(info); !m.opened {
		m.rows = nil
	}
}

// follow counts what is new for a reader who is not at the bottom, and leads
// there when a message of one's own was written.
func (m *messages) follow(info chat.Room) {
	last := ""
	if items := m.State.chat.Items(m.Room, info.Len-1, info.Len); len(items) > 0 {
		last = items[0].Key
		if m.free && last != m.last && items[0].State == chat.Pending {
			m.free = false
		}
	}
	m.last = last
	if !m.free {
		m.since = reading{}
		return
	}
	m.since.count(m.State.chat, info)
}

// jump goes to the line that was asked for, as soon as it is loaded. Until then
// the reader stays.
func (m *messages) jump() {
	seq := m.State.jump
	if seq == 0 {
		return
	}
	key, missing := m.State.chat.At(m.Room, seq)
	if missing || key == "" {
		return
	}
	m.State.jump = 0
	m.free, m.target, m.targetAt, m.found = true, key, targetTop, key
	if m.mounted {
		m.ctx.Defer(func(app.Context) { m.focusAnchor() })
	}
}

// targetTop is how far below the log's upper edge, in CSS pixels, a line is that
// was gone to: some of what was read before stays in view.
const targetTop = 80

// hold keeps the window where the reader is, although items came in above.
func (m *messages) hold(info chat.Room) {
	if m.aim >= 0 {
		_, m.target = firstBehind(m.State.chat, info, m.aim)
		m.aim, m.targetAt = -1, targetTop
	}
	index := m.State.chat.Index(m.Room, m.target)
	if m.target != "" && index >= 0 {
		m.anchor = anchor{m.target, index, m.targetAt}
		m.target = ""
		m.win = m.win.around(index, index+near, info.Len)
		return
	}
	m.look()
	index = m.State.chat.Index(m.Room, m.anchor.key)
	if index < 0 {
		index = clamp(m.anchor.index, info.Len)
	}
	delta := index - m.anchor.index
	m.win = m.win.moved(delta, info.Len)
	first, last := m.seen()
	m.win = m.win.around(first+delta, last+delta, info.Len)
}

// build makes the rows of the window, which grows by the runs of notices that
// cross its edges. What is around it tells which notices are shown. Rows that are as they were are the same ones, by which they
// are known not to need drawing.
func (m *messages) build(n int) []*row {
	from, to := max(m.win.lo-context, 0), min(m.win.hi+context, n)
	items := m.State.chat.Items(m.Room, from, to)
	lo, hi := wholeRuns(items, m.win.lo-from, min(m.win.hi-from, len(items)))
	m.win = span{from + lo, from + hi}
	rows := buildRows(visible(items, from, m.State.greeting(m.Room, items)), m.win.lo, m.win.hi, m.unread, m.State.local)
	before := make(map[rowID]*row, len(m.rows))
	for _, r := range m.rows {
		before[r.id()] = r
	}
	out := make([]*row, len(rows))
	for i := range rows {
		if old := before[rows[i].id()]; old != nil && old.same(rows[i]) {
			old.first, old.last = rows[i].first, rows[i].last
			out[i] = old
		} else {
			out[i] = &rows[i]
		}
	}
	return out
}

// load asks for older lines when the reader comes near the first.
func (m *messages) load(info chat.Room) {
	if !info.More || info.Loading || info.Phase != chat.Inside || !m.mounted || m.win.lo > 0 {
		return
	}
	if el := m.el(); el.Get("scrollTop").Float() < 2*el.Get("clientHeight").Float() {
		m.State.chat.Older(m.Room)
	}
}

// opening tells that what was said last is on its way, and nothing of it is there.
// Until it is, nothing else is shown, which it would push away.
func (m *messages) opening(info chat.Room) bool {
	return (info.Len == 0 && info.Phase == chat.Joining || info.More && info.Loading && m.win.lo == 0) && !m.anyPost()
}

// bones stand for what is on its way. They lie over the log, so that nothing moves
// when it comes.
func (m *messages) bones() app.UI {
	if m.opened {
		return nil
	}
	return app.Elem("div").Class("bones").Attr("aria-hidden", "true").
		Body(app.Elem("i"), app.Elem("i"), app.Elem("i"), app.Elem("i"), app.Elem("i"), app.Elem("i"))
}

// empty is what stands in the log of a room in which nothing was said.
func (m *messages) empty(info chat.Room) app.UI {
	if info.Phase == chat.Inside && !info.More && !info.Loading && m.win.lo == 0 && !m.anyPost() {
		return el("div.empty").Body(app.Elem("p").Body(app.Elem("b").Text(m.Lang.T(text.LogEmpty)), app.Text(m.Lang.T(text.LogQuiet))),
			el("div.inviting").Body(
				el("button.plain type=button data-do=invite").Body(icon("share"), app.Elem("span").Text(m.Lang.T(text.RoomInvite))),
				el("button.plain type=button data-do=code").Text(m.Lang.T(text.InviteByCode))))
	}
	return nil
}

func (m *messages) anyPost() bool {
	for _, r := range m.rows {
		if r.kind == rowPost {
			return true
		}
	}
	return false
}

// latest is the way to the newest message, with how many came in meanwhile.
func (m *messages) latest() app.UI {
	if !m.free || m.since.n == 0 && m.nearEnd() {
		return nil
	}
	label := m.Lang.T(text.LogLatest)
	if m.since.n > 0 {
		label = m.Lang.N(text.LogNew, m.since.n)
	}
	return app.Elem("button").Attr("type", "button").Class("latest").DataSet("new", strconv.Itoa(m.since.n)).OnClick(m.onLatest).
		Body(icon("down"), app.Elem("span").Text(label))
}

// earlier is the way up to what was not read at the start of the visit.
func (m *messages) earlier() app.UI {
	if !m.hidden || m.unreadAt < 0 {
		return nil
	}
	return app.Elem("div").Class("earlier").Body(
		app.Elem("button").Attr("type", "button").ID("to-unread").OnClick(m.onEarlier).
			Body(icon("up"), app.Elem("span").Text(m.Lang.N(text.LogUnreadAbove, m.Behind))),
		app.Elem("button").Attr("type", "button").ID("read-all").OnClick(m.onReadAll).Text(m.Lang.T(text.LogReadAll)))
}

func (m *messages) onEarlier(app.Context, app.Event) {
	m.hidden = false
	if g := m.State.reading[m.Room]; g != nil && g.line > 0 {
		m.goBehind(g.line)
	}
}

func (m *messages) onReadAll(app.Context, app.Event) {
	m.State.readAll()
	m.hidden = false
	toComposer()
}

// onLatest leads to the first message that was not read, and from there to the
// last one.
func (m *messages) onLatest(app.Context, app.Event) {
	info, _ := m.State.chat.Room(m.Room)
	if index, _ := firstBehind(m.State.chat, info, m.since.read); m.since.n > 0 && index >= 0 {
		m.goBehind(m.since.read)
		m.since = readTo(info)
		return
	}
	m.free, m.State.jump = false, 0
	focus(m.el())
}

// goBehind brings the first line behind a place that is to be read into view, and puts
// the focus on it. Which one that is, is asked when it is drawn: a gap that is being
// filled is another one by then.
func (m *messages) goBehind(seq int64) {
	m.free, m.aim = true, seq
	m.ctx.Defer(func(app.Context) { m.focusAnchor() })
}

// focusAnchor puts the focus on the line that was gone to.
func (m *messages) focusAnchor() {
	if i := rowOf(m.rows, m.State.chat.Index(m.Room, m.anchor.key)); i >= 0 {
		el := m.child(i)
		el.Call("setAttribute", "tabindex", "-1")
		focus(el)
		if m.anchor.key == m.found {
			flash(el)
		}
	}
}

// flash shows for a moment which line was gone to.
func flash(el app.Value) {
	classes := el.Get("classList")
	classes.Call("remove", "found")
	el.Get("offsetWidth") // so that it begins anew
	classes.Call("add", "found")
}

// onClick serves the buttons of all rows: what they do and for which line
// stands at them, so no handler is left behind when rows change places.
func (m *messages) onClick(ctx app.Context, e app.Event) {
	if a := e.Get("target").Call("closest", "a[href]"); a.Truthy() && m.onLink(ctx, e, a) {
		return
	}
	button := e.Get("target").Call("closest", "[data-do]")
	if !button.Truthy() {
		m.onTap(ctx, e)
		return
	}
	c, data := m.State.chat, button.Get("dataset")
	id, do := data.Get("id").String(), data.Get("do").String()
	switch do {
	case "retry":
		c.Retry(m.Room, id)
	case "discard":
		c.Discard(m.Room, id)
	case "fill":
		c.Fill(m.Room, id)
	case "invite":
		m.copy(inviteLink(m.Room))
		return
	case "code":
		m.State.openDrawer(inviteDrawer, button)
		return
	default:
		m.act(ctx, do, button)
		return
	}
	toComposer()
}
