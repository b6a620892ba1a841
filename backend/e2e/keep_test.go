package e2e

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// keepsLine waits until this device has kept a line of a room.
func (p *person) keepsLine(room, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`new Promise((done) => {
		const open = indexedDB.open('maru');
		open.onsuccess = () => {
			const db = open.result;
			if (!db.objectStoreNames.contains('lines')) { db.close(); done(false); return; }
			const all = db.transaction('lines').objectStore('lines').getAll(IDBKeyRange.bound([%s, 0], [%[1]s, Infinity]));
			all.onsuccess = () => { db.close(); done(all.result.some(l => l.includes(%s))); };
		};
	})`, quote(room), quote(quote(text))))
}

// die ends the tab as a crash does: nothing of the page runs any more.
func (p *person) die() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, time.Second)
	defer cancel()
	_, _ = chromedp.Call(ctx, page.Crash, cdp.Empty{}) // there is nobody left to answer
}

// frames counts what a tab sends, over its WebSockets or by long-polling, which takes
// over where a slow machine takes long to open one.
type frames struct {
	mu   sync.Mutex
	sent []string
}

func (p *person) frames() *frames {
	p.t.Helper()
	f := &frames{}
	most := int64(1 << 20)
	command(p, network.Enable, network.EnableParams{MaxPostDataSize: &most})
	if err := chromedp.Listen(p.ctx, func(ev any) {
		f.mu.Lock()
		defer f.mu.Unlock()
		switch ev := ev.(type) {
		case *network.EventWebSocketFrameSent:
			f.sent = append(f.sent, string(ev.Response.PayloadData))
		case *network.EventRequestWillBeSent:
			for _, body := range ev.Request.PostDataEntries {
				f.sent = append(f.sent, strings.Split(string(body.Bytes), "\x1e")...)
			}
		}
	}); err != nil {
		p.t.Fatal(err)
	}
	return f
}

// count tells how many events of a name with that text were sent.
func (f *frames) count(event, text string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.sent {
		if strings.Contains(s, `["`+event+`",`) && strings.Contains(s, quote(text)) {
			n++
		}
	}
	return n
}

// saysOnly waits for the messages to be exactly these, and all to have arrived.
func (p *person) saysOnly(want ...string) {
	p.t.Helper()
	wait(p.t, fmt.Sprintf("exactly %q", want), func() (bool, any) {
		var got []string
		for _, l := range p.lines() {
			if !l.Notice && !l.Pending {
				got = append(got, l.Text)
			}
		}
		return slices.Equal(got, want), p.lines()
	})
}

