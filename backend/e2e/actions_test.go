package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// hover puts the pointer on an element.
func (p *person) hover(selector string) {
	p.t.Helper()
	type point struct{ X, Y float64 }
	at := eval[point](p, fmt.Sprintf("(b => ({X: b.left + b.width / 3, Y: b.top + b.height / 2}))(document.querySelector(%s).getBoundingClientRect())", quote(selector)))
	command(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved, X: at.X, Y: at.Y})
	p.until(`document.querySelector('.tools')`)
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
	p.say("먼저 간 말")
	p.until(`document.querySelector('.log .lines').textContent.includes('먼저 간 말') && !document.querySelector('.log .pending')`)
	p.say(text)
	p.until(`document.querySelector('.msg.failed')`)
}
