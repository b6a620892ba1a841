package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
)

// ready waits until a page is under the care of a service worker, that is, until
// everything that an offline start needs has been kept.
func (p *person) ready() {
	p.t.Helper()
	p.until(`navigator.serviceWorker.controller?.state === 'activated'`)
}

// started waits for the program to run, connected or not.
func (p *person) started() {
	p.t.Helper()
	p.until(`document.querySelector('#maru .langs') && !document.getElementById('app-wasm-loader')`)
}

// caches returns the names of what workers keep.
func (p *person) caches() []string {
	p.t.Helper()
	return eval[[]string](p, `caches.keys()`)
}

func TestOpensWithoutANetwork(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.open(s.url + "/")
	soi.online()
	soi.ready()
	soi.open(s.url + "/r/") // a redirect must pass the worker
	soi.until(`location.pathname === '/'`)
	soi.online()

	soi.expect(lostConnection)
	s.kill()
	for _, path := range []string{"/", "/?x=y", "/r/" + url.PathEscape("방")} {
		soi.open(s.url + path)
		soi.started()
		soi.until(`document.querySelector('#maru[data-link="waiting"], #maru[data-link="connecting"]') && document.getElementById('enter')`)
	}
	if got := soi.value("room"); got != "방" {
		t.Errorf("the room of the address is %q in the form", got)
	}
	// Asking to come in says that it has to wait; nothing is lost meanwhile.
	soi.fill("name", "소이")
	soi.click("#enter")
	soi.until(`document.querySelector('#enter[aria-busy="true"]')`)
	soi.until(`document.querySelector('#join [role=status]')?.textContent`)
	if offline := eval[bool](soi, `fetch('/socket.io/?EIO=4&transport=polling').then(() => false, () => true)`); !offline {
		t.Error("the worker answers for the socket")
	}
	s.start()
	soi.inRoom("방")
}

func TestRoomOpensWithoutANetwork(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "방")
	soi.ready()
	soi.expect(lostConnection)
	s.kill()
	soi.open(s.url + "/r/" + url.PathEscape("방"))
	soi.started()
	soi.until(`document.querySelector('.head h1')?.textContent === '방' && document.getElementById('composer')`)
	soi.until(`document.querySelector('.banner [role=status]')?.textContent`)
	soi.say("나중에 갈 말")
	soi.sees("it pending", func(l line) bool { return l.Pending && l.Text == "나중에 갈 말" })
	s.start()
	soi.hears("소이", "나중에 갈 말")
}

// A new release whose download fails changes nothing: the one before goes on, also
// offline. Once it is whole, it waits to be asked, and then all of it is new.
func TestReleaseIsReplacedWholeOrNotAtAll(t *testing.T) {
	f := newFront(t, startServer(t))
	soi := newPerson(t, look{})
	soi.expect(lostConnection)
	soi.expect(`HTTP 503|status of 503|Failed to update a ServiceWorker|ERR_FAILED`)
	soi.open(f.URL + "/")
	soi.online()
	soi.ready()
	first := f.releases[0].version
	soi.keeps(first)

	f.serve(second, broken)
	eval[bool](soi, `navigator.serviceWorker.ready.then(r => r.update()).then(() => true, () => true)`)
	wait(t, "the failing download", func() (bool, any) { return f.asked.Load() > 0, f.asked.Load() })
	soi.until(`navigator.serviceWorker.ready.then(r => !r.installing && !r.waiting)`)
	soi.keeps(first)
	f.serve(second, down)
	soi.open(f.URL + "/?x=y")
	soi.started()
	soi.isRelease(f.releases[0])

	f.serve(second, whole)
	eval[bool](soi, `navigator.serviceWorker.ready.then(r => r.update()).then(() => true)`)
	soi.until(`navigator.serviceWorker.ready.then(r => r.waiting)`)
	soi.keeps(first, f.releases[1].version)
	soi.isRelease(f.releases[0])
	soi.click("#toast button")
	soi.until(fmt.Sprintf("document.documentElement.dataset.version === %s", quote(f.releases[1].version)))
	soi.online()
	soi.keeps(f.releases[1].version)
	f.serve(second, down)
	soi.open(f.URL + "/r/a")
	soi.started()
	soi.isRelease(f.releases[1])
}

// keeps waits for the caches to be those of these releases.
func (p *person) keeps(versions ...string) {
	p.t.Helper()
	var want []string
	for _, v := range versions {
		want = append(want, "maru-"+v)
	}
	slices.Sort(want)
	wait(p.t, fmt.Sprintf("the caches %q", want), func() (bool, any) {
		got := p.caches()
		slices.Sort(got)
		return slices.Equal(got, want), got
	})
}

// isRelease checks that page and WebAssembly are of one release.
func (p *person) isRelease(r releaseInfo) {
	p.t.Helper()
	if got := eval[string](p, `document.documentElement.dataset.version`); got != r.version {
		p.t.Errorf("the page is of release %s, want %s", got, r.version)
	}
	if got := eval[int](p, `fetch(document.documentElement.dataset.wasm).then(r => r.arrayBuffer()).then(b => b.byteLength)`); got != len(r.wasm) {
		p.t.Errorf("the WebAssembly has %d bytes, want %d", got, len(r.wasm))
	}
}
