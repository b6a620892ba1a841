package e2e

import (
	"math"
	"strings"
	"testing"
)

// lookAway and lookBack tell the page that the person is at another window, and
// here again.
func (p *person) lookAway() {
	p.t.Helper()
	eval[bool](p, `(() => { document.hasFocus = () => false; window.dispatchEvent(new Event('blur')); return true; })()`)
	p.painted()
}

func (p *person) lookBack() {
	p.t.Helper()
	eval[bool](p, `(() => { document.hasFocus = () => true; window.dispatchEvent(new Event('focus')); return true; })()`)
}

// watchReads notes how far the page tells the server that was read.
func (p *person) watchReads() {
	p.t.Helper()
	eval[bool](p, `(() => {
		const send = WebSocket.prototype.send;
		window.readUpTo = 0;
		WebSocket.prototype.send = function (frame) {
			const mark = typeof frame === 'string' && /\["read",.*"seq":(\d+)/.exec(frame);
			if (mark) window.readUpTo = Math.max(window.readUpTo, Number(mark[1]));
			send.call(this, frame);
		};
		return true;
	})()`)
}

// hasRead waits for a message of somebody else to be there and to count as read.
func (p *person) hasRead(name, text string) {
	p.t.Helper()
	p.until("window.readUpTo >= " + strings.TrimPrefix(p.hears(name, text).Key, "s"))
}

// watchBadge notes what the page puts on the icon of the app.
func (p *person) watchBadge() {
	p.t.Helper()
	eval[bool](p, `(() => {
		window.badges = [];
		navigator.setAppBadge = async n => { badges.push(n); };
		navigator.clearAppBadge = async () => { badges.push(0); };
		return true;
	})()`)
}

// What is not read is counted once, for all who show it.
func TestUnreadAgreesEverywhere(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	soi.watchBadge()
	soi.watchReads()
	minjun.say("하나")
	soi.hasRead("민준", "하나")
	soi.alsoIn("점심")
	minjun.say("둘")
	minjun.say("@소이 셋")
	minjun.say("넷")
	soi.until(`document.querySelector('.room.unread .n.me')?.textContent.startsWith('@1')`)
	soi.until(`document.title === '(3) 점심 · 마루' && badges.at(-1) === 3`)
	soi.until(`document.querySelector('link[rel=icon][type="image/svg+xml"]').href.includes('icon-new')`)
	soi.click(".room.unread")
	soi.inRoom("기획팀")
	soi.until(`(e => e && e.nextElementSibling.textContent.includes('둘') && e.previousElementSibling.textContent.includes('하나'))(document.querySelector('.unread-line'))`)
	soi.until(`document.title === '기획팀 · 마루' && badges.at(-1) === 0 && !document.querySelector('.room.unread')`)
	soi.until(`!document.querySelector('link[rel=icon][type="image/svg+xml"]').href.includes('icon-new')`)
	soi.until(`document.querySelector('.unread-line')`) // it stays for the visit
	soi.say("다섯")
	soi.hears("소이", "다섯")
	soi.until(`!document.querySelector('.unread-line')`)
}

// What comes while one looks elsewhere is not read, and the line is where one was.
func TestUnreadWhileLookingElsewhere(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	soi.watchReads()
	minjun.say("하나")
	soi.hasRead("민준", "하나")
	soi.lookAway()
	minjun.say("둘")
	minjun.say("셋")
	soi.until(`document.title === '(2) 기획팀 · 마루'`)
	soi.until(`document.querySelector('.unread-line')?.nextElementSibling.textContent.includes('둘')`)
	soi.lookBack()
	soi.until(`document.title === '기획팀 · 마루'`)
	soi.hasRead("민준", "셋")
	soi.open(s.url + "/r/" + "%EA%B8%B0%ED%9A%8D%ED%8C%80") // the server knows how far was read
	soi.inRoom("기획팀")
	soi.hears("민준", "셋")
	soi.until(`document.title === '기획팀 · 마루' && !document.querySelector('.unread-line')`)
}

// More than fits the window: a way up to the first, and all read at a word.
func TestManyUnreadHaveAWayUp(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	soi.watchReads()
	minjun.say("먼저 한 말")
	soi.hasRead("민준", "먼저 한 말")
	soi.lookAway()
	minjun.fillRoom(40)
	soi.until(`document.title.startsWith('(40)')`)
	soi.lookBack()
	soi.until(`document.querySelector('#to-unread')?.textContent === '안 읽은 메시지 40개'`)
	soi.click("#to-unread")
	soi.until(`document.activeElement.matches('.msg') && document.activeElement.textContent.includes('No. 0 ')`)
	soi.until(`!document.querySelector('.earlier') && document.querySelector('.unread-line')`)
	soi.scrollTo("document.querySelector('.log').scrollHeight")
	soi.until(`document.querySelector('#read-all')`)
	soi.click("#read-all")
	soi.until(`!document.querySelector('.earlier') && !document.querySelector('.unread-line') && !document.title.startsWith('(')`)
}

// History that comes in above what is read does not move it.
func TestReadingStandsStillWhenHistoryComes(t *testing.T) {
	s := startServer(t)
	minjun := newPerson(t, look{})
	minjun.join(s.url, "민준", "긴방")
	minjun.fillRoom(180)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "긴방")
	soi.until(`document.querySelector('.log').textContent.includes('No. 179 ')`)
	eval[bool](soi, `(() => {
		const send = WebSocket.prototype.send;
		window.held = [];
		WebSocket.prototype.send = function (frame) {
			if (typeof frame === 'string' && frame.includes('"history"')) held.push([this, frame]);
			else send.call(this, frame);
		};
		window.release = () => { for (const [socket, frame] of held.splice(0)) send.call(socket, frame); return true; };
		return true;
	})()`)
	for round := range 2 {
		// Again and again, since the page may still be bringing the newest line into view.
		soi.until(`(() => { const log = document.querySelector('.log'); log.scrollTop = Math.min(log.scrollTop, 90); return held.length > 0; })()`)
		soi.painted()
		seen, height := soi.firstSeen(), eval[float64](soi, `document.querySelector('.log').scrollHeight`)
		eval[bool](soi, `release()`)
		soi.until(`document.querySelector('.log').scrollHeight > ` + quoteFloat(height+500))
		soi.painted()
		// What stood there stands there still, whatever is now to be seen above it.
		if y := soi.placeOf(seen.Key); math.Abs(y-seen.Y) > 1 {
			t.Errorf("round %d: %s was at %g and is at %g", round, seen.Key, seen.Y, y)
		}
	}
}
