package e2e

import (
	"net/url"
	"testing"
)

// Two windows of one person agree on what is read, without being loaded anew: in
// the one in view, in the list of rooms, the title, the icon and the badge. They
// may be at different instances. The unread line stays where it was, for the
// visit, and what was read stays read.
func TestTwoWindowsAgreeOnWhatIsRead(t *testing.T) {
	env := "MARU_STORE=redis://" + startRedis(t)
	first, second := startServer(t, env), startServer(t, env)
	w := newWire(t, first.url)
	minjun := newPerson(t, look{})
	minjun.join(second.url, "민준", "기획팀")
	one := newPerson(t, look{})
	one.join(w.url, "소이", "기획팀")
	w.lead(second.url) // the next window has its connection there
	two := one.tab()
	two.open(w.url + "/r/" + url.PathEscape("기획팀"))
	two.inRoom("기획팀")
	both := []*person{one, two}
	for _, p := range both {
		p.people("민준", "소이")
		p.watchBadge()
		p.watchReads()
		p.lookAway()
	}
	for _, text := range []string{"하나", "둘", "셋"} {
		minjun.say(text)
	}
	for _, p := range both {
		p.until(`badges.at(-1) === 3 && document.title === '(3) 기획팀 · 마루' && document.querySelector('link[rel=icon][type="image/svg+xml"]').href.includes('icon-new')`)
		p.until(`document.querySelector('.unread-line')?.nextElementSibling.textContent.includes('하나')`)
	}

	one.lookBack()
	for _, p := range both {
		p.until(`badges.at(-1) === 0 && document.title === '기획팀 · 마루' && !document.querySelector('link[rel=icon][type="image/svg+xml"]').href.includes('icon-new')`)
		if !eval[bool](p, `document.querySelector('.unread-line')?.nextElementSibling.textContent.includes('하나')`) {
			t.Error("the unread line has moved within the visit")
		}
	}

	// In another room, the list of rooms tells, in each window of its own.
	one.lookAway()
	two.alsoIn("점심")
	minjun.say("넷")
	two.until(`document.querySelector('.room.unread .n')?.firstChild.textContent === '1' && document.title === '(1) 점심 · 마루' && badges.at(-1) === 1`)
	one.until(`document.title === '(1) 기획팀 · 마루'`)
	one.lookBack()
	two.until(`!document.querySelector('.room.unread') && document.title === '점심 · 마루' && badges.at(-1) === 0`)

	// What was read does not come back: not with the other window, which has seen
	// less, nor with a new visit.
	two.lookBack()
	two.click(`.room[href="/r/` + url.PathEscape("기획팀") + `"]`)
	two.inRoom("기획팀")
	two.hears("민준", "넷")
	two.painted()
	if eval[bool](two, `Boolean(document.querySelector('.unread-line')) || document.title !== '기획팀 · 마루'`) {
		t.Error("what was read in the other window is unread again")
	}
	for _, p := range both {
		p.reload()
		p.inRoom("기획팀")
		p.hears("민준", "넷")
		p.painted()
		if eval[bool](p, `document.title.startsWith('(') || Boolean(document.querySelector('.unread-line'))`) {
			t.Error("what was read is unread after a reload")
		}
	}
}

// Another device becomes the same person by the picture or the link of the first one, once
// its person has said so: with the rooms, and with what was read.
func TestAnotherDevice(t *testing.T) {
	s := startServer(t)
	minjun, soi := newPerson(t, look{}), newPerson(t, look{})
	minjun.join(s.url, "민준", "기획팀")
	soi.join(s.url, "소이", "점심")
	soi.alsoIn("기획팀")
	soi.click("#to-settings")
	soi.until(`document.querySelector('#settings[open]')`)
	soi.click("#to-devices")
	soi.until(`document.querySelector('#devices[open] .qr')`)
	soi.accessible("a code for another device")
	link := soi.scans("#devices .qr")
	eval[bool](soi, `(() => { window.copied = ''; navigator.clipboard.writeText = async (words) => { copied = words; }; return true; })()`)
	soi.click("#devices-copy")
	soi.until(`copied === ` + quote(link))
	soi.until(`document.querySelector('#devices .tip')`)
	soi.click("#devices-close")
	soi.until(`!document.querySelector('#devices')`)
	soi.lookAway()
	minjun.say("하나")
	soi.until(`document.title === '(1) 기획팀 · 마루'`)

	phone := newPerson(t, look{touch: true, width: 390, height: 844})
	phone.open(link)
	phone.until(`document.querySelector('#arrive-yes') && location.href === ` + quote(s.url+"/"))
	phone.accessible("the question whether to go on here")
	phone.click("#arrive-not")
	phone.until(`document.querySelector('#join') && !localStorage.getItem('maru.member')`)
	phone.open("about:blank")
	phone.open(link)
	phone.until(`document.querySelector('#arrive-yes')`)
	phone.click("#arrive-yes")
	phone.inRoom("기획팀")
	phone.hears("민준", "하나")
	soi.until(`document.title === '기획팀 · 마루'`) // it was read on the phone
	minjun.people("민준", "소이")
	phone.typeInto("composer", "폰에서")
	phone.click("#send") // where there is a touch keyboard, Enter breaks the line
	soi.hears("소이", "폰에서")
	if !eval[bool](soi, `[...document.querySelectorAll('.log .msg')].at(-1).querySelector('.you') !== null`) {
		t.Error("what the person writes on the phone is somebody else's on the first device")
	}
	phone.click(".head .only-s")
	phone.roomList("기획팀", "점심")

	// One more device needs a code of its own.
	tablet := newPerson(t, look{touch: true, width: 820, height: 1180})
	tablet.open(link)
	tablet.click("#arrive-yes")
	tablet.until(`document.querySelector('#arrive-error')`)
	soi.click("#to-settings")
	soi.click("#to-devices")
	soi.until(`document.querySelector('#devices[open] .qr')`)
	eval[bool](soi, `(window.shown = document.querySelector('#devices .qr').outerHTML, true)`)
	soi.click("#devices-new")
	soi.until(`(code => document.activeElement.id === 'devices-close' && code && code.outerHTML !== shown)(document.querySelector('#devices .qr'))`)
	link = soi.scans("#devices .qr")
	tablet.open("about:blank")
	tablet.open(link)
	tablet.click("#arrive-yes")
	tablet.inRoom("기획팀")
	tablet.hears("소이", "폰에서")
}
