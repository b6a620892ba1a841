package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// look is how a person's browser is set up.
type look struct {
	lang          string // what the browser asks for
	width, height int64
	touch, dark   bool
}

// person is somebody at a browser of their own.
type person struct {
	t    testing.TB
	ctx  context.Context
	look look

	mu       sync.Mutex
	problems []string         // errors on the console, exceptions, broken policies
	expected []*regexp.Regexp // problems that the test causes itself
}

// newPerson opens an empty tab. When the test ends it must have had no problem
// but those that were expected.
func newPerson(t testing.TB, l look) *person {
	t.Helper()
	if l.lang == "" {
		l.lang = "ko-KR"
	}
	if l.width == 0 {
		l.width, l.height = 1280, 800
	}
	return openTab(t, browser, l, chromedp.WithNewBrowserContext())
}

// tab opens another tab of the same browser.
func (p *person) tab() *person {
	p.t.Helper()
	return openTab(p.t, p.ctx, p.look)
}

func openTab(t testing.TB, parent context.Context, l look, options ...chromedp.ContextOption) *person {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	p := &person{t: t, ctx: ctx, look: l}
	t.Cleanup(func() {
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.problems) > 0 {
			t.Errorf("the page had problems:\n%s", strings.Join(p.problems, "\n"))
		}
	})
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		t.Fatal(err)
	}
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	agent := command(p, cdpbrowser.GetVersion, cdp.Empty{}).UserAgent
	command(p, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: l.lang})
	command(p, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Seoul"})
	command(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: l.height, DeviceScaleFactor: 1, Mobile: l.touch})
	command(p, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: l.touch})
	command(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	return p
}

// hear keeps what goes wrong in the page.
func (p *person) hear(ev any) {
	problem := ""
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		problem = "exception: " + ev.ExceptionDetails.Text
		if ev.ExceptionDetails.Exception != nil {
			problem += " " + ev.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if ev.Type != runtime.ConsoleAPICalledTypeError {
			return
		}
		problem = "console.error:"
		for _, arg := range ev.Args {
			problem += fmt.Sprintf(" %s%s", arg.Value, arg.Description)
		}
	case *log.EventEntryAdded:
		if ev.Entry.Level != log.EntryLevelError {
			return
		}
		problem = fmt.Sprintf("%s: %s %s", ev.Entry.Source, ev.Entry.Text, ev.Entry.URL)
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.expected {
		if e.MatchString(problem) {
			return
		}
	}
	p.problems = append(p.problems, problem)
}

// expect says that problems of this form are the test's own doing.
func (p *person) expect(pattern string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, regexp.MustCompile(pattern))
}

// lostConnection is what a browser logs when a server can't be reached.
const lostConnection = `ERR_CONNECTION_|ERR_SOCKET_|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_|ERR_EMPTY_RESPONSE|WebSocket connection to`

// command sends one command of the DevTools protocol.
func command[P, R any](p *person, c cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, c, params)
	if err != nil {
		p.t.Fatal(err)
	}
	return result
}

// eval returns what an expression is in the page.
func eval[T any](p *person, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// quote makes a Go string one of JavaScript.
func quote(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// until waits for an expression, or what it promises, to be true. While a page is being replaced there
// is nothing to ask, which counts as not yet.
func (p *person) until(expression string) {
	p.t.Helper()
	wait(p.t, expression, func() (bool, any) {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("(async () => Boolean(await ("+expression+")))()", chromedp.EvalAwaitPromise))
		return ok, err
	})
}

func (p *person) open(url string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		p.t.Fatalf("open %s: %v", url, err)
	}
}

// typeInto puts text where a keyboard would, after what is there.
func (p *person) typeInto(id, text string) {
	p.t.Helper()
	p.until("document.getElementById(" + quote(id) + ")")
	eval[bool](p, fmt.Sprintf("(() => { const e = document.getElementById(%s); e.focus(); e.setSelectionRange(e.value.length, e.value.length); return true; })()", quote(id)))
	command(p, input.InsertText, input.InsertTextParams{Text: text})
}

// fill replaces what is in a field.
func (p *person) fill(id, text string) {
	p.t.Helper()
	p.until("document.getElementById(" + quote(id) + ")")
	eval[bool](p, fmt.Sprintf("(() => { const e = document.getElementById(%s); e.focus(); e.select(); return true; })()", quote(id)))
	command(p, input.InsertText, input.InsertTextParams{Text: text})
}

func (p *person) value(id string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf("document.getElementById(%s).value", quote(id)))
}

