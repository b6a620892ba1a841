//go:build screenshots

package e2e

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// Where the pictures go, relative to this folder or absolute.
var (
	pictures = flag.String("pictures", "../../bin/screenshots", "folder of the pictures")
	manifest = flag.String("manifest", "../../public/screenshots", "folder of the pictures of the web app manifest")
	readme   = flag.String("readme", "../docs/room.png", "file of the picture in the README")
)

// picture writes what the window shows.
func (p *person) picture(file string) {
	p.t.Helper()
	p.until(`document.fonts.ready.then(() => true)`)
	shot := command(p, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng})
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, shot.Data, 0o644); err != nil {
		p.t.Fatal(err)
	}
	p.t.Log(file)
}

// scene is a conversation in one language.
type scene struct {
	lang, room string
	people     [3]string
	lines      []sceneLine
}

type sceneLine struct {
	who  int
	text string
}

var scenes = []scene{
	{"ko-KR", "기획팀", [3]string{"소이", "민준", "하늘"}, []sceneLine{
		{1, "지하철에서 터널을 지나며 써 봤어요. 연결이 끊겨도 쓴 말이 그대로 있다가 알아서 가네요 👍"},
		{1, "배포 순서는 `make build` → `PORT` 설정 → 실행."},
		{2, "그럼 서버가 재시작해도 놓친 메시지를 다시 받아오나요?"},
		{0, "네, 마지막으로 본 번호부터 이어서 받아요. 중복도 없고요."},
		{0, "```\nsocket.emit('join', { username, room }, (error, ack) => {\n  console.log(ack.seq)   // 이 번호부터 이어집니다\n})\n```"},
		{1, "좋아요. 그럼 오늘 저녁에 배포합시다 🚀"},
	}},
	{"en-GB", "planning", [3]string{"Soi", "Minjun", "Jules"}, []sceneLine{
		{1, "I tried it on the train, through the tunnels: what I wrote stayed, and went out by itself 👍"},
		{1, "To deploy: `make build` → set `PORT` → run."},
		{2, "And when the server restarts, do we get what we missed?"},
		{0, "Yes, from the last number we saw. Nothing twice."},
		{0, "```\nsocket.emit('join', { username, room }, (error, ack) => {\n  console.log(ack.seq)   // we go on from this number\n})\n```"},
		{1, "Good. Let's ship it tonight 🚀"},
	}},
}

// play has the three talk, and returns the first of them.
func (sc scene) play(t *testing.T, url string, l look) *person {
	t.Helper()
	var all [3]*person
	for i, name := range sc.people {
		all[i] = newPerson(t, l)
		all[i].expect(lostConnection)
		all[i].join(url, name, sc.room)
	}
	for i, line := range sc.lines {
		all[line.who].typeInto("composer", line.text)
		all[line.who].click("#send")
		all[0].until(fmt.Sprintf("document.querySelectorAll('.log .msg:not(.pending)').length === %d", i+1))
	}
	return all[0]
}

func TestScreenshots(t *testing.T) {
	for _, sc := range scenes {
		for _, scheme := range []string{"light", "dark"} {
			for _, l := range []look{{width: 1280, height: 800}, {width: 390, height: 844, touch: true}} {
				l.lang, l.dark = sc.lang, scheme == "dark"
				name := fmt.Sprintf("%s-%d-%s", sc.lang[:2], l.width, scheme)
				t.Run(name, func(t *testing.T) { sc.shoot(t, l, name) })
			}
		}
	}
}

// shoot takes the first page, the room, and the room without a server.
func (sc scene) shoot(t *testing.T, l look, name string) {
	file := func(view string) string { return filepath.Join(*pictures, view+"-"+name+".png") }
	s := startServer(t)
	newcomer := newPerson(t, l)
	newcomer.expect(lostConnection)
	newcomer.open(s.url + "/")
	newcomer.online()
	newcomer.picture(file("join"))
	soi := sc.play(t, s.url, l)
	soi.picture(file("room"))
	if name == "ko-1280-light" {
		soi.picture(*readme)
	}
	if form := map[int64]string{1280: "wide", 390: "narrow"}[l.width]; !l.dark {
		soi.picture(filepath.Join(*manifest, form+"-"+sc.lang[:2]+".png"))
	}
	s.kill()
	soi.until(`document.querySelector('.banner [role=status]')?.textContent`)
	soi.picture(file("offline"))
}
