package e2e

import (
	"slices"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// compose types a text as a Korean input method does, syllable by syllable, and
// leaves the composition open.
func (p *person) compose(steps ...string) {
	p.t.Helper()
	for _, s := range steps {
		end := int64(len([]rune(s)))
		command(p, input.ImeSetComposition, input.ImeSetCompositionParams{Text: s, SelectionStart: end, SelectionEnd: end})
	}
}

var greeting = []string{"ㅇ", "아", "안", "안ㄴ", "안녀", "안녕", "안녕ㅎ", "안녕하", "안녕하세", "안녕하세요"}

// onlyHears checks that exactly these messages are there, after a message of the
// other one has made the way that a wrong one would have made too.
func onlyHears(t *testing.T, p, other *person, marker string, want ...string) {
	t.Helper()
	other.say(marker)
	p.sees(marker, func(l line) bool { return l.Text == marker && !l.Pending })
	if got := p.said(); !slices.Equal(got, append(slices.Clone(want), marker)) {
		t.Errorf("the log has %q, want %q and the marker", got, want)
	}
}

// Chromium: Enter ends the composition as key 229, and comes again as key 13. One
// press by the person, one message, the whole text.
func TestHangulEnterSendsOnce(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	eval[bool](soi, `(document.getElementById('composer').focus(), true)`)

	soi.compose(greeting...)
	minjun.say("쓰는 중에 온 말") // must not disturb the composition
	soi.hears("민준", "쓰는 중에 온 말")
	if got := soi.value("composer"); got != "안녕하세요" {
		t.Fatalf("a message that came in changed the composition to %q", got)
	}
	soi.key(rawKeyDown, "Enter", 229, "")
	if got := soi.value("composer"); got != "안녕하세요" {
		t.Fatalf("Enter within the composition left %q", got)
	}
	command(soi, input.InsertText, input.InsertTextParams{Text: "안녕하세요"})
	soi.key(keyUp, "Enter", 229, "")
	soi.enterKey()
	minjun.hears("소이", "안녕하세요")
	soi.until(`document.getElementById('composer').value === ''`)
	onlyHears(t, soi, minjun, "끝", "쓰는 중에 온 말", "안녕하세요")
}

// Safari: the composition ends before its Enter arrives, as key 229 but without
// isComposing. That Enter belongs to the input method.
func TestHangulEnterInSafarisOrder(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	eval[bool](soi, `(document.getElementById('composer').focus(), true)`)

	soi.compose(greeting...)
	command(soi, input.InsertText, input.InsertTextParams{Text: "안녕하세요"})
	soi.key(rawKeyDown, "Enter", 229, "")
	soi.key(keyUp, "Enter", 229, "")
	if got := soi.value("composer"); got != "안녕하세요" {
		t.Errorf("the Enter of the input method left %q", got)
	}
	onlyHears(t, soi, minjun, "사이")
	soi.enterKey()
	minjun.hears("소이", "안녕하세요")
	onlyHears(t, soi, minjun, "끝", "사이", "안녕하세요")
}

func TestShiftEnterBreaksTheLine(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	soi.typeInto("composer", "하나")
	command(soi, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: keyDown, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, Text: "\r", Modifiers: shiftKey})
	soi.key(keyUp, "Enter", 13, "")
	soi.typeInto("composer", "둘")
	if got := soi.value("composer"); got != "하나\n둘" {
		t.Errorf("the composer holds %q", got)
	}
	soi.enterKey()
	soi.hears("소이", "하나\n둘")
}
