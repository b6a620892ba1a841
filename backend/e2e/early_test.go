package e2e

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// hold lets the WebAssembly of the next page wait until release is called.
func (p *person) hold() (release func()) {
	p.t.Helper()
	command(p, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
	ctx, cancel := context.WithTimeout(p.ctx, 3*patience)
	paused := chromedp.Events(ctx, fetch.RequestPaused)
	command(p, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "*/assets/app.*.wasm"}}})
	released, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for ev, err := range paused {
			if err != nil {
				return // the test is over
			}
			select {
			case <-released:
			case <-ctx.Done():
				return
			}
			if _, err := chromedp.Call(ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: ev.RequestID}); err != nil && ctx.Err() == nil && !strings.Contains(err.Error(), "Invalid InterceptionId") { // of a page that is gone
				p.t.Errorf("let the WebAssembly go: %v", err)
			}
		}
	}()
	p.t.Cleanup(func() {
		cancel()
		<-done
	})
	return func() { close(released) }
}

// openFrame opens a page without waiting for what it loads.
func (p *person) openFrame(address string) {
	p.t.Helper()
	command(p, page.Navigate, page.NavigateParams{URL: address})
	p.until(`document.readyState !== 'loading' && window.maruPending && document.getElementById('join')`)
}

// What is typed and pressed before the program runs is not lost.
func TestTypedBeforeTheProgramRuns(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	release := soi.hold()
	soi.openFrame(s.url + "/")
	soi.fill("name", "소이")
	soi.fill("room", "기획팀")
	soi.enterKey()
	soi.until(`window.maruPending.submit`)
	if got := eval[string](soi, `location.href`); got != s.url+"/" {
		t.Errorf("the form has led to %s", got)
	}
	release()
	soi.inRoom("기획팀")
	soi.people("소이")
}

func TestHalfTypedBeforeTheProgramRuns(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	release := soi.hold()
	soi.openFrame(s.url + "/r/" + url.PathEscape("기획팀"))
	soi.fill("name", "소")
	release()
	soi.online()
	soi.typeInto("name", "이")
	if got := soi.value("name") + " " + soi.value("room"); got != "소이 기획팀" {
		t.Errorf("the form holds %q", got)
	}
}

// In a room one is in, the frame is the room's: a message can be written there.
func TestMessageWrittenBeforeTheProgramRuns(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	soi.say("첫 줄")
	soi.hears("소이", "첫 줄")
	release := soi.hold()
	soi.openFrame(s.url + "/r/" + url.PathEscape("기획팀"))
	soi.typeInto("composer", "미리 쓴 <b>글</b>")
	soi.enterKey()
	soi.until(`document.querySelector('.frame-room .pending .text')?.textContent === '미리 쓴 <b>글</b>' && document.getElementById('composer').value === ''`)
	soi.typeInto("composer", "둘째")
	soi.enterKey()
	soi.typeInto("composer", "아직 쓰는 글")
	release()
	soi.hears("소이", "둘째")
	if got, want := soi.said(), []string{"첫 줄", "미리 쓴 <b>글</b>", "둘째"}; !slices.Equal(got, want) {
		t.Errorf("the log has %q, want %q", got, want)
	}
	soi.until(`document.getElementById('composer').value === '아직 쓰는 글' && !document.documentElement.dataset.pending`)
}

// Who goes away before the program runs finds what was to be sent where it was written,
// as any draft; and Enter does what was chosen.
func TestGoneBeforeTheProgramRuns(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	release := soi.hold()
	room := s.url + "/r/" + url.PathEscape("기획팀")
	soi.openFrame(room)
	soi.typeInto("composer", "하나")
	soi.enterKey()
	soi.typeInto("composer", "둘")
	soi.enterKey()
	soi.until(`window.maruPending.texts.length === 2`)
	eval[bool](soi, `(localStorage.setItem('maru.enter', 'line'), true)`)
	soi.openFrame(room)
	soi.until(`document.getElementById('composer').value === '하나\n둘'`)
	soi.typeInto("composer", "셋")
	soi.enterKey()
	release()
	soi.until(`document.querySelector('#composer')?.closest('.frame-room') === null && document.getElementById('composer').value === '하나\n둘셋\n'`)
	if got := soi.said(); len(got) > 0 {
		t.Errorf("said %q", got)
	}
}

// A download that fails is told in words, with a button that helps.
func TestFailedDownloadIsToldInWords(t *testing.T) {
	for lang, want := range map[string]string{"ko-KR": "불러오지 못했어요", "en-GB": "could not be loaded"} {
		f := newFront(t, startServer(t))
		soi := newPerson(t, look{lang: lang})
		soi.expect(`status of 503`)
		f.serve(second, broken)
		soi.open(f.URL + "/")
		soi.until(`document.querySelector('#app-wasm-loader.failed [role=alert]')?.textContent.includes(` + quote(want) + `)`)
		soi.until(`document.querySelector('#app-wasm-loader.failed').textContent.includes('503')`)
		f.serve(0, whole)
		soi.click("#app-wasm-loader button")
		soi.online()
	}
}
