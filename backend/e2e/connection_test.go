package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// words are those of the connection page in a language.
type words struct {
	lang, title, yes, no           string
	webSocket, longPolling, copied string
	computed, status               string
}

var pageWords = []words{
	{"ko-KR", "연결 상태", "됨", "안 됨", "WebSocket", "HTTP 롱 폴링", "복사했어요", "(계산)", "모두 확인했어요."},
	{"en-GB", "Connection", "yes", "no", "WebSocket", "HTTP long polling", "Copied", "(computed)", "All checked."},
}

// way is a row of what was tried.
type way struct {
	Name, State, RTT, Delay, Requests string
}

func (p *person) ways() []way {
	p.t.Helper()
	return eval[[]way](p, `[...document.querySelectorAll('table.ways tbody tr')].map(r => {
		const [state, rtt, delay, requests] = [...r.querySelectorAll('td')].map(e => e.textContent.trim());
		return {Name: r.querySelector('th').textContent, State: state, RTT: rtt, Delay: delay, Requests: requests};
	})`)
}

// toConnection goes from a room to the connection page by the sidebar's status,
// and waits until all ways have been tried.
func (p *person) toConnection(w words) {
	p.t.Helper()
	p.click("#to-connection")
	p.until(fmt.Sprintf("location.pathname === '/connection' && document.querySelector('h1').textContent === %s", quote(w.title)))
	p.until(`document.querySelector('#again').getAttribute('aria-disabled') === 'true'`)
	p.until(fmt.Sprintf(`document.querySelector('#again').getAttribute('aria-disabled') === 'false' && document.querySelector('.again [role="status"]').textContent === %s`, quote(w.status)))
}

// newProbingPerson is somebody whose probe may break off a poll, which the
// browser notes, and whose clipboard a test can read: a headless browser has
// none.
func newProbingPerson(t *testing.T, w words) *person {
	p := newPerson(t, look{lang: w.lang})
	p.expect(`status of 400`)
	command(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `navigator.clipboard.writeText = text => { window.copied = text; return Promise.resolve(); };`})
	return p
}

// works tells whether a row says that the way works, with figures.
func (w words) works(r way) bool {
	return r.State == w.yes && strings.HasSuffix(r.RTT, " ms") && strings.Contains(r.Delay, " ms")
}

// The page says which ways work, with figures, and gives them as text; the way
// back leads to the room, which has gone on meanwhile.
func TestConnectionPage(t *testing.T) {
	for _, w := range pageWords {
		t.Run(w.lang, func(t *testing.T) {
			s := startServer(t)
			soi, minjun := newProbingPerson(t, w), newPerson(t, look{})
			soi.join(s.url, "Soi", "secret-room")
			minjun.join(s.url, "Minjun", "secret-room")
			soi.toConnection(w)
			rows := soi.ways()
			if len(rows) != 3 || !w.works(rows[0]) || !w.works(rows[1]) || !w.works(rows[2]) ||
				rows[0].Name != w.webSocket || rows[1].Name != w.longPolling ||
				strings.Contains(rows[0].Delay, w.computed) || strings.Contains(rows[1].Delay, w.computed) || !strings.Contains(rows[2].Delay, w.computed) {
				t.Errorf("tried: %+v", rows)
			}
			if got := eval[string](soi, `document.querySelector('.facts .tag').textContent`); got != w.webSocket {
				t.Errorf("the connection is said to be %q", got)
			}
			minjun.say("while you look")
			soi.click("#report")
			soi.until(fmt.Sprintf(`document.querySelector('.report .tip') && document.querySelector('.report .tip').textContent.includes(%s)`, quote(w.copied)))
			report := eval[string](soi, `window.copied`)
			for _, r := range rows {
				if !strings.Contains(report, r.Name+": "+w.yes) || !strings.Contains(report, r.RTT) {
					t.Errorf("the report lacks %+v:\n%s", r, report)
				}
			}
			for _, word := range []string{"Soi", "Minjun", "secret-room", "while you look"} {
				if strings.Contains(report, word) {
					t.Errorf("the report tells %q:\n%s", word, report)
				}
			}
			soi.click("#again")
			soi.until(`document.querySelector('#again').getAttribute('aria-disabled') === 'true'`)
			soi.click("#back")
			soi.inRoom("secret-room")
			soi.hears("Minjun", "while you look")
		})
	}
}

// Where WebSocket is blocked, the page says so, and what is used instead.
func TestConnectionPageWithoutWebSocket(t *testing.T) {
	for _, w := range pageWords {
		t.Run(w.lang, func(t *testing.T) {
			s := startServer(t)
			proxy := newProxy(t, s)
			proxy.refuses.Store(true)
			soi := newProbingPerson(t, w)
			soi.expect(`WebSocket connection to`)
			soi.join(proxy.url, "Soi", "room")
			soi.toConnection(w)
			rows := soi.ways()
			if len(rows) != 3 || !strings.HasPrefix(rows[0].State, w.no) || len(rows[0].State) <= len(w.no)+1 || strings.Contains(rows[0].RTT, "ms") || !w.works(rows[1]) || !w.works(rows[2]) {
				t.Errorf("tried: %+v", rows)
			}
			if got := eval[string](soi, `document.querySelector('.facts .tag').textContent`); got != w.longPolling {
				t.Errorf("the connection is said to be %q", got)
			}
			soi.click("#report")
			soi.until(`window.copied`)
			if report := eval[string](soi, `window.copied`); !strings.Contains(report, w.webSocket+": "+w.no) || !strings.Contains(report, w.longPolling+": "+w.yes) {
				t.Errorf("the report:\n%s", report)
			}
		})
	}
}
