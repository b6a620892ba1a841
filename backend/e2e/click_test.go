package e2e

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// targets are the pages, or what else, of a person's own browser.
func (p *person) targets(kind string) (found []target.ID) {
	p.t.Helper()
	mine := command(p, target.GetTargetInfo, target.GetTargetInfoParams{}).TargetInfo.BrowserContextID
	infos, err := chromedp.Targets(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, info := range infos {
		if info.Type == kind && info.BrowserContextID == mine {
			found = append(found, info.TargetID)
		}
	}
	return found
}

// worker is the service worker of a person's browser.
func (p *person) worker() *person {
	p.t.Helper()
	var found []target.ID
	wait(p.t, "the service worker", func() (bool, any) {
		found = p.targets("service_worker")
		return len(found) == 1, found
	})
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(found[0]), chromedp.WithDetachOnCancel())
	p.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		p.t.Fatal(err)
	}
	return &person{t: p.t, ctx: ctx}
}

// watchWindows notes what the worker does to windows: each counts how often it was
// brought to the front. A browser lets a worker do that only when a person has
// really clicked, which no test can.
func watchWindows(worker *person, windows ...*person) {
	worker.t.Helper()
	eval[bool](worker, `(() => {
		self.opened = 0;
		WindowClient.prototype.focus = async function () { this.postMessage('to the front'); return this; };
		Clients.prototype.openWindow = async () => { opened++; return null; };
		return true;
	})()`)
	for _, p := range windows {
		eval[bool](p, `(() => {
			window.fronted = 0;
			navigator.serviceWorker.addEventListener('message', ({ data }) => { if (data === 'to the front') fronted++; });
			return true;
		})()`)
	}
}

// notified has say say something, until there is one notification and it says this.
// Without a system that shows them the browser drops some that the page was told are
// shown, the more the busier the machine is; what is said next is told again.
func (p *person) notified(title, body string, say func()) {
	p.t.Helper()
	wait(p.t, "the notification "+body, func() (bool, any) {
		say()
		type seen struct {
			OK    bool
			There []string
		}
		got := eval[seen](p, fmt.Sprintf(`(async () => {
			const worker = await navigator.serviceWorker.ready;
			for (const end = performance.now() + 3000; ; await new Promise(done => setTimeout(done, 20))) {
				const n = await worker.getNotifications();
				const OK = n.length === 1 && n[0].title === %s && n[0].body === %s;
				if (OK || performance.now() > end) return {OK, There: n.map(n => n.title + ': ' + n.body)};
			}
		})()`, quote(title), quote(body)))
		return got.OK, got.There
	})
}

// clickNotification is the event by which a browser tells the worker of a click.
func (p *person) clickNotification() {
	p.t.Helper()
	eval[bool](p, `(async () => {
		const [notification] = await registration.getNotifications();
		return self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
	})()`)
}

// A click on a notification leads to its room: in the window that shows it, or
// else in one that is open, and never in a new one.
func TestNotificationLeadsToItsRoom(t *testing.T) {
	s := startServer(t)
	one, minjun := newPerson(t, look{}), newPerson(t, look{})
	one.mayNotify(s.url)
	one.join(s.url, "소이", "기획팀")
	one.ready()
	two := one.tab()
	two.join(s.url, "소이", "점심")
	minjun.join(s.url, "민준", "점심")
	minjun.alsoIn("기획팀")
	worker := one.worker()
	watchWindows(worker, one, two)
	for _, p := range []*person{one, two} {
		p.lookAway()
	}
	clicked := func(room string, shows *person, times int) {
		t.Helper()
		minjun.click(fmt.Sprintf(`.room[href="/r/%s"]`, url.PathEscape(room)))
		minjun.inRoom(room)
		one.notified(room, "민준: 여기요", func() { minjun.say("여기요") })
		worker.clickNotification()
		shows.until(fmt.Sprintf(`fronted === %d`, times))
		shows.inRoom(room)
		one.until(`(async () => (await (await navigator.serviceWorker.ready).getNotifications()).length === 0)()`)
	}
	clicked("점심", two, 1)
	clicked("기획팀", one, 1)
	one.inRoom("기획팀")
	two.inRoom("점심")

	// Nobody shows the room: a window that is open goes there.
	two.leave()
	one.click("#to-connection")
	one.until(`location.pathname === '/connection'`)
	clicked("기획팀", one, 2)
	one.until(`location.pathname === '/r/' + encodeURIComponent('기획팀')`)
	if n := eval[int](worker, `opened`); n != 0 {
		t.Errorf("the worker opened %d windows", n)
	}
	if pages := one.targets("page"); len(pages) != 1 {
		t.Errorf("there are %d pages", len(pages))
	}
}
