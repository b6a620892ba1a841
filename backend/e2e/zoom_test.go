package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// inside checks that nothing sticks out of the window, and that nothing within it
// has to be scrolled sideways but code.
func (p *person) inside(where string) {
	p.t.Helper()
	p.still()
	if out := p.overflow(); len(out) > 0 {
		p.t.Errorf("%s: %q stick out", where, out)
	}
	if out := eval[[]string](p, `[...document.querySelectorAll('#maru *')].filter(e => {
		if (!e.checkVisibility({ visibilityProperty: true }) || e.closest('pre, svg, .vh')) return false;
		const box = e.getBoundingClientRect(), style = getComputedStyle(e);
		const cut = box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5) && e.matches('button, a, input, textarea, select, li, p, td, th, label');
		return cut || ['auto', 'scroll'].includes(style.overflowX) && e.scrollWidth > e.clientWidth + 1;
	}).map(e => e.tagName + '.' + e.className + '#' + e.id)`); len(out) > 0 {
		p.t.Errorf("%s: %q are cut off", where, out)
	}
}

// On a narrow phone, and on a desktop at 400 % (320 px) and at 200 %, all that
// opens fits the window too, whatever is in it.
func TestNothingSticksOutOfWhatOpens(t *testing.T) {
	for _, l := range []look{
		{lang: "ko-KR", width: 320, height: 568, touch: true},
		{lang: "en-GB", width: 320, height: 256},
		{lang: "ko-KR", width: 640, height: 512},
	} {
		t.Run(fmt.Sprintf("%s-%d-%d", l.lang, l.width, l.height), func(t *testing.T) { openAll(t, l) })
	}
}

func openAll(t *testing.T, l look) {
	long := strings.Repeat("가나다라마바사아자차", 4)
	s := startServer(t, "MARU_LIMITS=off")
	w := newWire(t, s.url)
	soi := newPerson(t, l)
	soi.expect(lostConnection)
	soi.open(w.url + "/r/" + url.PathEscape(long))
	soi.online()
	soi.fill("name", strings.Repeat("뷁", 24))
	soi.click("#enter")
	soi.inRoom(long)
	for _, text := range []string{"찾을말 " + strings.Repeat("ㅋ", 300), "찾을말 https://example.com/" + strings.Repeat("long-path/", 30)} {
		soi.send(text)
	}
	soi.until(`document.querySelectorAll('.log .msg:not(.pending)').length === 2`)
	soi.click("#search")
	soi.until(`document.activeElement?.id === 'find'`)
	soi.inside("the search")
	soi.click("#find-all")
	soi.fill("find", "찾을말")
	soi.finds("찾을말", "찾을말")
	soi.inside("what was found")
	soi.click("#find-close")
	soi.until(`!document.querySelector('.finder')`)
	soi.click("#to-emoji")
	soi.until(`document.querySelector('#emoji')`)
	soi.inside("emoji")
	soi.click("#emoji [aria-label]")
	soi.until(`!document.querySelector('#emoji')`)
	soi.click(".head .only-s")
	soi.until(`document.querySelector('.show-rooms')`)
	soi.inside("the rooms")
	soi.click("#to-settings")
	soi.until(`document.querySelector('#settings[open]')`)
	soi.inside("the settings")
	eval[bool](soi, `(document.getElementById('maru.size-xl').click(), true)`)
	soi.until(`document.documentElement.dataset.size === 'xl'`)
	soi.inside("the settings in large text")
	eval[bool](soi, `(document.getElementById('maru.size-').click(), true)`)
	soi.click("#forget")
	soi.until(`document.querySelector('#forget-not')`)
	soi.inside("the question whether to forget")
	soi.click("#settings-close")
	soi.until(`!document.querySelector('#settings')`)
	soi.gapFits(s, w, long)
}

// gapFits goes on to a room with a gap in it, and to the connection.
func (p *person) gapFits(s *server, w *wire, room string) {
	p.t.Helper()
	p.missesMuch(s, w, room)
	p.inside("what was missed")
	p.toUnread()
	p.inside("the first of what is unread")
	p.click(".head .only-s")
	p.until(`document.querySelector('.show-rooms')`)
	p.still()
	p.click("#to-connection")
	p.until(`document.querySelectorAll('.ways .tag').length >= 3`)
	p.inside("the connection, while it is tried")
	p.until(`document.querySelector('#again').getAttribute('aria-disabled') === 'false'`)
	p.inside("the connection")
}
