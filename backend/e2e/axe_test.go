package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
)

// axeSource is axe-core, as backend/e2e/setup installs it.
const axeSource = "axe/node_modules/axe-core/axe.min.js"

// accessible fails the test for each barrier that axe-core finds in the page as it
// is now, by the rules of WCAG 2.2 AA and its own.
func (p *person) accessible(where string) {
	p.t.Helper()
	if !eval[bool](p, `Boolean(window.axe)`) {
		source, err := os.ReadFile(axeSource)
		if err != nil {
			p.t.Fatalf("axe-core is not here; backend/e2e/setup installs it: %v", err)
		}
		// The page's policy lets no script in, so the debugger brings it.
		result := command(p, runtime.Evaluate, runtime.EvaluateParams{Expression: string(source)})
		if result.ExceptionDetails != nil {
			p.t.Fatalf("axe-core: %s", result.ExceptionDetails.Text)
		}
	}
	p.still()
	for _, found := range eval[[]string](p, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(r =>
		r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.target.join(' ') + ' — ' + n.failureSummary.replace(/\s+/g, ' '))))`) {
		p.t.Errorf("%s: %s", where, found)
	}
}

// Nobody is kept out, on any page, in any state, in both themes and languages.
func TestNoBarriers(t *testing.T) {
	for _, l := range []look{
		{lang: "ko-KR"}, {lang: "ko-KR", dark: true}, {lang: "en-GB"}, {lang: "en-GB", dark: true},
		{lang: "ko-KR", width: 390, height: 844, touch: true},
	} {
		t.Run(strings.Trim(fmt.Sprintf("%s-%v-%v", l.lang, l.dark, l.touch), "-"), func(t *testing.T) { walkPages(t, l) })
	}
}

func walkPages(t *testing.T, l look) {
	s := startServer(t, "MARU_LIMITS=off")
	w := newWire(t, s.url)
	soi, minjun := newPerson(t, l), newPerson(t, look{})
	soi.expect(lostConnection)
	minjun.expect(lostConnection)
	soi.open(w.url + "/")
	soi.online()
	soi.accessible("the card")
	soi.fill("name", "Admin")
	soi.fill("room", "기획팀")
	soi.click("#enter")
	soi.until(`document.querySelector('#name-error')`)
	soi.accessible("a refusal")
	soi.fill("name", "소이")
	soi.click("#enter")
	soi.inRoom("기획팀")
	soi.accessible("an empty room")
	minjun.join(s.url, "민준", "기획팀")
	minjun.say("@소이 `code` https://example.com 안녕하세요")
	soi.hears("민준", "@소이 code https://example.com 안녕하세요")
	minjun.say("둘째 줄")
	minjun.hears("민준", "둘째 줄")
	minjun.answers("둘째 줄", "그 답")
	soi.until(`document.querySelector('.quote b')?.textContent === '민준'`)
	soi.mayAsk()
	soi.send("고칠 말")
	soi.until(`document.querySelectorAll('.log .msg:not(.pending)').length === 4 && document.querySelector('#ask-notify')`)
	soi.accessible("a room")
	soi.walkSearch()
	soi.walkUnread(s, w)
	soi.walkDialogs(l)
	soi.click("#to-connection")
	soi.until(`document.querySelectorAll('.ways .tag').length >= 3`)
	soi.accessible("the connection")
	soi.click("#back")
	soi.inRoom("기획팀")
	s.kill()
	soi.until(`document.querySelector('.banner [role=status]')?.textContent`)
	soi.accessible("without a server")
	soi.walkLeaving(l)
}

// walkDialogs opens what opens over a room.
func (p *person) walkDialogs(l look) {
	p.t.Helper()
	if l.touch {
		// The last one with a name: beside the link, which opens another tab.
		eval[bool](p, `([...document.querySelectorAll('.log .msg .by:not(.vh)')].at(-1).click(), true)`)
	} else {
		p.hover(".log .lines > .msg:last-child")
	}
	p.until(`document.querySelector('.tools')`)
	p.accessible("the tools of a message")
	if !l.touch {
		p.hover(".log .lines > .msg:last-child") // the page may have moved under the pointer
	}
	p.click(`.tools [data-do="reply"]`)
	p.until(`document.querySelector('#reply-cancel')`)
	p.accessible("a reply")
	p.click("#reply-cancel")
	p.until(`!document.querySelector('#reply-cancel')`)
	p.click("#invite")
	p.until(`document.querySelector('#invitation[open]')`)
	p.accessible("inviting")
	p.click("#invitation-close")
	p.until(`!document.querySelector('#invitation')`)
	p.click("#to-emoji")
	p.until(`document.querySelector('#emoji')`)
	p.accessible("emoji")
	p.click("#emoji [aria-label]")
	p.until(`!document.querySelector('#emoji')`)
	p.typeInto("composer", "@민")
	p.until(`document.querySelector('#call')`)
	p.accessible("people to mention")
	p.fill("composer", "")
	if l.touch {
		p.click(".head .only-s")
		p.until(`document.querySelector('.show-rooms')`)
		p.still()
		p.accessible("the rooms as a drawer")
	}
	p.click("#to-switch")
	p.until(`document.querySelector('#switcher[open]')`)
	p.fill("switch", "ㄱ")
	p.until(`document.querySelectorAll('#ways li').length === 2`)
	p.accessible("switching rooms")
	p.fill("switch", strings.Repeat("가", 41))
	p.until(`document.querySelector('#switch-error')`)
	p.accessible("a room that can't be")
	p.click("#switch-close")
	p.until(`!document.querySelector('#switcher')`)
	if l.touch {
		p.click(".head .only-s")
		p.until(`document.querySelector('.show-rooms')`)
		p.still()
	}
	p.click("#to-settings")
	p.until(`document.querySelector('#settings[open]')`)
	p.accessible("the settings")
	p.click("#forget")
	p.until(`document.querySelector('#forget-not')`)
	p.accessible("the question whether to forget")
	p.click("#settings-close")
	p.until(`!document.querySelector('#settings')`)
	if l.touch {
		p.click(".head .only-s")
		p.still()
	}
}

// still waits until nothing slides any more.
func (p *person) still() {
	p.t.Helper()
	p.painted()
	p.until(`document.getAnimations().every(a => a instanceof CSSAnimation)`)
}
