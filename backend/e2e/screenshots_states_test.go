//go:build screenshots

package e2e

import (
	"fmt"
	"html/template"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
)

// pageState is a state of the page worth a look, beside those of every day.
type pageState struct {
	name string
	look look
	show func(t *testing.T, s *server, p *person)
}

// inside has somebody in a room with a few lines.
func inside(name, room string, lines ...string) func(*testing.T, *server, *person) {
	return func(t *testing.T, s *server, p *person) {
		p.join(s.url, name, room)
		for i, line := range lines {
			p.typeInto("composer", line)
			p.click("#send")
			p.until(fmt.Sprintf("document.querySelectorAll('.log .msg:not(.pending)').length === %d", i+1))
		}
	}
}

// then does something more, and lets the page be drawn.
func then(first, more func(*testing.T, *server, *person)) func(*testing.T, *server, *person) {
	return func(t *testing.T, s *server, p *person) {
		first(t, s, p)
		more(t, s, p)
		p.painted()
	}
}

func clicks(selectors ...string) func(*testing.T, *server, *person) {
	return func(_ *testing.T, _ *server, p *person) {
		for _, selector := range selectors {
			p.click(selector)
			p.still()
		}
	}
}

var (
	longName = strings.Repeat("가나다라", 6)
	longRoom = strings.Repeat("가나다라마바사아자차", 4)
	longWord = strings.Repeat("ㅋ", 300)
	phone    = look{width: 390, height: 844, touch: true}
)

// replyScene has a reply, another one to what is deleted, and one being written.
func replyScene(first, reply, last string) func(*testing.T, *server, *person) {
	return then(inside("소이 나하늘 Jules Verne", "기획팀", first, "x"), func(t *testing.T, _ *server, p *person) {
		act := func(text, do string) {
			at := p.message(text)
			if p.look.touch {
				p.click(at + " .text")
			} else {
				p.hover(at)
			}
			p.click(at + ` [data-do="` + do + `"]`)
		}
		for _, to := range []string{first, "x"} {
			act(to, "reply")
			p.until(`document.querySelector('.edit-bar')`)
			p.typeInto("composer", reply)
			p.click("#send")
			p.until(`!document.querySelector('.edit-bar, .msg.pending')`)
		}
		act("x", "delete")
		p.click(`[data-do="delete-sure"]`)
		p.until(`document.querySelector('.quote .deleted')`)
		act(first, "reply")
		p.until(`document.querySelector('.edit-bar')`)
		p.typeInto("composer", last)
	})
}

