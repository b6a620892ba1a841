package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// overflow returns what sticks out of the window to the right.
func (p *person) overflow() []string {
	p.t.Helper()
	return eval[[]string](p, `(() => {
		const width = document.documentElement.clientWidth;
		if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return [];
		return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 0.5)
			.map(e => e.tagName + '.' + e.className + '#' + e.id);
	})()`)
}

// At 320 px, the narrowest that WCAG 1.4.10 asks for, nothing sticks out, in
// either language, whatever is written.
func TestNothingSticksOutAt320(t *testing.T) {
	long := strings.Repeat("가나다라마바사아자차", 4)
	for _, lang := range []string{"ko-KR", "en-GB"} {
		s := startServer(t)
		soi := newPerson(t, look{lang: lang, width: 320, height: 568, touch: true})
		check := func(where string) {
			t.Helper()
			if out := soi.overflow(); len(out) > 0 {
				t.Errorf("%s, %s: %q stick out", lang, where, out)
			}
		}
		soi.open(s.url + "/r/" + url.PathEscape(long))
		check("the frame")
		soi.online()
		check("the first page")
		soi.fill("name", "")
		soi.click("#enter")
		soi.until(`document.querySelector('#join .error[role=alert]')`)
		check("a refusal")
		soi.fill("name", strings.Repeat("뷁", 24))
		soi.click("#enter")
		soi.inRoom(long)
		check("the empty room")
		if height := eval[float64](soi, `document.getElementById('composer').getBoundingClientRect().height`); height > 41 {
			t.Errorf("%s: the empty field is %v px high, more than a line", lang, height)
		}
		for _, text := range []string{
			strings.Repeat("https://example.com/", 20), strings.Repeat("ㅋ", 500),
			"```\n" + strings.Repeat("socket.emit('join', {}) ", 20) + "\n```", "`" + strings.Repeat("x", 300) + "`",
		} {
			soi.typeInto("composer", text)
			check("a full composer")
			soi.click("#send")
			soi.until(`document.getElementById('composer').value === ''`)
		}
		soi.until(`document.querySelectorAll('.log .msg:not(.pending)').length === 4`)
		check("the room")
		soi.click("#invite")
		soi.until(`document.querySelector('#invitation[open]')`)
		check("inviting")
		soi.click("#invitation-close")
		soi.until(`!document.querySelector('#invitation')`)
	}
}

// On a touch keyboard Enter breaks the line, and the button sends.
func TestTouchKeyboardBreaksTheLine(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{width: 390, height: 844, touch: true})
	soi.join(s.url, "소이", "기획팀")
	soi.typeInto("composer", "하나")
	soi.enterKey()
	soi.typeInto("composer", "둘")
	soi.click("#send")
	soi.hears("소이", "하나\n둘")
}
