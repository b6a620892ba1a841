package e2e

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// Names, rooms and messages are text wherever they are shown: in the log, in the
// lists, in the title, in the page of the room as the server sends it.
func TestMarkupStaysText(t *testing.T) {
	const (
		name = `<img src=x onerror=x()>`
		room = `"><script>x()</script>`
		text = `"><img src=x onerror=x()> <script>x()</script> javascript:x() </textarea><svg onload=x()>`
	)
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	for _, p := range []*person{soi, minjun} {
		command(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `window.x = () => { window.hacked = true; };`})
	}
	check := func(p *person, where string) {
		t.Helper()
		if eval[bool](p, `Boolean(window.hacked) || Boolean(document.querySelector('img[src="x"], svg[onload], a[href^="javascript"], script:not([src]):not(#words)'))`) {
			t.Errorf("%s has read text as markup", where)
		}
	}
	minjun.join(s.url, "민준", room)
	soi.join(s.url, name, room)
	minjun.notices(name + "님이")
	minjun.people(name, "민준")
	soi.say(text)
	minjun.hears(name, text)
	minjun.until(fmt.Sprintf("document.title.includes(%s)", quote(room)))
	minjun.until(fmt.Sprintf("document.querySelector('.room-list a').textContent.includes(%s)", quote(room)))
	check(minjun, "the room")
	check(soi, "the author's room")

	soi.open(s.url + "/r/" + url.PathEscape(room)) // the frame comes from the server
	check(soi, "the frame of the room")
	soi.inRoom(room)
	soi.hears(name, text)
	check(soi, "the room after a reload")
	soi.open(s.url + "/r/" + url.PathEscape(`</title><script>x()</script>`) + "?q=" + url.QueryEscape(text))
	soi.online()
	check(soi, "a room that is no name")
}

// Another site must not show the page in a frame, nor run a script in it.
func TestPolicyForbidsInlineScript(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.open(s.url + "/")
	soi.online()
	soi.expect(`Content Security Policy`)
	ran := eval[bool](soi, `(() => {
		const script = document.createElement('script');
		script.textContent = 'window.inline = true';
		document.head.append(script);
		return Boolean(window.inline);
	})()`)
	if ran {
		t.Error("an inline script runs")
	}
	// Not at once, since what a debugger evaluates may itself evaluate.
	if eval[bool](soi, `new Promise(done => setTimeout(() => { try { new Function('return 1')(); done(true); } catch { done(false); } }))`) {
		t.Error("eval runs")
	}
}
