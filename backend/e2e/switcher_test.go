package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/input"
)

// Bits of the modifier keys.
const (
	ctrlKey = 2
	metaKey = 4
)

// shortcut presses Ctrl or ⌘ with K. On a Korean keyboard the key has the name of
// its letter there.
func (p *person) shortcut(modifier int64, key string) {
	p.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{rawKeyDown, keyUp} {
		command(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: key, Code: "KeyK", WindowsVirtualKeyCode: 75, NativeVirtualKeyCode: 75, Modifiers: modifier})
	}
}

func (p *person) choices(want string) {
	p.t.Helper()
	p.until(`[...document.querySelectorAll('#ways li .t')].map(e => e.textContent).join('|') === ` + quote(want))
}

const (
	switcherOpen   = `document.querySelector('#switcher[open]') && document.activeElement.id === 'switch'`
	switcherClosed = `!document.getElementById('switcher')`
)

// Another room is found by its name as one types, also by initials and in the
// midst of a composition, by keyboard alone; Esc leads back to where one was.
func TestSwitchingRooms(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	for _, room := range []string{"개발", "디자인"} {
		soi.shortcut(ctrlKey, "k")
		soi.until(switcherOpen)
		soi.fill("switch", room)
		soi.choices("‘" + room + "’ 방 열기")
		soi.enterKey()
		soi.until(switcherClosed)
		soi.inRoom(room)
		soi.until(`document.activeElement.id === 'composer'`)
	}
	minjun.join(s.url, "민준", "기획팀")
	minjun.say("여기 봐요")
	soi.until(`document.querySelector('.room-list .n')`)

	soi.typeInto("composer", "쓰던 글")
	soi.shortcut(metaKey, "ㅏ")
	soi.until(switcherOpen)
	soi.choices("기획팀|개발|디자인")
	soi.until(`document.querySelector('#ways .n')?.textContent.includes('1')`)
	soi.compose("ㄱ", "ㄱㅎ") // the composition is still open
	soi.choices("기획팀|‘ㄱㅎ’ 방 열기")
	soi.key(rawKeyDown, "Enter", 229, "") // the input method's
	soi.key(rawKeyDown, "ArrowDown", 229, "")
	soi.key(rawKeyDown, "Escape", 229, "")
	soi.until(switcherOpen + ` && document.getElementById('switch').value === 'ㄱㅎ' && document.getElementById('switch').getAttribute('aria-activedescendant') === 'way-0'`)
	soi.compose("디", "디ㅈ", "디자")
	soi.choices("디자인|‘디자’ 방 열기")
	soi.compose("기", "기호")
	command(soi, input.InsertText, input.InsertTextParams{Text: "기호"})
	soi.choices("기획팀|‘기호’ 방 열기")
	soi.press("ArrowDown")
	soi.until(`document.querySelector('#way-1[aria-selected=true]')`)
	soi.press("ArrowDown")
	soi.until(`document.querySelector('#way-0[aria-selected=true]')`)
	soi.press("Escape")
	soi.until(switcherClosed + ` && document.activeElement.id === 'composer'`)
	soi.inRoom("디자인")

	soi.tabTo("#to-switch", shiftKey)
	soi.press("Enter")
	soi.until(switcherOpen)
	soi.press("Escape")
	soi.until(switcherClosed + ` && document.activeElement.id === 'to-switch'`)
	soi.shortcut(ctrlKey, "k")
	soi.until(switcherOpen)
	soi.fill("switch", "ㄱㅎ")
	soi.choices("기획팀|‘ㄱㅎ’ 방 열기")
	soi.enterKey()
	soi.inRoom("기획팀")
	soi.hears("민준", "여기 봐요")
	soi.until(`document.getElementById('composer').value === ''`)
	soi.shortcut(ctrlKey, "k")
	soi.until(switcherOpen)
	soi.until(`document.querySelector('[aria-selected=true] .t').textContent === '개발'`) // not the one in view
	soi.shortcut(ctrlKey, "k")
	soi.until(switcherClosed)
	eval[bool](soi, `(history.back(), true)`)
	soi.inRoom("디자인")
	soi.until(`document.getElementById('composer').value === '쓰던 글'`)
}

// On a narrow screen that is touched it fits, and the way back closes it.
func TestSwitchingRoomsByTouch(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{width: 320, height: 640, touch: true})
	soi.join(s.url, "소이", "아주 긴 이름의 방이라서 한 줄에 다 들어가지 않는 방")
	soi.click(".head .only-s")
	soi.still()
	soi.click("#to-switch")
	soi.until(switcherOpen)
	soi.fill("switch", "둘째")
	soi.choices("‘둘째’ 방 열기")
	if wide := eval[float64](soi, `Math.max(document.documentElement.scrollWidth, document.querySelector('#switcher').getBoundingClientRect().right)`); wide > 320 {
		t.Errorf("it is %v px wide", wide)
	}
	if low := eval[float64](soi, `document.querySelector('#way-0').getBoundingClientRect().height`); low < 44 {
		t.Errorf("a choice is %v px high", low)
	}
	soi.accessible("switching rooms by touch")
	eval[bool](soi, `(history.back(), true)`)
	soi.until(switcherClosed)
	soi.until(`!document.querySelector('.show-rooms')`)
	soi.click(".head .only-s")
	soi.still()
	soi.click("#to-switch")
	soi.until(switcherOpen)
	soi.fill("switch", "둘째")
	soi.click("#way-0")
	soi.inRoom("둘째")
	soi.painted()
	if id := eval[string](soi, `document.activeElement.id`); id == "composer" {
		t.Error("the keyboard of the phone comes up unasked")
	}
}
