package e2e

import (
	"fmt"
	"testing"
)

// The network is away while 5,000 messages are written. Then the newest are
// there; what is missing above them is said, and all of it can be read, whichever
// the transport, and at another instance too. All who tell of what is not read
// say 5,000.
func TestAwayFor5000Messages(t *testing.T) {
	for _, transport := range []string{"websocket", "polling"} {
		t.Run(transport, func(t *testing.T) {
			s := startServer(t, "MARU_LIMITS=off")
			p := newProxy(t, s)
			p.refuses.Store(transport == "polling")
			awayFor5000(t, s, newWire(t, p.url), func() {})
			if opened := p.opened.Load(); (opened > 0) != (transport == "websocket") {
				t.Errorf("%d WebSockets were opened", opened)
			}
		})
	}
	t.Run("another instance", func(t *testing.T) {
		env := "MARU_STORE=redis://" + startRedis(t)
		first, second := startServer(t, env, "MARU_LIMITS=off"), startServer(t, env, "MARU_LIMITS=off")
		w := newWire(t, first.url)
		awayFor5000(t, second, w, func() {
			first.kill()
			w.lead(second.url)
		})
	})
}

// awayFor5000 has somebody write to a server while the wire to the reader is cut,
// and something else happens.
func awayFor5000(t *testing.T, s *server, w *wire, meanwhile func()) {
	writer := newStock(t, s.url)
	writer.emit("join", map[string]string{"username": "민준", "room": "방"})
	writer.writes(0, 3)
	soi := newPerson(t, look{})
	soi.expect(lostConnection)
	soi.join(w.url, "소이", "방")
	soi.watchBadge()
	soi.reads(2)
	soi.lookAway()
	w.set(true)
	soi.until(`!document.querySelector('#maru[data-link="online"]')`)
	meanwhile()
	// What is no message is not unread: who comes and goes, as whoever is away for
	// ten minutes does, too, and a reaction.
	passer := newStock(t, s.url)
	passer.emit("join", map[string]string{"username": "하늘", "room": "방"})
	passer.hears("ack join", func(map[string]any) bool { return true })
	writer.writes(3, 2500)
	passer.emit("leave", map[string]string{"room": "방"})
	writer.emit("react", map[string]any{"room": "방", "seq": 2, "emoji": "👍"})
	writer.writes(2500, 5003)
	w.set(false)
	eval[bool](soi, `window.dispatchEvent(new Event('online'))`)
	soi.online()
	soi.reads(5002)
	soi.unread(5000)
	for n := 4900; n > 0; n -= 200 {
		soi.reads(n)
	}
	soi.reads(0)
	soi.until(`!document.querySelector('.gap')`)
	soi.unread(5000)
	soi.scrollTo("document.querySelector('.log').scrollHeight")
	soi.lookBack()
	soi.until(`badges.at(-1) === 0 && document.title === '방 · 마루'`)
}

// unread waits for all who tell of what is not read to say this many, which are
// more than fit a badge.
func (p *person) unread(n int) {
	p.t.Helper()
	wait(p.t, fmt.Sprintf("%d unread", n), func() (bool, any) {
		got := eval[[]string](p, `[String(badges.at(-1)), document.title, document.querySelector('#to-unread')?.textContent ?? '']`)
		line := eval[bool](p, `Boolean(document.querySelector('.unread-line'))`) // it is in view, or there is a way up to it
		return got[0] == fmt.Sprint(n) && got[1] == "(99+) 방 · 마루" && (line || got[2] == fmt.Sprintf("안 읽은 메시지 %d개", n)), got
	})
	p.until(`document.querySelector('link[rel=icon][type="image/svg+xml"]').href.includes('icon-new')`)
}