var states = []pageState{
	{"empty", look{}, inside("소이", "새 방")},
	{"loading", look{}, func(t *testing.T, s *server, p *person) {
		p.join(s.url, "소이", "기획팀")
		p.hold()
		p.openFrame(s.url + "/r/" + url.PathEscape("기획팀"))
		p.until(`getComputedStyle(document.querySelector('.bones')).visibility === 'visible'`)
	}},
	{"inviting", look{}, then(inside("소이", "기획팀", "링크를 보낼게요."), clicks("#invite"))},
	{"inviting-phone", look{width: 390, height: 844, touch: true, dark: true}, then(inside("소이", longRoom, "링크를 보낼게요."), clicks("#invite"))},
	{"card-of-a-room", look{}, func(t *testing.T, s *server, p *person) {
		other := newPerson(t, look{})
		inside("민준", "기획팀", "여기예요.")(t, s, other)
		p.open(s.url + "/r/" + url.PathEscape("기획팀"))
		p.until(`document.getElementById('room-hint').textContent.includes(' · ')`)
	}},
	{"refused", look{}, func(t *testing.T, s *server, p *person) {
		p.open(s.url + "/")
		p.online()
		p.fill("name", "Admin")
		p.fill("room", "기획팀")
		p.click("#enter")
		p.until(`document.querySelector('#name-error')`)
	}},
	{"lost-address", look{}, func(t *testing.T, s *server, p *person) {
		p.expect("404")
		p.open(s.url + "/nowhere")
		p.online()
	}},
	{"long-name", look{}, inside(longName, longRoom, "긴 이름과 긴 방 이름", longWord, "https://example.com/"+strings.Repeat("long-path/", 30))},
	{"long-name-phone", phone, inside(longName, longRoom, "긴 이름과 긴 방 이름", longWord, "https://example.com/"+strings.Repeat("long-path/", 30))},
	{"right-to-left", look{}, inside("נועה", "شاي", "مرحبا، كيف حالك اليوم؟", "שלום, מה שלומך? `code` и ещё 한국어", "abc مرحبا 123")},
	{"zoom-200", look{width: 640, height: 400}, inside("소이", "기획팀", "글자를 두 배로 키워도 다 보여요.", "쓰는 자리도 그대로 있어요.")},
	{"narrow-320", look{width: 320, height: 568, touch: true}, then(inside("소이", "기획팀", "좁은 화면이에요."), clicks(".msg .by"))},
	{"failed", look{}, then(inside("소이", "기획팀", "이 말은 갔어요."), func(t *testing.T, s *server, p *person) {
		p.failNext("이 말은 가지 못했어요.")
	})},
	{"muted", look{}, then(inside("소이", "시끄러운 방"), func(_ *testing.T, _ *server, p *person) {
		p.level(2)
		p.alsoIn("기획팀")
	})},
	{"settings", look{}, then(inside("소이", "기획팀"), clicks("#to-settings"))},
	{"settings-dark", look{dark: true, lang: "en-GB"}, then(inside("Soi", "planning"), clicks("#to-settings"))},
	{"settings-phone", phone, then(inside("소이", "기획팀"), clicks("[aria-label='대화방 목록']", "#to-settings"))},
	{"forget", look{}, then(inside("소이", "기획팀"), clicks("#to-settings", "#forget"))},
	{"devices", look{}, then(inside("소이", "기획팀"), clicks("#to-settings", "#to-devices", "#devices-copy"))},
	{"devices-phone", look{width: 390, height: 844, touch: true, dark: true, lang: "en-GB"}, then(inside("Soi", longRoom), clicks(".head .only-s", "#to-settings", "#to-devices"))},
	{"arriving", look{}, arriveScene},
	{"arriving-narrow", look{width: 320, height: 568, touch: true, dark: true}, arriveScene},
	{"written-early", look{}, func(t *testing.T, s *server, p *person) {
		inside("소이", "기획팀", "먼저 한 말")(t, s, p)
		p.hold()
		p.openFrame(s.url + "/r/" + url.PathEscape("기획팀"))
		for _, words := range []string{"프로그램이 오기 전에 보낸 말", "그리고 하나 더"} {
			p.typeInto("composer", words)
			p.enterKey()
		}
		p.typeInto("composer", "아직 쓰는 말")
	}},
	{"new-version", phone, then(inside("소이", "기획팀", "하나", "둘", "셋"), func(_ *testing.T, _ *server, p *person) {
		eval[bool](p, `goappOnUpdate() || true`)
		p.until(`document.querySelector('#toast')`)
	})},
	{"emoji", look{}, then(inside("소이", "기획팀", "안녕하세요"), clicks("#to-emoji"))},
	{"emoji-phone", phone, then(inside("소이", "기획팀", "안녕하세요"), clicks("#to-emoji"))},
	{"edit", look{}, then(inside("소이", "기획팀", "고칠 말이에요"), func(t *testing.T, _ *server, p *person) {
		p.key(keyDown, "ArrowUp", 38, "")
		p.until(`document.querySelector('.edit-bar')`)
	})},
	{"reply", look{}, replyScene("롱 폴링으로도 붙는지 확인했어요. 회사 프록시가 웹소켓을 막아도 대화가 끊기지 않네요 👍 그래도 한 번 더 볼게요. 내일 아침까지요.", "좋아요", "배포합시다")},
	{"reply-dark", look{dark: true, lang: "en-GB"}, replyScene("Long-polling works too. Our proxy blocks WebSocket, and the talk goes on all the same 👍 I will look at it once more, until tomorrow.", "Good", "Let us ship it")},
	{"reply-phone", look{width: 390, height: 844, touch: true, dark: true}, replyScene("롱 폴링으로도 붙는지 확인했어요. 회사 프록시가 웹소켓을 막아도 대화가 끊기지 않네요 👍", "좋아요", "배포합시다")},
	{"reply-narrow", look{width: 320, height: 568, touch: true, lang: "en-GB"}, replyScene("Long-polling works too. Our proxy blocks WebSocket.", "Good", "Let us ship it")},
	{"delete", look{}, then(inside("소이", "기획팀", "지울 말이에요"), func(t *testing.T, _ *server, p *person) {
		p.hover(".msg")
		p.click(`[data-do="delete"]`)
	})},
	{"rooms-phone", phone, then(inside("소이", "기획팀", "안녕하세요"), clicks("[aria-label='대화방 목록']"))},
	{"people-phone", phone, then(inside("소이", "기획팀", "안녕하세요"), clicks("[aria-label='참여자']"))},
	{"connection", look{}, func(t *testing.T, s *server, p *person) {
		p.open(s.url + "/connection")
		p.online()
		p.until(`document.querySelectorAll('.ways .tag').length >= 3`)
	}},
	{"shared", look{}, func(t *testing.T, s *server, p *person) {
		p.open(s.url + "/?title=" + url.QueryEscape("마루") + "&text=" + url.QueryEscape("이거 한번 보세요") + "&url=https://example.com/")
		p.online()
		p.until(`document.querySelector('#shared')`)
	}},
	{"unread", look{}, unreadScene},
}

