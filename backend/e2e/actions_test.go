package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// pointAt moves the pointer onto an element, and a little on it.
func (p *person) pointAt(selector string) {
	p.t.Helper()
	type point struct{ X, Y float64 }
	at := eval[point](p, fmt.Sprintf("(b => ({X: b.left + b.width / 3, Y: b.top + b.height / 2}))(document.querySelector(%s).getBoundingClientRect())", quote(selector)))
	for _, x := range []float64{at.X + 1, at.X} {
		command(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: x, Y: at.Y})
	}
	p.painted()
}

// hover moves the pointer onto a message until its tools are there: it may move away
// below the pointer while others come in.
func (p *person) hover(selector string) {
	p.t.Helper()
	wait(p.t, "the tools of "+selector, func() (bool, any) {
		p.pointAt(selector)
		return eval[bool](p, fmt.Sprintf("Boolean(document.querySelector(%s)?.querySelector('.tools'))", quote(selector))), p.lines()
	})
}

// send says something by the button, as on a touch keyboard.
func (p *person) send(text string) {
	p.t.Helper()
	p.typeInto("composer", text)
	p.click("#send")
}

// failNext has the server refuse a message for good: it is sent under the id of
// the one before.
func (p *person) failNext(text string) {
	p.t.Helper()
	eval[bool](p, `(() => {
		const send = WebSocket.prototype.send;
		let last = '';
		WebSocket.prototype.send = function (frame) {
			const id = typeof frame === 'string' && /"message",\{[^]*"id":"([^"]+)"/.exec(frame);
			if (id && last) frame = frame.replace(id[1], last);
			if (id) last = last || id[1];
			send.call(this, frame);
		};
		return true;
	})()`)
	p.send("먼저 간 말")
	p.until(`document.querySelector('.log .lines').textContent.includes('먼저 간 말') && !document.querySelector('.log .pending')`)
	p.send(text)
	p.until(`document.querySelector('.msg.failed')`)
}

// A message that the server refuses for good can be copied, sent again and deleted.
func TestRefusedMessageIsNotLost(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	soi.failNext("못 간 말")
	for _, do := range []string{"copy", "retry", "discard"} {
		soi.until(fmt.Sprintf(`document.querySelector('.msg.failed [data-do=%s]')`, do))
	}
	eval[bool](soi, `(() => { navigator.clipboard.writeText = async text => { window.copied = text; }; return true; })()`)
	soi.click(`.msg.failed [data-do="copy"]`)
	soi.until(`window.copied === '못 간 말'`)
	soi.click(`.msg.failed [data-do="discard"]`)
	soi.until(`!document.querySelector('.msg.failed') && document.activeElement.id === 'composer'`)
}

// Somebody's name is completed from what is typed, also while it is composed, and
// Enter that takes it does not send.
func TestNamesAreCompleted(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	soi.people("소이", "민준")
	eval[bool](soi, `(document.getElementById('composer').focus(), true)`)
	command(soi, input.InsertText, input.InsertTextParams{Text: "안녕 @"})
	soi.compose("ㅁ", "미")
	soi.until(`document.querySelector('#call')?.textContent.includes('민준')`)
	soi.compose("민")
	soi.until(`document.querySelectorAll('#call li').length === 1 && document.querySelector('#call').textContent.includes('민준')`)
	soi.key(rawKeyDown, "Enter", 229, "")
	if got := soi.value("composer"); got != "안녕 @민" {
		t.Fatalf("Enter within the composition left %q", got)
	}
	command(soi, input.InsertText, input.InsertTextParams{Text: "민"})
	soi.key(keyUp, "Enter", 229, "")
	soi.enterKey()
	soi.until(`document.getElementById('composer').value === '안녕 @민준 ' && !document.querySelector('#call')`)
	soi.say("봐요")
	minjun.hears("소이", "안녕 @민준 봐요")
	minjun.until(`document.querySelector('.at.me')?.textContent === '@민준'`)
	soi.until(`document.querySelector('.at:not(.me)')`)

	// Where the caret is elsewhere, nothing is completed.
	soi.typeInto("composer", "그래 @민")
	soi.until(`document.querySelector('#call')`)
	soi.press("Home")
	soi.until(`!document.querySelector('#call')`)
	soi.enterKey()
	minjun.hears("소이", "그래 @민")
	soi.typeInto("composer", "@민")
	soi.until(`document.querySelector('#call')`)
	soi.click("#send")
	soi.until(`!document.querySelector('#call') && document.getElementById('composer').value === ''`)
}

func TestWhoTypesIsSeen(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	minjun.typeInto("composer", "음")
	soi.until(`document.querySelector('.typing')?.textContent.includes('민준님이 입력하고 있어요')`)
	if eval[bool](minjun, `Boolean(document.querySelector('.typing').textContent)`) {
		t.Error("one is told of one's own typing")
	}
	minjun.enterKey()
	soi.hears("민준", "음")
	soi.until(`!document.querySelector('.typing').textContent`)
}
