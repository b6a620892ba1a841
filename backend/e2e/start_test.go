package e2e

import (
	"net/url"
	"testing"
)

// roomList returns the rooms that one is in, each with what there is to read, in their
// order.
func (p *person) roomList(want ...string) {
	p.t.Helper()
	wait(p.t, "the rooms", func() (bool, any) {
		got := eval[[]string](p, `[...document.querySelector('.room-list')?.querySelectorAll('.room') || []].map(e => e.querySelector('.t').textContent + (e.querySelector('.n [aria-hidden]')?.textContent || ''))`)
		if len(got) != len(want) {
			return false, got
		}
		for i := range want {
			if got[i] != want[i] {
				return false, got
			}
		}
		return true, got
	})
}

// Who starts the app anew is in all rooms that one was in, sees the last one from the
// first paint on, and knows what there is to read in the others.
func TestStartGoesOnWhereOneWas(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "점심")
	minjun.join(s.url, "민준", "점심")
	soi.alsoIn("기획팀")
	soi.die()
	minjun.say("하나")
	minjun.say("둘")
	minjun.hears("민준", "둘")

	soi = soi.tab()
	release := soi.hold()
	soi.openFrame(s.url + "/?src=pwa")
	soi.until(`decodeURIComponent(location.pathname) === '/r/기획팀' && document.getElementById('composer').checkVisibility()`)
	release()
	soi.inRoom("기획팀")
	soi.roomList("기획팀", "점심2")
	soi.until(`document.title === '(2) 기획팀 · 마루'`)
	soi.die()

	// There it is known where there is most to read before anything is counted.
	soi = soi.tab()
	soi.open(s.url + "/?unread")
	soi.inRoom("점심")
	soi.hears("민준", "둘")
	soi.click("#leave")
	soi.inRoom("기획팀")
	soi.until(`!localStorage.getItem('maru.member').includes('점심')`)
	last := soi

	// A room that was left is not entered again; a tab that is somebody else is not in
	// the rooms of the first.
	soi = soi.tab()
	soi.open(s.url + "/r/" + url.PathEscape("기획팀"))
	soi.inRoom("기획팀")
	soi.roomList("기획팀")
	last.leave()
	other := soi.tab()
	other.join(s.url, "다른 소이", "셋")
	other.roomList("셋")
}

// While one looks at a room in one window, another one that has it behind is quiet; of
// a room that is not before the person, it tells.
func TestWindowInTheBackgroundIsQuiet(t *testing.T) {
	s := startServer(t)
	front, minjun := newPerson(t, look{}), newPerson(t, look{})
	front.mayNotify(s.url)
	front.join(s.url, "소이", "기획팀")
	front.ready()
	minjun.join(s.url, "민준", "기획팀")
	behind := front.tab()
	behind.open(s.url + "/r/" + url.PathEscape("기획팀"))
	behind.inRoom("기획팀")
	behind.ready()
	// How often the system was told, whatever it made of that.
	eval[bool](behind, `(() => {
		window.told = [];
		ServiceWorkerRegistration.prototype.showNotification = async (title, { body }) => { told.push(body); };
		return true;
	})()`)
	eval[bool](front, `(window.maruNotify = async () => {}, true)`) // only what the other one does is looked at
	locks := `navigator.locks.query().then(({ held }) => held.filter(({ name }) => name.startsWith('maru.looking ')).length)`
	behind.lookAway()
	front.lookBack()
	front.until(locks + `.then(n => n === 1)`)
	minjun.say("하나")
	behind.hears("민준", "하나")
	behind.painted()
	behind.until(`navigator.locks.request('maru.notify', () => true)`) // it has looked whether to tell
	front.lookAway()
	front.until(locks + `.then(n => n === 0)`)
	minjun.say("둘")
	behind.until(`window.told.length > 0`)
	if got := eval[string](behind, `told.join()`); got != "민준: 둘" {
		t.Errorf("the system was told %q", got)
	}
}

// What the person does to a room in one window holds in the others: another name, and
// leaving. A window under another name is another person's.
func TestWindowsOfOnePersonDoTheSame(t *testing.T) {
	s := startServer(t)
	one, minjun := newPerson(t, look{}), newPerson(t, look{})
	minjun.join(s.url, "민준", "기획팀")
	one.join(s.url, "소이", "점심")
	one.alsoIn("기획팀")
	two, other := one.tab(), one.tab()
	two.open(s.url + "/r/" + url.PathEscape("기획팀"))
	two.inRoom("기획팀")
	two.roomList("기획팀", "점심")
	other.join(s.url, "나하늘", "기획팀")
	minjun.people("나하늘", "민준", "소이")
	one.click("#to-settings")
	one.fill("my-name", "새소이")
	one.click("#my-name-set")
	one.until(`document.querySelector('#settings .done')`)
	minjun.people("나하늘", "민준", "새소이")
	two.until(`document.querySelector('.me-bar b')?.textContent === '새소이'`)
	one.click("#settings-close")
	one.until(`!document.querySelector('#settings')`)
	one.click("#leave")
	one.inRoom("점심")
	two.inRoom("점심")
	two.roomList("점심")
	minjun.people("나하늘", "민준")
	other.say("나는 있어요")
	minjun.hears("나하늘", "나는 있어요")
}

// A server that has lost its secret knows nobody again. Each window begins anew as the new
// device that the server takes it for, and what was not sent by then is, once.
func TestServerForgetsWhoOneIs(t *testing.T) {
	s := startServer(t, "MARU_SECRET=the-first-of-two-secrets")
	one := newPerson(t, look{})
	one.join(s.url, "소이", "방")
	two := one.tab()
	two.open(s.url + "/r/" + url.PathEscape("방"))
	two.inRoom("방")
	for _, p := range []*person{one, two} {
		p.expect(lostConnection)
		p.ready()
	}
	s.kill()
	for _, p := range []*person{one, two} {
		p.until(`!document.querySelector('#maru[data-link="online"]')`)
	}
	one.say("끊긴 동안")
	one.sees("it pending", func(l line) bool { return l.Pending })
	token := eval[string](one, `localStorage.getItem('maru.token')`)
	s.env = []string{"MARU_SECRET=the-second-of-two-secrets"}
	s.start()
	for _, p := range []*person{one, two} {
		p.until(`document.querySelector('#maru[data-link="online"]') && localStorage.getItem('maru.token') !== ` + quote(token))
		p.inRoom("방")
		p.saysOnly("끊긴 동안")
		p.until(`!document.querySelector('.msg.pending')`)
	}
}