// arriveScene opens the link that another browser of the person's has made.
func arriveScene(t *testing.T, s *server, p *person) {
	other := newPerson(t, look{})
	other.join(s.url, "소이 나하늘", "기획팀")
	other.click("#to-settings")
	other.click("#to-devices")
	other.until(`document.querySelector('#devices .qr')`)
	p.open(other.scans("#devices .qr"))
	p.until(`document.querySelector('#arrive-yes')`)
}

// unreadScene has many messages come while one is in another room.
func unreadScene(t *testing.T, s *server, p *person) {
	other := newPerson(t, look{})
	other.expect(lostConnection)
	other.join(s.url, "민준", "기획팀")
	p.join(s.url, "소이", "기획팀")
	p.watchReads()
	other.say("@소이 이것 좀 봐 주세요")
	p.hasRead("민준", "@소이 이것 좀 봐 주세요")
	p.alsoIn("점심")
	other.fillRoom(30)
	other.say("@소이 다 됐어요?")
	p.until(`document.querySelector('.room .n.me')`)
	p.click(`.room.unread`)
	p.inRoom("기획팀")
	p.until(`document.querySelector('#to-unread')`)
	other.typeInto("composer", "쓰는 중")
	p.until(`document.querySelector('.typing .dots')`)
}

func TestScreenshotsOfStates(t *testing.T) {
	for _, st := range states {
		t.Run(st.name, func(t *testing.T) {
			s := startServer(t)
			p := newPerson(t, st.look)
			p.expect(lostConnection)
			st.show(t, s, p)
			p.picture(filepath.Join(*pictures, "state-"+st.name+".png"))
		})
	}
}

var sheet = template.Must(template.New("sheet").Parse(`<!doctype html><meta charset="utf-8"><title>Maru</title>
<style>body{font:13px sans-serif;margin:16px;background:#ddd;columns:4;column-gap:16px}figure{margin:0 0 16px;break-inside:avoid}img{width:100%;display:block;box-shadow:0 1px 4px #0006}figcaption{padding:4px 0}</style>
{{range .}}<figure><img src="{{.}}" alt=""><figcaption>{{.}}</figcaption></figure>{{end}}`))

// TestSheet puts all pictures on one sheet. It runs last, by its place in the file.
func TestSheet(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(*pictures, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return filepath.Base(name) == "sheet.png" })
	for i := range names {
		names[i] = filepath.Base(names[i])
	}
	if len(names) == 0 {
		t.Fatal("there are no pictures")
	}
	file, err := os.Create(filepath.Join(*pictures, "sheet.html"))
	if err != nil {
		t.Fatal(err)
	}
	if err := sheet.Execute(file, names); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	path, err := filepath.Abs(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	p := newPerson(t, look{width: 1600, height: 1000})
	p.open("file://" + path)
	p.until(`[...document.images].every(i => i.complete && i.naturalWidth)`)
	command(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1600,
		Height: int64(eval[float64](p, `document.documentElement.scrollHeight`)), DeviceScaleFactor: 1})
	shot := command(p, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng})
	if err := os.WriteFile(filepath.Join(*pictures, "sheet.png"), shot.Data, 0o644); err != nil {
		t.Fatal(err)
	}
}
