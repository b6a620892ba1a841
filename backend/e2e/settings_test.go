package e2e

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/target"
)

func quoteFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// What was chosen holds at once, and from the first paint of the next start on.
func TestChoicesHoldFromTheFirstPaint(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	soi.click("#to-settings")
	soi.until(`document.querySelector('#settings[open]')`)
	for _, choice := range []string{"maru.theme-dark", "maru.size-l", "maru.motion-less", "maru.enter-line", "maru.lang-en"} {
		eval[bool](soi, `(document.getElementById(`+quote(choice)+`).click(), true)`)
	}
	soi.until(`(d => d.theme === 'dark' && d.size === 'l' && d.motion === 'less')(document.documentElement.dataset) && document.documentElement.lang === 'en'`)
	soi.until(`document.querySelector('#settings-title').textContent === 'Settings'`)
	soi.click("#settings-close")
	soi.until(`!document.querySelector('#settings')`)
	soi.typeInto("composer", "line")
	soi.enterKey()
	soi.typeInto("composer", "two")
	if got := soi.value("composer"); got != "line\ntwo" {
		t.Errorf("Enter does not break the line as chosen: %q", got)
	}
	soi.hold()
	soi.openFrame(s.url + "/r/" + url.PathEscape("기획팀"))
	if !eval[bool](soi, `document.documentElement.dataset.theme === 'dark' && document.documentElement.lang === 'en'
		&& getComputedStyle(document.body).backgroundColor === 'rgb(23, 22, 19)' && getComputedStyle(document.body).fontSize === '17px'
		&& document.getElementById('enter').textContent === 'Enter' && document.querySelector('script[src*=boot]').defer === false
		&& [...document.querySelectorAll('meta[name="theme-color"]')].every(m => m.content === '#171613')`) {
		t.Error("the frame is not as it was chosen")
	}
}

// A dialog that the browser closes by itself is closed, and can be opened again.
func TestBrowserClosesADialog(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	for range 2 {
		for opener, dialog := range map[string]string{"#to-settings": "#settings", "#to-switch": "#switcher", "#invite": "#invitation"} {
			soi.click(opener)
			soi.until(`document.querySelector('` + dialog + `[open]')`)
			eval[bool](soi, `(document.querySelector('`+dialog+`').close(), true)`)
			soi.until(`!document.querySelector('` + dialog + `')`)
		}
	}
	soi.say("그대로예요")
	soi.hears("소이", "그대로예요")
}

func TestNameIsChangedInTheSettings(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	soi.click("#to-settings")
	soi.until(`document.getElementById('my-name')?.value === '소이'`)
	soi.fill("my-name", strings.Repeat("가", 25))
	soi.click("#my-name-set")
	soi.until(`document.querySelector('#my-name-error')`)
	soi.fill("my-name", "새소이")
	soi.click("#my-name-set")
	soi.until(`document.querySelector('#settings .done')`)
	minjun.people("민준", "새소이")
	soi.click("#settings-close")
	soi.until(`!document.querySelector('#settings')`)
	soi.say("이름 바꿨어요")
	minjun.hears("새소이", "이름 바꿨어요")
}

func TestForgottenDeviceKeepsNothing(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	soi.ready()
	soi.click("#to-settings")
	soi.until(`document.querySelector('#settings[open]')`)
	soi.click("#forget")
	soi.until(`document.activeElement.id === 'forget-not'`)
	soi.click("#forget-anyway")
	soi.until(`location.pathname === '/' && document.querySelector('#name') && document.querySelector('#name').value === ''`)
	minjun.people("민준")
	soi.online()
	if got := eval[string](soi, `['maru.name', 'maru.rooms', 'maru.recent'].map(k => (localStorage[k] || '') + (sessionStorage[k] || '')).join('')`); got != "" {
		t.Errorf("the browser still knows %q", got)
	}
}

// The browser's offer to install is taken by a quiet button, and by nothing else.
func TestInstallButtonIsQuietAndWorks(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	if eval[bool](soi, `Boolean(document.querySelector('#install'))`) {
		t.Error("there is a button without an offer")
	}
	if !eval[bool](soi, `(() => {
		const offer = new Event('beforeinstallprompt', {cancelable: true});
		offer.prompt = () => { window.prompted = (window.prompted || 0) + 1; };
		window.dispatchEvent(offer);
		return offer.defaultPrevented;
	})()`) {
		t.Error("the browser shows an offer of its own")
	}
	soi.until(`document.querySelector('#install') && !window.prompted`)
	soi.click("#install")
	soi.until(`window.prompted === 1`)
	eval[bool](soi, `window.dispatchEvent(new Event('appinstalled'))`)
	soi.until(`!document.querySelector('#install')`)
}

// mayNotify has the browser let a site show notifications.
func (p *person) mayNotify(origin string) {
	p.t.Helper()
	info := command(p, target.GetTargetInfo, target.GetTargetInfoParams{}).TargetInfo
	command(p, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{Permission: &cdpbrowser.PermissionDescriptor{Name: "notifications"},
		Setting: cdpbrowser.PermissionSettingGranted, Origin: origin, BrowserContextID: info.BrowserContextID})
}

// The person is asked within the page, after the first message, and once. What
// comes while one looks elsewhere is told, a room in one notification; it goes
// when it was read.
func TestNotifications(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	soi.ready()
	eval[bool](soi, `(() => {
		Object.defineProperty(Notification, 'permission', {get: () => window.allowed || 'default'});
		Notification.requestPermission = async () => { window.asked = (window.asked || 0) + 1; window.allowed = 'granted'; return 'granted'; };
		return true;
	})()`)
	soi.mayNotify(s.url)
	if eval[bool](soi, `Boolean(document.querySelector('#ask-notify') || window.asked)`) {
		t.Error("asked before there was anything to tell")
	}
	soi.say("안녕하세요")
	soi.until(`document.querySelector('#allow') && !window.asked`)
	soi.click("#allow")
	soi.until(`window.asked === 1 && !document.querySelector('#ask-notify')`)
	const shown = `(await (await navigator.serviceWorker.ready).getNotifications())`
	minjun.say("보이는 말")
	soi.hears("민준", "보이는 말")
	soi.lookAway()
	soi.notified("기획팀", "민준: 하나", func() { minjun.say("하나") })
	soi.notified("기획팀", "민준: 둘", func() { minjun.say("둘") })
	soi.until(`(async () => ` + shown + `[0]?.data.path === location.pathname)()`)
	soi.lookBack()
	soi.until(`(async () => ` + shown + `.length === 0)()`)
	soi.click("#to-connection")
	soi.until(`location.pathname === '/connection'`)
	// What the worker says when a notification was clicked.
	eval[bool](soi, `navigator.serviceWorker.dispatchEvent(new MessageEvent('message', {data: {type: 'maru:open', path: '/r/' + encodeURIComponent('기획팀')}}))`)
	soi.inRoom("기획팀")
}

// What another app shares goes into the composer of the room that is chosen.
func TestSharedTextWaitsForARoom(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.open(s.url + "/?title=" + url.QueryEscape("제목") + "&text=" + url.QueryEscape("본문 <b>") + "&url=" + url.QueryEscape("https://example.com/"))
	soi.online()
	soi.until(`document.querySelector('#shared p')?.textContent === '제목\n본문 <b>\nhttps://example.com/'`)
	soi.fill("name", "소이")
	soi.fill("room", "기획팀")
	soi.click("#enter")
	soi.inRoom("기획팀")
	soi.until(`document.getElementById('composer').value === '제목\n본문 <b>\nhttps://example.com/'`)
}
