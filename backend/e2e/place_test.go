package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A message of one's own takes the place that it will have, and nothing of what is
// above it moves when the server has it. Only what takes long says so, in view.
func TestSendingMovesNothing(t *testing.T) {
	s := startServer(t)
	w := newWire(t, s.url)
	soi := newPerson(t, look{})
	soi.join(w.url, "소이", "방")
	soi.fillRoom(30)
	eval[bool](soi, `(() => {
		window.heights = [];
		new MutationObserver(() => {
			const row = document.querySelector('.log .lines > .msg.pending');
			if (row && !row.dataset.seen) { row.dataset.seen = 1; heights.push(row.offsetHeight); }
		}).observe(document.querySelector('.log'), { childList: true, subtree: true, attributes: true });
		return true;
	})()`)
	soi.send("보낸 말")
	soi.hears("소이", "보낸 말")
	soi.until(`heights.length === 1 && heights[0] === document.querySelector('.log .lines > .msg:last-child').offsetHeight`)

	soi.expect(lostConnection)
	w.set(true)
	soi.until(`!document.querySelector('#maru[data-link="online"]')`)
	soi.send("기다리는 말")
	soi.until(`(() => {
		const said = document.querySelector('.log .msg:last-child .state'), log = document.querySelector('.log');
		return said?.offsetHeight > 20 && said.getBoundingClientRect().bottom <= log.getBoundingClientRect().bottom;
	})()`)
}

// A line that was gone to is in the address until one is at the end again, so that a
// reload leads back to where one is. Its link can be had, and leads there in this window.
func TestLinkOfALine(t *testing.T) {
	s := startServer(t, "MARU_LIMITS=off")
	writer := newStock(t, s.url)
	writer.emit("join", map[string]string{"username": "민준", "room": "방"})
	writer.writes(0, 120)
	soi := newPerson(t, look{})
	soi.open(s.url + "/r/" + url.PathEscape("방") + "#40")
	soi.online()
	soi.fill("name", "소이")
	soi.click("#enter")
	soi.until(`document.activeElement?.dataset.key === 's40'`)
	eval[bool](soi, `(() => { window.copied = ''; navigator.clipboard.writeText = async (words) => { copied = words; }; return true; })()`)
	soi.hover(`[data-key=s40]`)
	soi.until(`document.querySelector('[data-key=s40] .tools')`)
	soi.click(`[data-key=s40] [data-do=link]`)
	soi.until(`window.copied`)
	link := eval[string](soi, `copied`)
	if want := s.url + "/r/" + url.PathEscape("방") + "#40"; link != want {
		t.Errorf("the link is %s, want %s", link, want)
	}
	if got := eval[string](soi, `location.hash`); got != "#40" {
		t.Errorf("at the line the address ends with %q", got)
	}
	soi.click(".latest")
	soi.until(`location.hash === '' && decodeURIComponent(location.pathname) === '/r/방'`)
	eval[bool](soi, `window.same = true`)
	soi.send("여기 " + link)
	soi.hears("소이", "여기 "+link)
	soi.click(`.log .msg:last-child a`)
	soi.until(`document.activeElement?.dataset.key === 's40' && window.same`)
	if n := len(soi.targets("page")); n != 1 {
		t.Errorf("there are %d windows", n)
	}

	// A link to a room that one is not in leads nobody into it under their name.
	elsewhere := s.url + "/r/" + url.PathEscape("남의 방")
	soi.send(elsewhere)
	soi.hears("소이", elsewhere)
	soi.click(`.log .msg:last-child a`)
	wait(t, "another window", func() (bool, any) { n := len(soi.targets("page")); return n == 2, n })
	soi.inRoom("방")
	soi.roomList("방")
}

