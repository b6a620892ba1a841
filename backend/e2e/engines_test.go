//go:build engines

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// engine is a browser with one window, of another make than the one that all other tests
// run in. It is a person's own: it keeps nothing from before.
type engine interface {
	// open goes to an address, and returns once its page is there.
	open(url string) error
	// eval returns what an expression is, or what it promises, as JSON.
	eval(expression string) (string, error)
	// keys types into the element that has the focus.
	keys(keys string) error
}

// Keys as WebDriver has them.
const (
	keyEnter   = "\ue007"
	keyArrowUp = "\ue013"
)

// traveller is somebody at an engine.
type traveller struct {
	t *testing.T
	engine
}

func (v traveller) until(expression string) {
	v.t.Helper()
	wait(v.t, expression, func() (bool, any) {
		got, err := v.eval("Boolean(" + expression + ")")
		return err == nil && got == "true", fmt.Sprint(got, err)
	})
}

func (v traveller) get(expression string, into any) {
	v.t.Helper()
	got, err := v.eval(expression)
	if err == nil {
		err = json.Unmarshal([]byte(got), into)
	}
	if err != nil {
		v.t.Fatalf("%s: %v", expression, err)
	}
}

func (v traveller) visit(url string) {
	v.t.Helper()
	if err := v.open(url); err != nil {
		v.t.Fatal(err)
	}
}

// reload loads the page anew, and returns when the old one is gone.
func (v traveller) reload() {
	v.t.Helper()
	var done bool
	v.get(`(window.before = true, location.reload(), true)`, &done)
	v.until(`!window.before`)
}

// types puts the focus into an element and types.
func (v traveller) types(selector, keys string) {
	v.t.Helper()
	v.until("document.querySelector(" + quote(selector) + ")")
	var focused bool
	v.get("(e => (e.focus(), e === document.activeElement))(document.querySelector("+quote(selector)+"))", &focused)
	if !focused {
		v.t.Fatalf("%s takes no focus", selector)
	}
	if err := v.keys(keys); err != nil {
		v.t.Fatal(err)
	}
}

func (v traveller) press(selector string) {
	v.t.Helper()
	v.until("document.querySelector(" + quote(selector) + ")")
	var done bool
	v.get("(document.querySelector("+quote(selector)+").click(), true)", &done)
}

func (v traveller) online() {
	v.t.Helper()
	v.until(`document.querySelector('#maru[data-link="online"]')`)
}

// enters goes into a room by its address, as who comes for the first time.
func (v traveller) enters(address, name string) {
	v.t.Helper()
	v.visit(address)
	v.online()
	v.types("#name", name+keyEnter)
	v.shows("")
}

// shows waits for a line with a text in the log.
func (v traveller) shows(text string) {
	v.t.Helper()
	v.until("[...document.querySelectorAll('.log .lines > *')].some(e => e.textContent.includes(" + quote(text) + "))")
}

// post says something by plain HTTP.
func post(t *testing.T, s *server, room, text string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"username": "봇", "text": text})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.Post(s.url+"/api/rooms/"+url.PathEscape(room)+"/messages", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, r.Body)
	if err := r.Body.Close(); err != nil || r.StatusCode >= 300 {
		t.Fatalf("%s, %v", r.Status, err)
	}
}

// What must work in every browser is shown in those that are no Chromium.
func TestEngines(t *testing.T) {
	for name, start := range map[string]func(*testing.T) engine{"Firefox": startFirefox, "WebKit": startWebKit} {
		t.Run(name, func(t *testing.T) { tour(t, start) })
	}
}

func tour(t *testing.T, start func(*testing.T) engine) {
	s := startServer(t, "MARU_LIMITS=off")
	room := s.url + "/r/" + url.PathEscape("마당")
	for i := range 150 {
		post(t, s, "마당", fmt.Sprintf("글 번호 %d %s", i, strings.Repeat("낱말 ", i%30)))
	}
	soi, minjun := traveller{t, start(t)}, traveller{t, start(t)}
	soi.enters(room, "소이")
	minjun.enters(room, "민준")
	talk(soi, minjun)
	read(soi)
	keepDraft(soi, room)
	goOffline(s, soi, room)
	s.start()
	minjun.shows("끊긴 동안")
	soi.until(`!document.querySelector('.msg.pending')`)
	var times int
	minjun.get(`[...document.querySelectorAll('.log .msg .text')].filter(e => e.textContent === '끊긴 동안').length`, &times)
	if times != 1 {
		t.Errorf("what was written meanwhile stands there %d times", times)
	}
}