// click clicks where an element is, once it stands still: it may be about to move by
// what was done before. Frames may not come where nothing is seen.
func (p *person) click(selector string) {
	p.t.Helper()
	p.until(`(async () => {
		const frame = () => Promise.race([new Promise(requestAnimationFrame), new Promise(done => setTimeout(done, 100))]);
		const at = () => { const b = document.querySelector(` + quote(selector) + `)?.getBoundingClientRect(); return b?.width && [b.x, b.y, b.width].join(); };
		await frame();
		const was = at();
		await frame();
		return was && was === at();
	})()`)
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		p.t.Fatalf("click %s: %v", selector, err)
	}
}

// Kinds of key events, and the bit of the shift key.
const (
	keyDown    = input.DispatchKeyEventTypeKeyDown
	rawKeyDown = input.DispatchKeyEventTypeRawKeyDown
	keyUp      = input.DispatchKeyEventTypeKeyUp
	shiftKey   = 8
)

// key presses or lets go of a key, as the type says. The code is keyCode's.
func (p *person) key(kind input.DispatchKeyEventType, name string, code int64, text string) {
	p.t.Helper()
	command(p, input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: kind, Key: name, Code: name, WindowsVirtualKeyCode: code, NativeVirtualKeyCode: code, Text: text, UnmodifiedText: text,
	})
}

func (p *person) enterKey() {
	p.t.Helper()
	p.key(keyDown, "Enter", 13, "\r")
	p.key(keyUp, "Enter", 13, "")
}

// online waits for the app to run and to be connected.
func (p *person) online() {
	p.t.Helper()
	p.until(`document.querySelector('#maru[data-link="online"]')`)
}

// join opens the first page and goes into a room.
func (p *person) join(url, name, room string) {
	p.t.Helper()
	p.open(url + "/")
	p.online()
	p.fill("name", name)
	p.fill("room", room)
	p.click("#enter")
	p.inRoom(room)
}

// alsoIn goes from a room to the card, and into another room under the same name.
func (p *person) alsoIn(room string) {
	p.t.Helper()
	p.click(`.pane [href="/"]`)
	p.until(`document.getElementById('join')`)
	p.fill("room", room)
	p.click("#enter")
	p.inRoom(room)
}

// inRoom waits for the room to be shown with what was said in it.
func (p *person) inRoom(room string) {
	p.t.Helper()
	p.until(fmt.Sprintf("document.querySelector('.log') && document.querySelector('#composer') && document.querySelector('.head h1').textContent === %s", quote(room)))
	p.until(`document.querySelector('.log .notice.welcome') || document.querySelector('.log .msg') || document.querySelector('.log .empty')`)
}

func (p *person) say(text string) {
	p.t.Helper()
	p.typeInto("composer", text)
	p.enterKey()
}

// line is what the log shows: a message, or a notice without a name.
type line struct {
	Key, Name, Text, Time string
	Notice, Pending       bool
}

func (p *person) lines() []line {
	p.t.Helper()
	return eval[[]line](p, `[...document.querySelectorAll('.log .msg[data-key], .log .notice[data-key]')].map(e => ({
		Key: e.dataset.key, Notice: e.classList.contains('notice'), Pending: e.classList.contains('pending'),
		Name: e.querySelector('.by b')?.textContent || '', Time: e.querySelector('time')?.textContent || '',
		Text: (e.querySelector('.text') || e).textContent,
	}))`)
}

// said returns the texts of the messages, in order.
func (p *person) said() []string {
	p.t.Helper()
	var texts []string
	for _, l := range p.lines() {
		if !l.Notice {
			texts = append(texts, l.Text)
		}
	}
	return texts
}

// sees waits for a line.
func (p *person) sees(what string, match func(line) bool) line {
	p.t.Helper()
	var found line
	wait(p.t, what, func() (bool, any) {
		lines := p.lines()
		i := slices.IndexFunc(lines, match)
		if i >= 0 {
			found = lines[i]
		}
		return i >= 0, lines
	})
	return found
}

func (p *person) hears(name, text string) line {
	p.t.Helper()
	return p.sees(fmt.Sprintf("%q from %s", text, name), func(l line) bool {
		return !l.Notice && !l.Pending && l.Name == name && l.Text == text
	})
}

func (p *person) notices(text string) {
	p.t.Helper()
	p.sees("the notice "+text, func(l line) bool { return l.Notice && strings.Contains(l.Text, text) })
}

// people waits for the list of people to hold exactly these.
func (p *person) people(names ...string) {
	p.t.Helper()
	slices.Sort(names)
	wait(p.t, fmt.Sprintf("the people %q", names), func() (bool, any) {
		got := eval[[]string](p, `[...document.querySelectorAll('.members .member .nm')].map(e => e.textContent)`)
		slices.Sort(got)
		return slices.Equal(got, names), got
	})
}

// leave closes the tab.
func (p *person) leave() {
	p.t.Helper()
	command(p, page.Close, cdp.Empty{})
}