// A new tab without a network shows the room as it was left, and says so.
func TestRoomIsReadableOffline(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "방 <b>")
	minjun.join(s.url, "민준", "방 <b>")
	soi.say("어제 한 말")
	minjun.say("오늘 한 말")
	soi.hears("민준", "오늘 한 말")
	soi.people("민준", "소이")
	soi.ready()
	soi.keepsLine("방 <b>", "오늘 한 말")
	minjun.leave()
	s.kill()
	soi.expect(lostConnection)
	soi.die()

	again := soi.tab()
	again.expect(lostConnection)
	command(again, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		requestAnimationFrame(function look() { // what is painted first, be it the page's own or the program's
			const room = document.querySelector('h1');
			if (room) window.frame = {card: Boolean(document.getElementById('join')?.offsetParent), room: document.querySelector('.shell h1')?.textContent};
			else requestAnimationFrame(look);
		});`})
	again.open(s.url + "/r/" + url.PathEscape("방 <b>"))
	again.until(`window.frame`)
	if frame := eval[map[string]any](again, `frame`); frame["card"] != false || frame["room"] != "방 <b>" {
		t.Errorf("at first the page shows %v", frame)
	}
	again.saysOnly("어제 한 말", "오늘 한 말")
	again.people("민준", "소이")
	again.until(`document.querySelector('.head .offline')?.textContent && document.getElementById('composer')`)
	again.say("나중에 갈 말")
	again.sees("it pending", func(l line) bool { return l.Pending && l.Text == "나중에 갈 말" })
	s.start()
	again.saysOnly("어제 한 말", "오늘 한 말", "나중에 갈 말")
	again.until(`!document.querySelector('.head .offline')`)
}

// What was written without a network outlives the tab, and arrives once and in
// order, wherever the app is opened again.
func TestWrittenOfflineOutlivesTheTab(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	minjun.join(s.url, "민준", "방")
	soi.join(s.url, "소이", "방")
	soi.say("먼저")
	minjun.hears("소이", "먼저")
	want := []string{"먼저"}
	for _, path := range []string{"/r/" + url.PathEscape("방"), "/"} {
		for _, p := range []*person{soi, minjun} {
			p.expect(lostConnection)
		}
		s.kill()
		soi.until(`!document.querySelector('#maru[data-link="online"]')`)
		for i := range 5 {
			text := fmt.Sprintf("%s에서 %d", path, i)
			soi.say(text)
			want = append(want, text)
		}
		soi.sees("it pending", func(l line) bool { return l.Pending && l.Text == want[len(want)-1] })
		soi.die()
		s.start()
		soi = soi.tab()
		soi.open(s.url + path)
		minjun.saysOnly(want...)
		soi.open(s.url + "/r/" + url.PathEscape("방"))
		soi.saysOnly(want...)
	}
}

// Two tabs of one person: both show what either has written, one sends it, and
// what the first one leaves behind the second one sends.
func TestTwoTabsOneSender(t *testing.T) {
	s := startServer(t)
	w := newWire(t, s.url)
	minjun := newPerson(t, look{})
	minjun.join(s.url, "민준", "방")
	one := newPerson(t, look{})
	one.join(w.url, "소이", "방")
	one.say("처음")
	minjun.hears("소이", "처음")
	two := one.tab()
	two.open(w.url + "/r/" + url.PathEscape("방"))
	two.inRoom("방")
	both := []*person{one, two}
	sent := []*frames{one.frames(), two.frames()}
	one.say("둘째")
	two.hears("소이", "둘째")
	for _, p := range both {
		p.expect(lostConnection)
	}
	w.set(true)
	for _, p := range both {
		p.until(`!document.querySelector('#maru[data-link="online"]')`)
	}
	want := []string{"처음", "둘째"}
	for i := range 6 {
		text := fmt.Sprintf("글 %d", i)
		want = append(want, text)
		both[i%2].say(text)
		for _, p := range both {
			p.sees("it pending", func(l line) bool { return l.Pending && l.Text == text })
		}
	}
	one.press("ArrowUp")
	one.until(`document.getElementById('composer').value === '둘째'`)
	one.fill("composer", "둘째, 고침")
	one.enterKey()
	for _, p := range both {
		p.sees("it changed", func(l line) bool { return l.Text == "둘째, 고침" })
	}
	w.set(false)
	for _, p := range []*person{minjun, one, two} {
		p.saysOnly(append([]string{"처음", "둘째, 고침"}, want[2:]...)...)
		p.until(`!document.querySelector('.msg.pending, .doing')`)
	}
	for _, text := range want[1:] {
		if n := sent[0].count("message", text) + sent[1].count("message", text); n != 1 {
			t.Errorf("%q was sent %d times", text, n)
		}
	}
	want[1] = "둘째, 고침"
	if n := sent[0].count("edit", want[1]) + sent[1].count("edit", want[1]); n != 1 {
		t.Errorf("the change was sent %d times", n)
	}

	w.set(true)
	one.until(`!document.querySelector('#maru[data-link="online"]')`)
	one.say("마지막 말")
	two.sees("it pending", func(l line) bool { return l.Pending && l.Text == "마지막 말" })
	one.die()
	w.set(false)
	want = append(want, "마지막 말")
	minjun.saysOnly(want...)
	two.saysOnly(want...)
}

// What is being written is there again after a crash, in each room, and the list
// of rooms says where.
func TestDraftsOutliveTheTab(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "하나")
	soi.typeInto("composer", "하나에 쓰던 글")
	soi.alsoIn("둘")
	soi.until(`document.querySelector('.room-list a[href="/r/%ED%95%98%EB%82%98"] .draft')`)
	eval[bool](soi, `(document.getElementById('composer').focus(), true)`)
	soi.compose(greeting...) // the composition is still open
	soi.until(`localStorage.getItem('maru.draft.둘') === '안녕하세요'`)
	if got := soi.value("composer"); got != "안녕하세요" {
		t.Errorf("keeping it left %q in the composer", got)
	}
	soi.die()
	soi = soi.tab()
	soi.open(s.url + "/r/" + url.PathEscape("둘"))
	soi.inRoom("둘")
	soi.until(`document.getElementById('composer').value === '안녕하세요'`)
	soi.enterKey()
	soi.hears("소이", "안녕하세요")
	soi.open(s.url + "/r/" + url.PathEscape("하나"))
	soi.until(`document.getElementById('composer')?.value === '하나에 쓰던 글'`)
	if got := eval[string](soi, `localStorage.getItem('maru.draft.둘') || ''`); got != "" {
		t.Errorf("what was sent is still a draft: %q", got)
	}
}

// beforeUpdate has somebody in a room, with a release that can be followed by another.
func beforeUpdate(t *testing.T) (*front, *person) {
	t.Helper()
	f := newFront(t, startServer(t))
	soi := newPerson(t, look{})
	soi.expect(lostConnection)
	soi.expect(`status of 50|Failed to update a ServiceWorker|ERR_FAILED`)
	soi.join(f.URL, "소이", "방")
	soi.say("먼저")
	soi.hears("소이", "먼저")
	soi.ready()
	return f, soi
}

// update has the browser fetch the second release, which then waits.
func (p *person) update(f *front) {
	p.t.Helper()
	f.serve(second, whole)
	eval[bool](p, `navigator.serviceWorker.ready.then(r => r.update()).then(() => true)`)
	p.until(`navigator.serviceWorker.ready.then(r => r.waiting) && document.querySelector('#toast button')`)
}

// A new release is taken while a character is being composed, with messages that
// are not sent: nothing of either is lost.
func TestUpdateWhileTypingHangulLosesNothing(t *testing.T) {
	f, soi := beforeUpdate(t)
	soi.update(f)
	eval[bool](soi, `(document.getElementById('composer').focus(), true)`)
	soi.compose(greeting...)
	eval[bool](soi, `(document.querySelector('#toast button').click(), true)`) // the composition stays open
	soi.until(fmt.Sprintf("document.documentElement.dataset.version === %s", quote(f.releases[1].version)))
	soi.inRoom("방")
	soi.until(`document.getElementById('composer').value === '안녕하세요'`)
	command(soi, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: keyUp, Key: "Shift"})
	eval[bool](soi, `(document.getElementById('composer').focus(), true)`)
	soi.enterKey()
	soi.saysOnly("먼저", "안녕하세요")
}

// The news of another release is put away until there is another one.
func TestUpdateLater(t *testing.T) {
	f, soi := beforeUpdate(t)
	soi.update(f)
	soi.click("#update-later")
	soi.until(`!document.querySelector('#toast') && document.activeElement.id === 'composer'`)
	eval[bool](soi, `goappOnUpdate() || true`)
	soi.until(`document.querySelector('#toast')`)
}

// A new release is taken over unasked in a tab that nobody looks at, and in which
// nothing is being written.
func TestUpdateOutOfSight(t *testing.T) {
	f, soi := beforeUpdate(t)
	soi.typeInto("composer", "쓰던 글")
	eval[bool](soi, `(() => {
		const clock = performance.now.bind(performance);
		let later = 0;
		performance.now = () => clock() + later;
		window.wait = (ms) => { later += ms; return true; };
		window.hide = (hidden) => {
			Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true });
			document.dispatchEvent(new Event('visibilitychange'));
			return true;
		};
		window.same = true;
		return true;
	})()`)
	soi.update(f)
	look := func() {
		t.Helper()
		soi.painted()
		eval[bool](soi, `goappOnUpdate() || true`) // something changes
		soi.painted()
	}
	eval[bool](soi, `hide(true)`)
	soi.painted()
	eval[bool](soi, `wait(61000)`)
	look()
	if !eval[bool](soi, `Boolean(window.same)`) {
		t.Fatal("the page was replaced while something was being written")
	}
	eval[bool](soi, `hide(false)`)
	soi.fill("composer", "")
	soi.until(`!localStorage.getItem('maru.draft.방')`)
	eval[bool](soi, `hide(true)`)
	soi.painted()
	eval[bool](soi, `wait(61000)`)
	eval[bool](soi, `goappOnUpdate() || true`)
	soi.until(fmt.Sprintf("document.documentElement.dataset.version === %s && !window.same", quote(f.releases[1].version)))
	soi.inRoom("방")
	soi.hears("소이", "먼저")
}