// talk is one line of each, an edit by the keyboard, and a name that is completed.
func talk(soi, minjun traveller) {
	soi.types("#composer", "안녕하세요"+keyEnter)
	minjun.shows("안녕하세요")
	minjun.types("#composer", "반가워요"+keyEnter)
	soi.shows("반가워요")
	soi.types("#composer", keyArrowUp)
	soi.until(`document.getElementById('composer').value === '안녕하세요'`)
	soi.types("#composer", " 여러분"+keyEnter)
	minjun.shows("안녕하세요 여러분")
	minjun.types("#composer", "@소")
	minjun.until(`document.querySelector('.call [role=option]')`)
	minjun.types("#composer", keyEnter)
	minjun.until(`document.getElementById('composer').value.startsWith('@소이')`)
	minjun.types("#composer", keyEnter)
	soi.until(`document.querySelector('.msg .at.me')`)
}

// toLatest goes to the first unread line, and on to the end.
func (v traveller) toLatest() {
	v.t.Helper()
	v.press(".latest")
	v.until(`(document.querySelector('.latest')?.click(), (l => l.scrollHeight - l.scrollTop - l.clientHeight < 3)(document.querySelector('.log')))`)
}

// read goes up through what was said: nothing moves when more is put in above.
func read(v traveller) {
	v.t.Helper()
	var seen struct {
		Jumps []float64
		First int
	}
	v.get(`(async () => {
		const log = document.querySelector('.log'), jumps = [], frames = (n) => new Promise(done => { const next = () => n-- ? requestAnimationFrame(next) : done(); next(); });
		const top = (row) => row.getBoundingClientRect().top - log.getBoundingClientRect().top;
		for (let n = 0; n < 30; n++) {
			log.scrollTop -= 300;
			await frames(2);
			const row = [...log.querySelectorAll('.lines > .msg')].find(e => top(e) + e.offsetHeight > 5), was = top(row), key = row.dataset.key;
			await frames(10);
			const is = log.querySelector('[data-key="' + key + '"]'); // the element may be another line's by now
			jumps.push(is ? Math.abs(top(is) - was) : 1e6);
		}
		return {jumps, first: Number([...log.querySelectorAll('.lines > .msg')].find(e => top(e) + e.offsetHeight > 5).dataset.key.slice(1))};
	})()`, &seen)
	if seen.First > 100 { // of the 150 that were there the newest 50 were loaded at first
		v.t.Errorf("it led no further up than to line %d", seen.First)
	}
	for n, jump := range seen.Jumps {
		if jump > 1 {
			v.t.Errorf("at step %d what is read moves by %v px", n, jump)
		}
	}
	v.toLatest()
}

// keepDraft reloads with a text begun, and again when it was sent. A link leads to its line.
func keepDraft(v traveller, room string) {
	v.t.Helper()
	v.types("#composer", "쓰던 글")
	v.until(`localStorage.getItem('maru.draft.마당') === '쓰던 글'`)
	v.reload()
	v.until(`document.getElementById('composer')?.value === '쓰던 글'`)
	v.online()
	v.types("#composer", keyEnter)
	v.shows("쓰던 글")
	v.until(`!document.querySelector('.msg.pending')`)
	v.reload()
	v.until(`document.querySelector('#maru[data-link="online"]') && document.querySelector('.log .msg')`)
	v.until(`navigator.serviceWorker.controller`)
	v.until(`document.getElementById('composer').value === ''`)
	v.visit(room + "#30")
	v.reload()
	v.until(`document.activeElement?.dataset.key === 's30'`)
	v.toLatest()
}

// goOffline has the server go away: the room is readable and searchable after a reload,
// and what is written waits.
func goOffline(s *server, v traveller, room string) {
	v.t.Helper()
	s.kill()
	v.until(`document.querySelector('.banner')`)
	v.types("#composer", "끊긴 동안"+keyEnter)
	v.until(`document.querySelector('.msg.pending')`)
	v.visit(room)
	v.shows("반가워요")
	v.until(`document.querySelector('.msg.pending')?.textContent.includes('끊긴 동안')`)
	v.press("#search")
	v.types(".finder input", "ㅂㄱㅇㅇ")
	v.until(`[...document.querySelectorAll('.finder li')].some(e => e.textContent.includes('반가워요'))`)
}
