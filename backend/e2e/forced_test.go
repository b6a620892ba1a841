package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// forceColors has the browser use the few colours of a system with high contrast.
func (p *person) forceColors() {
	p.t.Helper()
	scheme := "light"
	if p.look.dark {
		scheme = "dark"
	}
	command(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "forced-colors", Value: "active"}, {Name: "prefers-color-scheme", Value: scheme}}})
	p.until(`matchMedia('(forced-colors: active)').matches`)
}

// signs returns what tells one state from another beside the text, as it is drawn:
// lines around it, weight, and the colours that the system gives.
const signs = `const signs = (selector, pseudo) => {
	const e = document.querySelector(selector);
	if (!e) throw new Error('there is no ' + selector);
	const s = getComputedStyle(e, pseudo), line = (kind) => s[kind + 'Style'] === 'none' || s[kind + 'Width'] === '0px' ? 'none' : [s[kind + 'Style'], s[kind + 'Width'], s[kind + 'Color']].join(' ');
	return { border: line('borderTop'), outline: line('outline'), background: s.backgroundColor, weight: s.fontWeight, height: s.height };
};
const blank = (color) => /rgba\(.*, 0\)/.test(color) || color === getComputedStyle(document.body).backgroundColor;
`

// toldApart checks that two things differ by more than their text.
func (p *person) toldApart(one, other string) {
	p.t.Helper()
	p.painted()
	type sides struct{ One, Other map[string]string }
	got := eval[sides](p, fmt.Sprintf(`(() => { %s return { One: signs(...%s), Other: signs(...%s) }; })()`, signs, one, other))
	for _, key := range []string{"border", "outline", "background"} {
		if got.One[key] != got.Other[key] {
			return
		}
	}
	p.t.Errorf("%s and %s look the same: %v", one, other, got.One)
}

// drawn checks that something has a line around it, or a colour of its own.
func (p *person) drawn(selectors ...string) {
	p.t.Helper()
	p.painted()
	for _, selector := range selectors {
		if got := eval[string](p, fmt.Sprintf(`(() => { %s const s = signs(...%s); return s.border === 'none' && s.outline === 'none' && blank(s.background) ? JSON.stringify(s) : ''; })()`, signs, selector)); got != "" {
			p.t.Errorf("%s can't be seen: %s", selector, got)
		}
	}
}

// Where the system forces its colours, nothing is told by ours alone.
func TestForcedColours(t *testing.T) {
	for _, dark := range []bool{false, true} {
		t.Run(fmt.Sprintf("dark-%v", dark), func(t *testing.T) {
			s := startServer(t)
			soi, minjun := newPerson(t, look{dark: dark}), newPerson(t, look{})
			soi.expect(lostConnection)
			minjun.expect(lostConnection)
			soi.forceColors()
			soi.open(s.url + "/")
			soi.online()
			soi.drawn(`['#enter']`, `[':focus']`)
			soi.toldApart(`['.langs [aria-pressed=true]']`, `['.langs [aria-pressed=false]']`)
			soi.join(s.url, "소이", "기획팀")
			minjun.join(s.url, "민준", "기획팀")
			soi.forcedTalk(minjun)
			soi.forcedSearch()
			s.kill()
			soi.until(`document.querySelector('.banner [role=status]')?.textContent && document.querySelector('.me-bar .dot.away')`)
			soi.drawn(`['.banner']`, `['.me-bar .dot']`)
			if eval[bool](soi, fmt.Sprintf(`(() => { %s return !blank(signs('.me-bar .dot').background); })()`, signs)) {
				t.Error("a lost connection looks like one that is there")
			}
			soi.say("나중에 갈 말")
			soi.until(`document.querySelector('.pending .state').innerText.trim() && document.querySelector('.pending .state .icon')`)
		})
	}
}

// Who asks the system for more contrast gets what is quieter as plain as the rest, in
// both themes, whether the system chose them or the person.
func TestMoreContrast(t *testing.T) {
	s := startServer(t)
	for dark, themes := range map[bool][]string{false: {"", "dark"}, true: {"", "light"}} {
		for _, theme := range themes {
			soi := newPerson(t, look{dark: dark})
			soi.join(s.url, "소이", fmt.Sprint("방", theme, dark))
			soi.send("하나")
			soi.hears("소이", "하나")
			eval[bool](soi, fmt.Sprintf(`(localStorage.setItem('maru.theme', %s), maruLook(), true)`, quote(theme)))
			const quiet = `getComputedStyle(document.querySelector('.by time')).color === getComputedStyle(document.querySelector('.by b')).color`
			soi.until(`!(` + quiet + `)`)
			scheme := map[bool]string{false: "light", true: "dark"}[dark]
			command(soi, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
				{Name: "prefers-contrast", Value: "more"}, {Name: "prefers-color-scheme", Value: scheme}}})
			soi.until(quiet)
			soi.accessible("more contrast")
			soi.leave()
		}
	}
}

