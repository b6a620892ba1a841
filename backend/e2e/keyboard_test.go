package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// press presses a key and lets it go.
func (p *person) press(name string, modifiers ...int64) {
	p.t.Helper()
	code := map[string]int64{"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "Backspace": 8, "PageUp": 33, "PageDown": 34, "End": 35, "Home": 36,
		"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}[name]
	text := map[string]string{"Enter": "\r", " ": " "}[name]
	bits := int64(0)
	for _, m := range modifiers {
		bits |= m
	}
	for _, kind := range []input.DispatchKeyEventType{keyDown, keyUp} {
		params := input.DispatchKeyEventParams{Type: kind, Key: name, Code: name, WindowsVirtualKeyCode: code, NativeVirtualKeyCode: code, Modifiers: bits}
		if kind == keyDown {
			params.Text, params.UnmodifiedText = text, text
		}
		command(p, input.DispatchKeyEvent, params)
	}
}

// tabTo goes on with the Tab key until an element has the focus, and checks on
// the way that the focus can be seen and is not hidden behind anything.
func (p *person) tabTo(selector string, modifiers ...int64) {
	p.t.Helper()
	var passed []string
	for range 60 {
		at := eval[string](p, fmt.Sprintf(`(e => e.matches(%s) ? '' : e.tagName + '#' + e.id + '.' + e.className)(document.activeElement)`, quote(selector)))
		if at == "" {
			return
		}
		passed = append(passed, at)
		p.press("Tab", modifiers...)
		p.painted()
		if hidden := eval[string](p, `(e => {
			if (e === document.body || e.closest('.segments')) return '';
			const b = e.getBoundingClientRect(), x = b.left + Math.min(b.width / 2, 40), y = b.top + Math.min(b.height / 2, 20);
			const top = document.elementFromPoint(x, y);
			return top && (e.contains(top) || top.contains(e)) ? '' : e.outerHTML.slice(0, 80) + ' behind ' + top?.outerHTML.slice(0, 80);
		})(document.activeElement)`); hidden != "" {
			p.t.Errorf("the focus is on %s", hidden)
		}
	}
	p.t.Fatalf("the Tab key does not lead to %s, but to %s", selector, strings.Join(passed, ", "))
}

// Everything can be done without a pointer: coming in, talking, the messages and
// what can be done with them, the settings, and going away.
func TestKeyboardIsEnough(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.open(s.url + "/")
	soi.online()
	soi.tabTo("#name")
	command(soi, input.InsertText, input.InsertTextParams{Text: "소이"})
	soi.tabTo("#room")
	command(soi, input.InsertText, input.InsertTextParams{Text: "기획팀"})
	soi.press("Enter")
	soi.inRoom("기획팀")
	soi.until(`document.activeElement.id === 'composer'`)
	minjun.join(s.url, "민준", "기획팀")
	for _, line := range []string{"하나", "둘", "셋"} {
		minjun.say(line)
	}
	soi.hears("민준", "셋")
	soi.talkByKeys(minjun)
	minjun.say("하나 더")
	soi.hears("민준", "하나 더")
	soi.searchByKeys()
	soi.settleByKeys()
	soi.tabTo("#leave", shiftKey)
	soi.press("Enter")
	soi.until(`document.querySelector('#enter')`)
}

// talkByKeys goes through the messages, reacts to one, edits and deletes another.
func (p *person) talkByKeys(other *person) {
	p.t.Helper()
	focused := func(text string) {
		p.t.Helper()
		p.until(`document.activeElement.matches('.msg') && document.activeElement.textContent.includes(` + quote(text) + `)`)
	}
	p.tabTo(".log", shiftKey)
	p.press("ArrowUp")
	focused("셋")
	p.press("ArrowUp")
	focused("둘")
	p.press("Enter")
	p.until(`document.activeElement.dataset.do === 'react'`)
	p.press("Enter")
	p.until(`document.activeElement.matches('.emoji')`)
	p.press("ArrowRight")
	p.press("ArrowDown")
	p.press("ArrowUp")
	p.press("Enter")
	p.until(`!document.querySelector('#emoji') && document.querySelector('.msg .re[aria-pressed=true]')`)
	other.until(`document.querySelector('.msg .re[aria-pressed=false]')`)
	p.press("Escape")
	focused("둘")
	p.press("Escape")
	p.until(`document.activeElement.id === 'composer'`)
	p.say("고칠 말")
	p.hears("소이", "고칠 말")
	p.press("ArrowUp")
	p.until(`document.querySelector('.edit-bar') && document.getElementById('composer').value === '고칠 말'`)
	p.press("Escape")
	p.until(`!document.querySelector('.edit-bar') && document.getElementById('composer').value === ''`)
	p.press("ArrowUp")
	p.until(`document.getElementById('composer').value === '고칠 말'`)
	p.fill("composer", "고친 말")
	p.press("Enter")
	other.hears("소이", "고친 말")
	p.until(`document.querySelector('.edited') && !document.querySelector('.edit-bar')`)
	p.tabTo(".log", shiftKey)
	p.press("ArrowUp")
	focused("고친 말")
	p.until(`document.activeElement.querySelector('.tools')`)
	p.tabTo(`[data-do="delete"]`)
	p.press("Enter")
	p.until(`document.activeElement.dataset.do === 'delete-not'`)
	p.press("Tab", shiftKey)
	p.press("Enter")
	other.until(`document.querySelector('.msg .deleted')`)
	p.until(`document.activeElement.id === 'composer'`)
}

// searchByKeys goes to the second of the messages that are found, and back.
func (p *person) searchByKeys() {
	p.t.Helper()
	p.tabTo("#search", shiftKey)
	p.press("Enter")
	p.until(`document.activeElement.id === 'find'`)
	p.compose("ㅎ", "하", "한") // not finished yet
	p.finds()
	p.compose("하", "하ㄴ")
	command(p, input.InsertText, input.InsertTextParams{Text: "하나"})
	p.finds("하나", "하나")
	p.tabTo("#find-close")
	p.tabTo("#find", shiftKey)
	p.press("ArrowDown")
	p.until(`document.activeElement.getAttribute('aria-activedescendant') === 'hit-1'`)
	p.press("Enter")
	p.until(`!document.querySelector('.finder') && document.activeElement.matches('.msg') && !document.activeElement.textContent.includes('더')`)
	p.press("Escape")
	p.until(`document.activeElement.id === 'composer'`)
}

// settleByKeys changes the theme, and leaves the settings where they were opened.
func (p *person) settleByKeys() {
	p.t.Helper()
	p.tabTo("#to-settings", shiftKey)
	p.press("Enter")
	p.until(`document.querySelector('#settings[open]')?.contains(document.activeElement)`)
	p.tabTo(`[name="maru.theme"]`)
	p.press("ArrowRight")
	p.until(`document.documentElement.dataset.theme === 'light' && document.activeElement.value === 'light' && document.activeElement.checked`)
	p.painted() // nobody is quicker than the page
	p.press("ArrowRight")
	p.until(`document.documentElement.dataset.theme === 'dark'`)
	p.press("Escape")
	p.until(`!document.querySelector('#settings') && document.activeElement.id === 'to-settings'`)
}
