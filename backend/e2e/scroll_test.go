package e2e

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// fillRoom writes many messages of different heights, and waits for the server
// to have them all.
func (p *person) fillRoom(n int) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(() => {
		const field = document.getElementById('composer');
		for (let i = 0; i < %d; i++) {
			field.value = 'No. ' + i + ' ' + 'and some words more '.repeat(i %% 40);
			document.getElementById('send').click();
		}
		return true;
	})()`, n))
	p.until(fmt.Sprintf(`document.querySelector('.log .lines').lastElementChild.textContent.includes('No. %d ') && !document.querySelector('.log .pending')`, n-1))
}

// top is a message and how far below the log's upper edge it is.
type top struct {
	Key string
	Y   float64
}

// firstSeen returns the first message of which something is in view.
func (p *person) firstSeen() top {
	p.t.Helper()
	return eval[top](p, `(() => {
		const edge = document.querySelector('.log').getBoundingClientRect().top;
		for (const e of document.querySelectorAll('.log .msg')) {
			const box = e.getBoundingClientRect();
			if (box.bottom - edge >= 1) return {Key: e.dataset.key, Y: box.top - edge};
		}
	})()`)
}

// placeOf is how far below the log's upper edge a message is.
func (p *person) placeOf(key string) float64 {
	p.t.Helper()
	return eval[float64](p, `document.querySelector('.log .msg[data-key="'+`+quote(key)+`+'"]').getBoundingClientRect().top - document.querySelector('.log').getBoundingClientRect().top`)
}

// painted waits until the page has been drawn with all that was asked for.
func (p *person) painted() {
	p.t.Helper()
	eval[bool](p, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true)))))`)
}

// scrollTo scrolls the log as a wheel does, and lets the page follow. Unlike a wheel's,
// a script's scroll is there before the page is told of it, and what is drawn in between
// may lead back to the end: then it scrolls again.
func (p *person) scrollTo(y string) {
	p.t.Helper()
	wait(p.t, "the log scrolled to "+y, func() (bool, any) {
		away := eval[bool](p, `(log => {
			const end = log.scrollHeight - log.clientHeight, to = `+y+`;
			log.scrollTop = to;
			return end - to > 30;
		})(document.querySelector('.log'))`)
		p.painted()
		return !away || eval[bool](p, `(log => log.scrollHeight - log.clientHeight - log.scrollTop > 24)(document.querySelector('.log'))`), nil
	})
}

// toLatest goes to the last message: the button for it may lead to the first new one
// before.
func (p *person) toLatest() {
	p.t.Helper()
	p.until(`(e => !e || (e.click(), false))(document.querySelector('.latest'))`)
	p.painted()
}

// toUnread goes to the first of what is unread.
func (p *person) toUnread() {
	p.t.Helper()
	p.click("#to-unread")
	p.until(`document.querySelector('.unread-line') && document.querySelector('.latest')`)
	p.painted()
}

func (p *person) resize(width, height int64) {
	p.t.Helper()
	command(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	p.until(fmt.Sprintf("innerWidth === %d && innerHeight === %d", width, height))
	p.painted()
}

// What is read stands still when the composer grows and when the window changes.
func TestReadingStandsStillWhenThePageChangesItsSize(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{width: 1280, height: 800})
	soi.join(s.url, "소이", "긴방")
	soi.fillRoom(90)
	stays := func(what string, want top) {
		t.Helper()
		if got := soi.firstSeen(); got.Key != want.Key || math.Abs(got.Y-want.Y) > 1 {
			t.Errorf("%s: %+v has become %+v", what, want, got)
		}
	}
	for _, y := range []string{"e.scrollHeight - e.clientHeight - 700", "e.scrollTop - 500", "e.scrollTop - 150"} {
		soi.scrollTo("(e => " + y + ")(document.querySelector('.log'))")
	}
	soi.until(`document.querySelector('.latest')`)
	seen := soi.firstSeen()
	soi.typeInto("composer", "a\nb\nc")
	soi.painted()
	stays("the composer has grown", seen)
	soi.fill("composer", "")
	soi.painted()
	stays("the composer has shrunk", seen)
	soi.resize(1280, 700)
	stays("the window has become lower", seen)
	soi.resize(1280, 800)
	stays("the window has become higher", seen)
	soi.resize(1100, 800)
	stays("the window has become narrower", seen)
}

