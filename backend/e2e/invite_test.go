package e2e

import (
	"bytes"
	"image"
	_ "image/png"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// scans reads the QR code in an element, as a camera would that looks at the screen.
func (p *person) scans(selector string) string {
	p.t.Helper()
	type box struct{ X, Y, Width, Height float64 }
	b := eval[box](p, `(b => ({X: b.x, Y: b.y, Width: b.width, Height: b.height}))(document.querySelector(`+quote(selector)+`).getBoundingClientRect())`)
	shot := command(p, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng,
		Clip: &page.Viewport{X: b.X, Y: b.Y, Width: b.Width, Height: b.Height, Scale: 2}})
	picture, _, err := image.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		p.t.Fatal(err)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		p.t.Fatal(err)
	}
	read, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		p.t.Fatalf("%s can't be read: %v", selector, err)
	}
	return read.GetText()
}

// The link to a room is copied, shared by the system, or read off the screen, in the
// dark as well; and it leads there.
func TestInvite(t *testing.T) {
	const room = "긴 이름을 가진 기획팀 방, 화요일마다 모여요"
	s := startServer(t)
	soi := newPerson(t, look{dark: true, width: 390, height: 760, touch: true})
	soi.join(s.url, "소이", room)
	link := s.url + "/r/" + url.PathEscape(room)
	eval[bool](soi, `(navigator.clipboard.writeText = async text => { window.copied = text; }, navigator.share = async what => { window.shared = what; }, true)`)
	soi.click(`.empty [data-do="code"]`)
	soi.until(`document.querySelector('#invitation[open] .qr')`)
	if got := soi.scans("#invitation .qr"); got != link {
		t.Errorf("the code leads to %q, not %q", got, link)
	}
	soi.click("#invite-copy")
	soi.until(`document.querySelector('#invitation [role=status]').textContent === '복사했어요'`)
	soi.click("#invite-share")
	soi.until(`window.shared`)
	if got := eval[[]string](soi, `[window.copied, window.shared.url]`); got[0] != link || got[1] != link {
		t.Errorf("copied and shared are %q, not %q", got, link)
	}
	if got := eval[[]string](soi, `(shown => [shown, new URL(shown).href])(document.querySelector('.link-text').textContent)`); got[1] != link || !strings.Contains(got[0], "기획팀") {
		t.Errorf("the link is shown as %q, which leads to %s", got[0], got[1])
	}
	soi.click("#invitation-close")
	soi.until(`!document.querySelector('#invitation')`)
	soi.click("#invite")
	soi.until(`document.querySelector('#invitation[open]') && document.activeElement.id === 'invite-copy'`)
	eval[bool](soi, `(() => { // without HTTPS there is no clipboard for scripts
		Object.defineProperty(navigator, 'clipboard', {value: undefined});
		document.addEventListener('copy', e => { window.copied = 'the old way: ' + e.target.value; });
		return true;
	})()`)
	soi.click("#invite-copy")
	soi.until(`window.copied === ` + quote("the old way: "+link) + ` && document.querySelector('#invitation [role=status]').textContent === '복사했어요'`)
	minjun := newPerson(t, look{})
	minjun.open(link)
	minjun.online()
	minjun.until(`document.getElementById('room').value === ` + quote(room))
	minjun.fill("name", "민준")
	minjun.click("#enter")
	minjun.inRoom(room)
}

// The card says what goes on in the room that stands in it, before one goes in.
func TestCardTellsOfTheRoom(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	says := func(hint string) {
		t.Helper()
		minjun.until(`document.getElementById('room-hint').textContent === ` + quote(hint))
	}
	minjun.open(s.url + "/")
	minjun.online()
	says("없는 방이면 새로 만들어져요.")
	minjun.fill("room", "기획팀")
	says("아무도 없고 메시지도 없는 방이에요.")
	soi.join(s.url, "소이", "기획팀")
	soi.say("있어요?")
	soi.hears("소이", "있어요?")
	minjun.open(s.url + "/r/" + url.PathEscape("기획팀")) // a link that somebody sent
	says("지금 1명이 있어요 · 마지막 메시지 방금")
	minjun.fill("name", "Admin")
	minjun.click("#enter")
	minjun.until(`document.querySelector('#name-error') && document.activeElement.id === 'name'`)
	eval[bool](minjun, `(document.getElementById('room').focus(), document.getElementById('room').setSelectionRange(9, 9), true)`)
	minjun.compose("ㅇ", "와")
	says("아무도 없고 메시지도 없는 방이에요.")
	minjun.compose("왁")
	if got := eval[[]string](minjun, `[document.getElementById('room').value, document.activeElement.id]`); got[0] != "기획팀왁" || got[1] != "room" {
		t.Errorf("the answer has come into a composition: %q", got)
	}
	command(minjun, input.InsertText, input.InsertTextParams{Text: "왁"})
	minjun.fill("room", "기획팀")
	says("지금 1명이 있어요 · 마지막 메시지 방금")
	soi.leave()
	minjun.fill("room", "공지")
	says("아무도 없고 메시지도 없는 방이에요.")
	minjun.fill("room", "기획팀")
	says("지금은 아무도 없어요 · 마지막 메시지 방금")
}