// A reload for another version leads back to where one reads.
func TestReloadStaysWhereOneReads(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "방")
	soi.fillRoom(80)
	soi.scrollTo("document.querySelector('.log').scrollHeight / 2")
	soi.until(`document.querySelector('.latest')`)
	soi.painted()
	seen := eval[string](soi, `document.querySelector('[data-key=`+soi.firstSeen().Key+`] .text').textContent`)
	eval[bool](soi, `(window.before = true, goappOnUpdate() || true)`)
	soi.click("#toast .link")
	soi.until(`!window.before && document.querySelector('.latest')`)
	soi.inRoom("방")
	soi.until(fmt.Sprintf(`(row => row && Math.abs(row.getBoundingClientRect().top - document.querySelector('.log').getBoundingClientRect().top) < 400)([...document.querySelectorAll('.log .msg .text')].find(e => e.textContent === %s))`, quote(seen)))
}

// Two windows write one draft: neither loses what the other has written, nor brings
// back what was sent.
func TestDraftOfTwoWindows(t *testing.T) {
	s := startServer(t)
	one := newPerson(t, look{})
	one.join(s.url, "소이", "방")
	two := one.tab()
	two.open(s.url + "/r/" + url.PathEscape("방"))
	two.inRoom("방")
	one.typeInto("composer", "쓰던 글")
	two.until(`document.getElementById('composer').value === '쓰던 글'`)
	leave := `(window.dispatchEvent(new Event('pagehide')), true)`
	one.typeInto("composer", "을 마저")
	eval[bool](two, leave) // at once: it has nothing of its own to keep
	two.until(`document.getElementById('composer').value === '쓰던 글을 마저' && localStorage.getItem('maru.draft.방') === '쓰던 글을 마저'`)
	one.enterKey()
	one.hears("소이", "쓰던 글을 마저")
	two.until(`document.getElementById('composer').value === ''`)
	eval[bool](two, leave)
	two.painted()
	if got := eval[string](two, `localStorage.getItem('maru.draft.방') || ''`); got != "" {
		t.Errorf("what was sent is a draft again: %q", got)
	}

	// It goes over with the message that it answers.
	one.hover(".msg")
	one.click(`[data-do="reply"]`)
	one.typeInto("composer", "그 답")
	two.until(`document.getElementById('composer').value === '그 답' && document.querySelector('#reply-cancel')`)
	two.click("#send")
	one.hears("소이", "그 답")
	one.until(`document.querySelector('.msg .quote') && !document.querySelector('#reply-cancel') && document.getElementById('composer').value === ''`)
}

// A text that is too long says by how much, and is sent once it fits.
func TestLongTextSaysByHowMuch(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "방")
	long := strings.Repeat("가", 4000)
	soi.typeInto("composer", long+"나다")
	soi.until(`document.getElementById('composer-error')?.textContent.includes('2자를 줄여 주세요')`)
	soi.enterKey()
	soi.until(`document.getElementById('composer').value.length === 4002 && document.querySelectorAll('.log .msg').length === 0`)
	soi.press("Backspace")
	soi.until(`document.getElementById('composer-error')?.textContent.includes('1자를 줄여 주세요')`)
	soi.press("Backspace")
	soi.until(`!document.getElementById('composer-error')`)
	soi.enterKey()
	soi.hears("소이", long)
}

// The device is forgotten in all its windows.
func TestForgottenInAllWindows(t *testing.T) {
	s := startServer(t)
	one := newPerson(t, look{})
	one.join(s.url, "소이", "하나")
	two := one.tab()
	two.join(s.url, "소이", "둘")
	two.typeInto("composer", "쓰던 글")
	two.until(`localStorage.getItem('maru.draft.둘')`)
	one.click("#to-settings")
	one.until(`document.querySelector('#settings[open]')`)
	one.click("#forget")
	one.until(`document.activeElement.id === 'forget-not'`)
	one.click("#forget-anyway")
	for _, p := range []*person{one, two} {
		p.until(`location.pathname === '/' && document.querySelector('#name')?.value === ''`)
		p.online()
	}
	if got := eval[string](two, `JSON.stringify([Object.keys(localStorage).filter(k => !k.startsWith('maru.token')), Object.keys(sessionStorage)])`); strings.Contains(got, "maru.draft") || strings.Contains(got, "maru.name") || strings.Contains(got, "maru.member") {
		t.Errorf("the browser still has %s", got)
	}
}