// The end of a long room is its last message, by the key as by the scroll bar.
func TestEndIsTheLastMessage(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "긴방")
	soi.fillRoom(240)
	for what, toEnd := range map[string]func(){
		"the key":        func() { soi.key(keyDown, "End", 35, ""); soi.key(keyUp, "End", 35, "") },
		"the scroll bar": func() { soi.scrollTo("document.querySelector('.log').scrollHeight") },
	} {
		eval[bool](soi, `(() => { document.querySelector('.log').focus(); return true; })()`)
		soi.scrollTo("0")
		soi.until(`document.querySelector('.latest') && document.querySelector('.log .lines').textContent.includes('No. 0 ') && !document.querySelector('.log .lines').textContent.includes('No. 239 ')`)
		toEnd()
		soi.until(`!document.querySelector('.latest') && document.querySelector('.log .lines').lastElementChild.textContent.includes('No. 239 ')`)
		if left := eval[float64](soi, `(e => e.scrollHeight - e.clientHeight - e.scrollTop)(document.querySelector('.log'))`); left > 1 {
			t.Errorf("%s leads to %v px above the end", what, left)
		}
	}
}

// The keys lead through a long log: by pages, and to its end; and what they brought goes
// with them.
func TestKeysInALongLog(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "긴방")
	soi.fillRoom(240)
	const at = `Number(/No\. (\d+) /.exec(document.activeElement.textContent)?.[1] ?? -1)`
	eval[bool](soi, `(document.querySelector('.log').focus(), true)`)
	soi.press("ArrowUp")
	soi.until(at + ` >= 238`)
	last := eval[int](soi, at)
	for range 4 {
		soi.press("PageUp")
		soi.until(at + fmt.Sprintf(` >= 0 && %s < %d`, at, last-1))
		last = eval[int](soi, at)
	}
	soi.until(`document.activeElement.querySelector('.tools')`)
	soi.press("PageDown")
	soi.until(at + fmt.Sprintf(` > %d`, last+1))
	soi.press("End")
	soi.until(at + ` === 239`)
	soi.press("Escape")
	soi.until(`document.activeElement.id === 'composer' && !document.querySelector('.tools')`)

	// Within a message that is higher than the log the browser scrolls.
	soi.typeInto("composer", strings.Repeat("줄\n", 120))
	soi.enterKey()
	soi.until(`document.querySelector('.log .lines').lastElementChild.offsetHeight > 2 * document.querySelector('.log').clientHeight && !document.querySelector('.pending')`)
	eval[bool](soi, `(document.querySelector('.log').focus(), true)`)
	soi.press("ArrowUp")
	soi.until(`document.activeElement === document.querySelector('.log .lines').lastElementChild`)
	top := eval[float64](soi, `document.querySelector('.log').scrollTop`)
	soi.press("PageDown")
	soi.press("PageUp")
	soi.press("PageUp")
	soi.until(fmt.Sprintf(`document.querySelector('.log').scrollTop < %v && document.activeElement === document.querySelector('.log .lines').lastElementChild`, top))
}

// The way to what is new leads to the first new message, and then to the last.
func TestNewMessagesAreReadFromTheFirst(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "긴방")
	soi.fillRoom(60)
	minjun.join(s.url, "민준", "긴방")
	soi.scrollTo("0")
	soi.until(`document.querySelector('.latest')`)
	minjun.fillRoom(50)
	soi.until(`document.querySelector('.latest')?.dataset.new === '50'`)
	soi.click(".latest")
	soi.until(`(e => e.classList.contains('msg') && e.textContent.includes('민준') && e.textContent.includes('No. 0 '))(document.activeElement)`)
	soi.until(`(y => y > 0 && y < 200)(document.activeElement.getBoundingClientRect().top - document.querySelector('.log').getBoundingClientRect().top)`)
	soi.click(".latest")
	soi.until(`!document.querySelector('.latest') && (e => e.scrollHeight - e.clientHeight - e.scrollTop < 1)(document.querySelector('.log'))`)
}
