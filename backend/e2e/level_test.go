package e2e

import (
	"fmt"
	"net/url"
	"testing"
)

// level chooses what of the room in view the person is told, in the list of rooms.
func (p *person) level(value int) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(e => { e.value = %d; return e.dispatchEvent(new Event('change', {bubbles: true})); })(document.getElementById('level'))`, value))
}

// How loud a room is, is said beside it, and the list shows which one is muted, and that
// there is something new in it, but nothing counts it. It holds in all windows.
func TestMutedRoom(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	minjun.join(s.url, "민준", "기획팀")
	soi.join(s.url, "소이", "기획팀")
	link := func(room string) string { return `.room-list [href="/r/` + url.PathEscape(room) + `"]` }
	soi.level(2)
	soi.until(`document.querySelector(` + quote(link("기획팀")+` .icon`) + `) && document.querySelector('.level [href="#i-mute"]')`)
	soi.alsoIn("개발")
	if got := eval[string](soi, `document.getElementById('level').value`); got != "0" {
		t.Errorf("another room is as loud as %q", got)
	}
	other := soi.tab()
	other.open(s.url + "/r/" + url.PathEscape("기획팀"))
	other.inRoom("기획팀")
	other.until(`document.getElementById('level').value === '2'`)
	minjun.say("조용히 한 말")
	other.hears("민준", "조용히 한 말")
	other.click(link("개발"))
	other.inRoom("개발")
	minjun.say("더 조용히 한 말")
	soi.until(`document.querySelector(` + quote(link("기획팀")+` .icon`) + `) && document.querySelector('.room.unread') && !document.querySelector('.room .n') && document.title[0] !== '('`)

	other.click(link("기획팀"))
	other.inRoom("기획팀")
	other.hears("민준", "더 조용히 한 말")
	other.level(0)
	soi.until(`!document.querySelector(` + quote(link("기획팀")+` .icon`) + `)`)
	soi.click("#to-settings")
	soi.until(`document.querySelector('#settings [data-room="기획팀"]')?.value === '0'`)
	soi.click("#settings-close")
	soi.until(`!document.querySelector('#settings')`)
	other.click(link("개발"))
	other.inRoom("개발")
	minjun.say("들리는 말")
	soi.until(`Number(document.querySelector(` + quote(link("기획팀")+` .n [aria-hidden]`) + `)?.textContent) > 0 && document.title[0] === '('`)
}
