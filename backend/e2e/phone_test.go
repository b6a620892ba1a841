package e2e

import (
	"fmt"
	"testing"
)

// covered tells which text the tools of a message lie over, if they are in view.
const covered = `(() => {
	const tools = document.querySelector('.tools')?.getBoundingClientRect(), log = document.querySelector('.log').getBoundingClientRect();
	if (!tools || tools.bottom > log.bottom + 1 || tools.top < log.top || tools.right > innerWidth) return 'no tools in view';
	for (const e of document.querySelectorAll('.msg .text, .msg .by, .res')) {
		const b = e.getBoundingClientRect();
		if (b.top < tools.bottom - 1 && tools.top + 1 < b.bottom && b.left < tools.right && tools.left < b.right) return e.textContent;
	}
	return '';
})()`

func (p *person) topOf(selector string) float64 {
	p.t.Helper()
	return eval[float64](p, `document.querySelector(`+quote(selector)+`).getBoundingClientRect().top`)
}

// On a phone the tools of a tapped message stand under it, over nobody's text, and
// the message stays where it is while they come and go.
func TestToolsOnAPhone(t *testing.T) {
	for _, width := range []int64{390, 320} {
		t.Run(fmt.Sprint(width), func(t *testing.T) { tapMessages(t, look{width: width, height: 640, touch: true}) })
	}
}

func tapMessages(t *testing.T, l look) {
	s := startServer(t)
	soi, minjun := newPerson(t, l), newPerson(t, look{})
	soi.join(s.url, "소이", "방")
	minjun.join(s.url, "민준", "방")
	for i := range 14 {
		text := fmt.Sprintf("글 %d, 두 줄이 될 만큼은 길어서 좁은 화면에서는 접히는 글이에요", i)
		minjun.say(text)
		soi.hears("민준", text)
	}
	soi.typeInto("composer", "내 말")
	soi.click("#send")
	soi.until(`document.querySelectorAll('.msg:not(.pending)').length === 15`)
	row := func(n int) string {
		return `.msg[data-key="` + eval[string](soi, fmt.Sprintf(`document.querySelectorAll('.msg')[%d].dataset.key`, n)) + `"]`
	}
	tap := func(selector string, tools int) {
		t.Helper()
		soi.click(selector + " .text")
		soi.until(fmt.Sprintf(`document.querySelectorAll('.tools').length === %d`, tools))
		soi.until(fmt.Sprintf(`document.querySelectorAll(%s).length === %d`, quote(selector+" .tools"), tools))
		soi.painted()
		if text := eval[string](soi, covered); tools > 0 && text != "" {
			t.Errorf("the tools are over %q", text)
		}
	}
	middle, lower, last := row(9), row(11), row(14)
	for _, selector := range []string{middle, lower, middle} { // from one to the other
		before := soi.topOf(selector)
		tap(selector, 1)
		if after := soi.topOf(selector); after < before-1 || after > before+1 {
			t.Errorf("the message went from %v to %v when it was tapped", before, after)
		}
	}
	before := soi.topOf(middle)
	tap(middle, 0)
	if after := soi.topOf(middle); after < before-1 || after > before+60 {
		t.Errorf("the message went from %v to %v when its tools went", before, after)
	}
	soi.scrollTo("document.querySelector('.log').scrollHeight")
	soi.until(`!document.querySelector('.latest')`)
	tap(last, 1)
	if eval[bool](soi, `Boolean(document.querySelector('.latest'))`) {
		t.Error("the way to the newest message is shown, which is in view")
	}
	soi.click(last + ` [data-do="delete"]`)
	soi.until(`document.querySelector('[data-do="delete-sure"]')`)
	if text := eval[string](soi, covered); text != "" {
		t.Errorf("the question is over %q", text)
	}
	soi.click(last + ` [data-do="delete-not"]`)
	soi.until(`!document.querySelector('[data-do="delete-sure"]')`)
	tap(last, 0)
	minjun.say("새 글")
	soi.hears("민준", "새 글")
	soi.until(`(log => log.scrollHeight - log.scrollTop - log.clientHeight < 2)(document.querySelector('.log'))`)
}

// A keyboard that lies over the page leaves the composer in view, with the last message
// above it; a page that is zoomed in stays as it is.
func TestKeyboardOverThePage(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{width: 390, height: 844, touch: true})
	soi.join(s.url, "소이", "방")
	soi.fillRoom(30)
	lays := func(high, scale float64) {
		t.Helper()
		eval[bool](soi, fmt.Sprintf(`(() => {
			for (const [name, value] of Object.entries({height: %v, scale: %v, offsetTop: 0})) Object.defineProperty(visualViewport, name, {value, configurable: true});
			visualViewport.dispatchEvent(new Event('resize'));
			return true;
		})()`, high, scale))
	}
	ends := func(want int) {
		t.Helper()
		soi.until(fmt.Sprintf(`(() => {
			const foot = document.querySelector('.foot').getBoundingClientRect(), last = document.querySelector('.log .msg:last-child').getBoundingClientRect();
			return Math.abs(foot.bottom - %d) < 2 && last.bottom <= foot.top + 1 && last.bottom > foot.top - 120;
		})()`, want))
	}
	ends(844)
	lays(480, 1)
	ends(480)
	for _, step := range []struct{ high, scale, want float64 }{{422, 2, 844}, {480, 1, 480}, {844, 1, 844}} {
		lays(step.high, step.scale)
		soi.until(fmt.Sprintf(`Math.abs(document.querySelector('.foot').getBoundingClientRect().bottom - %v) < 2`, step.want))
	}
}

// A quiet room offers its invitation.
func TestQuietRoomInvites(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{width: 320, height: 640, touch: true, lang: "en-GB"})
	soi.join(s.url, "Soi", "room")
	soi.until(`document.querySelector('.empty button').textContent === 'Copy the invite link'`)
	eval[bool](soi, `(() => { navigator.clipboard.writeText = async text => { window.copied = text; }; return true; })()`)
	soi.click(".empty button")
	soi.until(`window.copied === location.origin + '/r/room' && document.querySelector('.head .tip')?.textContent === 'Copied'`)
	soi.typeInto("composer", "hello")
	soi.click("#send")
	soi.until(`document.querySelector('.msg') && !document.querySelector('.empty')`)
}
