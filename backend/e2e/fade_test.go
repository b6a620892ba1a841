package e2e

import (
	"slices"
	"strings"
	"testing"
)

// A line that has just come fades in; what is out of view does not, nor anything for
// somebody who wants less to move.
func TestNewLinesFadeIn(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	minjun.join(s.url, "민준", "기획팀")
	minjun.fillRoom(30)
	soi.join(s.url, "소이", "기획팀")
	calm := newPerson(t, look{})
	calm.open(s.url + "/")
	eval[bool](calm, `(localStorage.setItem('maru.motion', 'less'), true)`)
	calm.join(s.url, "하늘", "기획팀")
	for _, p := range []*person{soi, calm} {
		eval[bool](p, `(() => {
			window.faded = []; window.ahead = 0;
			const now = performance.now.bind(performance);
			performance.now = () => now() + window.ahead;
			const animate = Element.prototype.animate;
			Element.prototype.animate = function (...how) { window.faded.push(this.textContent); return animate.apply(this, how); };
			return true;
		})()`)
	}
	// One that comes close behind another one does not: a while passes between them.
	wait(t, "a line that fades in", func() (bool, any) {
		for _, p := range []*person{soi, calm} {
			eval[bool](p, `(window.ahead += 1000, true)`)
		}
		minjun.say("나타나요")
		for _, p := range []*person{soi, calm} {
			p.hears("민준", "나타나요")
		}
		got := eval[[]string](soi, `window.faded`)
		return slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, "나타나요") }), got
	})
	calm.painted()
	if got := eval[[]string](calm, `window.faded`); len(got) > 0 {
		t.Errorf("for somebody who wants less to move fades %q", got)
	}
	soi.scrollTo("0")
	eval[bool](soi, `(window.faded = [], true)`)
	for _, text := range []string{"하나", "둘", "셋"} {
		eval[bool](soi, `(window.ahead += 1000, true)`)
		minjun.say(text)
		minjun.hears("민준", text)
	}
	soi.until(`document.querySelector('.latest')?.textContent.includes('3')`)
	soi.painted()
	if got := eval[[]string](soi, `window.faded`); len(got) > 0 {
		t.Errorf("out of view fades %q", got)
	}
}
