package e2e

// mayAsk has the browser say that it was never asked about notifications: without
// a window it says no by itself.
func (p *person) mayAsk() {
	p.t.Helper()
	eval[bool](p, `(Object.defineProperty(Notification, 'permission', { get: () => 'default' }), true)`)
}

// walkSearch looks at the search: before anything is typed, with hits, and with none.
func (p *person) walkSearch() {
	p.t.Helper()
	p.click("#search")
	p.until(`document.activeElement?.id === 'find'`)
	p.accessible("the search")
	p.fill("find", "둘째")
	p.finds("둘째")
	p.accessible("what was found")
	p.click("#find-all")
	p.finds("둘째")
	p.accessible("what was found in all rooms")
	p.fill("find", "그런 말은 없다")
	p.finds()
	p.until(`document.querySelector('.finder .sum').textContent.includes(document.documentElement.lang === 'ko' ? '찾지 못했어요' : 'Nothing')`)
	p.accessible("nothing was found")
	p.click("#find-close")
	p.until(`!document.querySelector('.finder')`)
}

// missesMuch has so much come to the room in view while the person is away that a gap is
// left.
func (p *person) missesMuch(s *server, w *wire, room string) {
	p.t.Helper()
	p.toLatest()
	p.lookAway()
	w.set(true)
	p.until(`!document.querySelector('#maru[data-link="online"]')`)
	writer := newStock(p.t, s.url)
	writer.emit("join", map[string]string{"username": "하늘", "room": room})
	writer.writes(0, 620)
	w.set(false)
	eval[bool](p, `window.dispatchEvent(new Event('online'))`)
	p.until(`document.querySelector('.gap') && document.querySelector('#to-unread')`)
}

// walkUnread has so much come while the person is away that a gap is left, and a
// message refused; meanwhile there is a new version.
func (p *person) walkUnread(s *server, w *wire) {
	p.t.Helper()
	p.missesMuch(s, w, "기획팀")
	p.accessible("what was missed")
	p.toUnread()
	p.accessible("the first of what is unread")
	p.lookBack()
	p.toLatest()
	p.failNext("못 간 말")
	eval[bool](p, `(goappOnUpdate(), true)`)
	p.until(`document.querySelector('#toast')`)
	p.accessible("a message that was refused, and a new version")
	p.click(`.msg.failed [data-do="discard"]`)
	p.until(`!document.querySelector('.msg.failed')`)
}

// walkLeaving asks to leave while something is not sent.
func (p *person) walkLeaving(l look) {
	p.t.Helper()
	p.send("아직 못 간 말")
	p.until(`document.querySelector('.pending')`)
	p.accessible("a message that waits")
	if l.touch {
		p.click(".head .only-s")
		p.until(`document.querySelector('.show-rooms')`)
		p.still()
	}
	p.click("#leave")
	p.until(`document.activeElement.id === 'leave-not'`)
	p.accessible("the question whether to leave")
}
