package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// reload loads the page again, as F5 does.
func (p *person) reload() {
	p.t.Helper()
	eval[bool](p, `window.maruBefore = true`)
	command(p, page.Reload, page.ReloadParams{})
	p.until(`!window.maruBefore`)
	p.online()
}

// One tab may have another name in each room, and has it still after a reload.
func TestReloadKeepsTheNameOfEachRoom(t *testing.T) {
	s := startServer(t)
	minjun, soi := newPerson(t, look{}), newPerson(t, look{})
	minjun.join(s.url, "민준", "하나")
	soi.join(s.url, "소이", "하나")
	soi.click(`.rooms .pane a[href="/"]`)
	soi.until(`document.getElementById('join')`)
	soi.fill("name", "다른소이")
	soi.fill("room", "둘")
	soi.click("#enter")
	soi.inRoom("둘")
	minjun.people("민준", "소이")
	soi.reload()
	soi.inRoom("둘")
	soi.people("다른소이")
	minjun.people("민준", "소이")
	soi.until(`document.querySelectorAll('.room-list .room').length >= 2`)
	soi.click(`.room-list a[href="/r/%ED%95%98%EB%82%98"]`)
	soi.inRoom("하나")
	soi.people("민준", "소이")
	minjun.say("아직 있어요?")
	soi.hears("민준", "아직 있어요?")
	for _, p := range []*person{soi, minjun} {
		for _, l := range p.lines() {
			if l.Notice && strings.Contains(l.Text, "떠났습니다") {
				t.Errorf("the reload is told of: %q", l.Text)
			}
		}
	}
	soi.until(`document.querySelector('.me-bar b').textContent === '소이'`)
}