// forcedTalk looks at a room in which others write.
func (p *person) forcedTalk(other *person) {
	p.t.Helper()
	p.watchReads()
	other.say("@소이 하나")
	p.hasRead("민준", "@소이 하나")
	p.say("@민준 회의 둘")
	for who, key := range map[*person]string{p: p.hears("민준", "@소이 하나").Key, other: other.hears("소이", "@민준 회의 둘").Key} {
		row := fmt.Sprintf(".msg[data-key=%s]", quote(key))
		who.hover(row)
		who.until(fmt.Sprintf("(e => e && (e.click(), true))(document.querySelector(%s))", quote(row+" [data-do=react]")))
		who.until(`(e => e && (e.click(), true))(document.querySelector('#emoji .emoji'))`)
	}
	p.until(`document.querySelector('.re[aria-pressed=true]') && document.querySelector('.re[aria-pressed=false]')`)
	p.toldApart(`['.re[aria-pressed=true]']`, `['.re[aria-pressed=false]']`)
	if !eval[bool](p, `(() => {
		const probe = document.createElement('i');
		probe.style.cssText = 'background: Highlight; forced-color-adjust: none';
		document.body.append(probe);
		const [want, got] = [probe, document.querySelector('.re[aria-pressed=true]')].map(e => getComputedStyle(e).backgroundColor);
		probe.remove();
		return got === want;
	})()`) {
		p.t.Error("a reaction of one's own has not the system's colour")
	}
	p.toldApart(`['.at.me']`, `['.at:not(.me)']`)
	p.drawn(`['.me-bar .dot']`, `['.st', '::after']`, `['#send']`, `['.ava']`, `['.day', '::before']`)
	filled := eval[bool](p, fmt.Sprintf(`(() => { %s return !blank(signs('.me-bar .dot').background) && !blank(signs('.st', '::after').background); })()`, signs))
	if !filled {
		p.t.Error("who is there is not filled")
	}
	eval[bool](p, `(document.getElementById('composer').blur(), true)`)
	p.drawn(`['.composer']`)
	before := eval[string](p, fmt.Sprintf(`(() => { %s return signs('.composer').outline; })()`, signs))
	eval[bool](p, `(document.getElementById('composer').focus(), true)`)
	p.painted()
	if after := eval[string](p, fmt.Sprintf(`(() => { %s return signs('.composer').outline; })()`, signs)); after == before {
		p.t.Errorf("the focus on the composer is not seen: %s", after)
	}
	p.alsoIn("점심")
	other.say("@소이 셋")
	p.until(`document.querySelector('.room .n')`)
	p.drawn(`['.room .n']`)
	p.toldApart(`['.room.on']`, `['.room:not(.on)']`)
	p.click(".room.unread")
	p.inRoom("기획팀")
	p.until(`document.querySelector('.unread-line')`)
	p.drawn(`['.unread-line', '::before']`)
	p.typeInto("composer", "@민")
	p.until(`document.querySelector('#call')`)
	p.drawn(`['#call [aria-selected=true]']`)
	p.fill("composer", "")
}

// forcedSearch looks at the search.
func (p *person) forcedSearch() {
	p.t.Helper()
	p.click("#search")
	p.until(`document.activeElement?.id === 'find'`)
	p.drawn(`['.finder .bar']`)
	p.fill("find", "소이")
	p.fill("find", "이")
	p.until(`document.querySelectorAll('#hits li').length > 0`)
	p.fill("find", "@")
	p.until(`document.querySelectorAll('#hits li').length > 1 && document.querySelector('#hits mark')`)
	p.toldApart(`['#hits [aria-selected=true]']`, `['#hits [aria-selected=false]']`)
	p.drawn(`['#hits mark']`)
	p.toldApart(`['#find-all']`, `['.langs [aria-pressed=true]']`)
	p.press("Escape")
	p.until(`!document.querySelector('.finder')`)
}
