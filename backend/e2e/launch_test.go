package e2e

import (
	"net/url"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// launches gives the pages of a person the queue of starts that an installed app
// has and a headless browser lacks, and counts their sockets: window.launch is
// another start of the app.
func (p *person) launches() {
	p.t.Helper()
	command(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		Object.defineProperty(window, 'launchQueue', { value: { setConsumer(consume) {
			window.launch = (to) => { consume({ targetURL: new URL(to, location.href).href }); return true; };
			launch(location.href);
		} } });
		window.sockets = 0;
		window.WebSocket = class extends WebSocket { constructor(...args) { super(...args); window.sockets++; } };`})
}

func (p *person) launch(to string) {
	p.t.Helper()
	eval[bool](p, `launch(`+quote(to)+`)`)
}

// Another start of the installed app shows what it asks for in the window that is
// open: without loading the page again, and over the same connection.
func TestSecondLaunchComesToTheOpenWindow(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.launches()
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	soi.watchReads()
	minjun.say("하나")
	soi.hasRead("민준", "하나")
	eval[bool](soi, `window.sameWindow = true`)

	soi.launch("/r/" + url.PathEscape("점심"))
	soi.inRoom("점심") // one has a name already
	soi.launch("https://elsewhere.example/r/" + url.PathEscape("남의 방"))
	minjun.say("둘")
	soi.until(`document.title === '(1) 점심 · 마루'`)
	soi.launch("/?unread")
	soi.inRoom("기획팀")
	soi.until(`document.title === '기획팀 · 마루'`)
	soi.launch("/r/" + url.PathEscape("점심"))
	soi.inRoom("점심")
	soi.launch("/?new")
	soi.until(`location.pathname === '/' && document.getElementById('enter') && document.getElementById('name').value === '소이' && document.getElementById('room').value === ''`)
	soi.launch("/?text=" + url.QueryEscape("나눈 <b>말</b>"))
	soi.until(`document.querySelector('#shared p')?.textContent === '나눈 <b>말</b>'`)
	soi.fill("room", "점심")
	soi.click("#enter")
	soi.inRoom("점심")
	soi.until(`document.getElementById('composer').value === '나눈 <b>말</b>'`)
	if n := eval[int](soi, `sockets`); n != 1 {
		t.Errorf("there were %d sockets", n)
	}
	soi.click("#to-connection")
	soi.until(`location.pathname === '/connection'`)
	soi.launch("/?recent")
	soi.inRoom("점심")
	if !eval[bool](soi, `window.sameWindow === true`) {
		t.Error("the page was loaded again")
	}
	if rooms := eval[[]string](soi, `[...document.querySelectorAll('.room .t')].map(e => e.textContent)`); len(rooms) != 2 {
		t.Errorf("one is in %q", rooms)
	}
}

// A start that comes while the program is still on its way is not lost.
func TestLaunchBeforeTheProgramRuns(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.launches()
	soi.join(s.url, "소이", "기획팀")
	release := soi.hold()
	soi.openFrame(s.url + "/r/" + url.PathEscape("기획팀"))
	soi.launch("/r/" + url.PathEscape("점심"))
	release()
	soi.inRoom("점심")
}
