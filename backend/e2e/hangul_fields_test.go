package e2e

import (
	"testing"

	"github.com/chromedp/cdproto/input"
)

// imeField is a field, beside the composer, in which Enter and Esc mean something.
type imeField struct {
	name    string
	id      string
	open    func(p *person)
	entered string // true once Enter has done its work with what was composed
	closed  string // true once Esc has closed it
}

var imeFields = []imeField{
	{"search", "find", func(p *person) {
		p.click("#search")
		p.until(`document.activeElement?.id === 'find'`)
		p.fill("find", "")
	}, `!document.querySelector('.finder') && document.activeElement.textContent.includes('안녕하세요')`, `!document.querySelector('.finder')`},
	{"name", "my-name", func(p *person) {
		p.click("#to-settings")
		p.until(`document.getElementById('my-name')?.value === '소이'`)
		eval[bool](p, `(document.getElementById('my-name').select(), document.getElementById('my-name').focus(), true)`)
	}, `document.querySelector('#settings .done') && document.querySelector('.me-bar b').textContent === '안녕하세요'`, `!document.querySelector('#settings')`},
	{"edit", "composer", func(p *person) {
		eval[bool](p, `(document.getElementById('composer').focus(), true)`)
		p.press("ArrowUp")
		p.until(`document.querySelector('.edit-bar')`)
		p.fill("composer", "")
	}, `!document.querySelector('.edit-bar') && document.querySelector('.edited')`, `!document.querySelector('.edit-bar')`},
}

// In every field a key within a composition is the input method's, in either
// order of events: Enter does not choose, submit or send, and Esc closes nothing.
// The keys that follow do so, once.
func TestHangulInOtherFields(t *testing.T) {
	for _, f := range imeFields {
		t.Run(f.name, func(t *testing.T) {
			s := startServer(t)
			soi := newPerson(t, look{})
			soi.join(s.url, "소이", "기획팀")
			soi.say("모두 안녕하세요")
			soi.hears("소이", "모두 안녕하세요")
			for _, order := range []string{"Chromium", "Safari"} {
				for _, key := range []string{"Escape", "Enter"} {
					f.open(soi)
					f.try(soi, order, key)
				}
				if f.name == "name" { // back to the name that the next round expects
					soi.fill("my-name", "소이")
					soi.press("Enter")
					soi.until(`document.querySelector('.me-bar b').textContent === '소이'`)
					soi.press("Escape")
					soi.until(f.closed)
				}
			}
		})
	}
}

// try composes, presses the key as the input method's, and then as the person's.
func (f imeField) try(p *person, order, key string) {
	p.t.Helper()
	code := map[string]int64{"Enter": 13, "Escape": 27}[key]
	p.compose(greeting...)
	if order == "Safari" {
		command(p, input.InsertText, input.InsertTextParams{Text: "안녕하세요"})
	}
	p.key(rawKeyDown, key, 229, "")
	p.painted()
	done := f.closed
	if key == "Enter" {
		done = f.entered
	}
	if got := p.value(f.id); got != "안녕하세요" || eval[bool](p, "Boolean("+done+")") {
		p.t.Errorf("%s, %s: %s within the composition left %q, or did something", f.name, order, key, got)
		return
	}
	if order == "Chromium" {
		command(p, input.InsertText, input.InsertTextParams{Text: "안녕하세요"})
	}
	p.key(keyUp, key, 229, "")
	if f.name == "search" && key == "Enter" {
		p.finds("안녕하세요")
	}
	p.key(keyDown, key, code, map[string]string{"Enter": "\r"}[key])
	p.key(keyUp, key, code, "")
	p.until(done)
	if f.name == "edit" && key == "Enter" {
		p.saysOnly("안녕하세요")
	}
}
