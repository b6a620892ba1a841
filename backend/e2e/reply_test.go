package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// message is a selector for the message that says something.
func (p *person) message(text string) string {
	p.t.Helper()
	line := p.sees("the message "+text, func(l line) bool { return l.Text == text })
	return fmt.Sprintf(`.msg[data-key="%s"]`, line.Key)
}

// answers replies to a message by the mouse.
func (p *person) answers(text, reply string) {
	p.t.Helper()
	at := p.message(text)
	p.hover(at)
	p.click(at + ` [data-do="reply"]`)
	p.until(`document.activeElement.id === 'composer' && document.querySelector('.edit-bar [role=status]')?.textContent.includes(` + quote(text) + `)`)
	p.say(reply)
	p.until(`!document.querySelector('.edit-bar')`)
}

// quotes waits for a message to show what it answers, as it is read out.
func (p *person) quotes(reply, want string) {
	p.t.Helper()
	wait(p.t, fmt.Sprintf("%q to be above %q", want, reply), func() (bool, any) {
		got := eval[string](p, `[...document.querySelectorAll('.log .msg')].find(m => m.querySelector('.text')?.textContent === `+quote(reply)+`)?.querySelector('.quote')?.textContent ?? ''`)
		return got == want, got
	})
}

// Replies are made with the mouse and with the keyboard; what they answer shows
// above them as it is now, and leads there.
func TestReplies(t *testing.T) {
	s := startServer(t)
	soi, minjun := newPerson(t, look{}), newPerson(t, look{})
	soi.join(s.url, "소이", "기획팀")
	minjun.join(s.url, "민준", "기획팀")
	minjun.say("<b>몇 시</b>에 만나요?")
	minjun.say("늦지 마요")
	soi.hears("민준", "늦지 마요")
	soi.answers("<b>몇 시</b>에 만나요?", "세 시요")
	for _, p := range []*person{soi, minjun} {
		p.quotes("세 시요", "민준님에게 답장: <b>몇 시</b>에 만나요?")
	}
	soi.say("아마도")
	soi.until(`[...document.querySelectorAll('.msg')].find(m => m.textContent.includes('세 시요')).querySelector('.ava') && document.querySelectorAll('.msg .quote b').length === 1`)

	soi.replyByKeys()
	minjun.quotes("네", "민준님에게 답장: 늦지 마요")

	minjun.click(minjun.message("세 시요") + " .quote")
	minjun.until(`document.activeElement.matches('.msg') && document.activeElement.querySelector('.text').textContent === '<b>몇 시</b>에 만나요?' && /^#\d+$/.test(location.hash)`)

	minjun.hover(minjun.message("늦지 마요"))
	minjun.click(minjun.message("늦지 마요") + ` [data-do="edit"]`)
	minjun.until(`document.getElementById('composer').value === '늦지 마요'`)
	minjun.fill("composer", "늦어도 돼요\n정말로요")
	minjun.enterKey()
	minjun.until(`document.querySelector('.edited') && !document.querySelector('.edit-bar')`)
	minjun.hover(minjun.message("<b>몇 시</b>에 만나요?"))
	minjun.click(minjun.message("<b>몇 시</b>에 만나요?") + ` [data-do="delete"]`)
	minjun.click(`[data-do="delete-sure"]`)
	for _, p := range []*person{soi, minjun} {
		p.quotes("네", "민준님에게 답장: 늦어도 돼요")
		p.quotes("세 시요", "답장: 지운 메시지예요.")
	}
}

// replyByKeys answers the second message without a pointer, once it has thought
// better of another one.
func (p *person) replyByKeys() {
	p.t.Helper()
	focused := func(text string) {
		p.t.Helper()
		p.until(`document.activeElement.matches('.msg') && document.activeElement.querySelector('.text').textContent === ` + quote(text))
	}
	p.tabTo(".log", shiftKey)
	p.press("ArrowUp")
	focused("아마도")
	p.press("ArrowUp")
	focused("세 시요")
	p.press("Enter") // leads to what can be done, also where there is a quote
	p.until(`document.activeElement.dataset.do === 'react'`)
	p.press("Tab", shiftKey)
	p.until(`document.activeElement.matches('.quote')`)
	p.press("Escape")
	focused("세 시요")
	p.press("Enter")
	p.until(`document.activeElement.dataset.do === 'react'`)
	p.pointAt(p.message("늦지 마요")) // the keyboard keeps what it has, wherever the pointer is
	p.painted()
	p.tabTo(`[data-do="reply"]`)
	p.press("Enter")
	p.until(`document.activeElement.id === 'composer' && document.querySelector('.edit-bar')?.textContent.includes('소이님에게 답장')`)
	p.press("Escape")
	p.until(`!document.querySelector('.edit-bar') && document.activeElement.id === 'composer'`)
	p.tabTo(".log", shiftKey)
	for range 3 {
		p.press("ArrowUp")
	}
	focused("늦지 마요")
	p.press("Enter")
	p.until(`document.activeElement.dataset.do === 'react'`)
	p.tabTo(`[data-do="reply"]`)
	p.press("Enter")
	p.until(`document.activeElement.id === 'composer' && document.querySelector('.edit-bar')?.textContent.includes('민준님에게 답장')`)
	p.say("네")
	p.quotes("네", "민준님에게 답장: 늦지 마요")
}

// What is answered stays with its room.
func TestReplyStaysInItsRoom(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "하나")
	soi.say("첫 방의 말")
	soi.hears("소이", "첫 방의 말")
	soi.open(s.url + "/r/" + url.PathEscape("둘"))
	soi.inRoom("둘")
	soi.say("둘째 방의 말")
	at := soi.message("둘째 방의 말")
	soi.hover(at)
	soi.click(at + ` [data-do="reply"]`)
	soi.until(`document.querySelector('.edit-bar')`)
	soi.typeInto("composer", "쓰던 답")
	soi.click(`.room-list a[href="/r/%ED%95%98%EB%82%98"]`)
	soi.inRoom("하나")
	soi.until(`!document.querySelector('.edit-bar') && document.getElementById('composer').value === ''`)
	soi.say("그냥 하는 말")
	soi.hears("소이", "그냥 하는 말")
	if eval[bool](soi, `Boolean(document.querySelector('.quote'))`) {
		t.Error("what is answered in one room is answered in another")
	}
	soi.click(`.room-list a[href="/r/%EB%91%98"]`)
	soi.inRoom("둘")
	soi.until(`document.querySelector('.edit-bar')?.textContent.includes('둘째 방의 말') && document.getElementById('composer').value === '쓰던 답'`)
	soi.click("#reply-cancel")
	soi.until(`!document.querySelector('.edit-bar') && document.activeElement.id === 'composer' && document.getElementById('composer').value === '쓰던 답'`)
	soi.enterKey()
	soi.hears("소이", "쓰던 답")
	if eval[bool](soi, `Boolean(document.querySelector('.quote'))`) {
		t.Error("a reply that was given up was sent")
	}
}

// A reply that waits for the network stands there after a reload with what it
// answers, and is one when it arrives.
func TestReplyWaitsOverAReload(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "방")
	soi.say("먼저 한 말")
	soi.hears("소이", "먼저 한 말")
	soi.ready()
	soi.keepsLine("방", "먼저 한 말")
	soi.expect(lostConnection)
	s.kill()
	soi.until(`document.querySelector('.banner [role=status]')?.textContent`)
	soi.answers("먼저 한 말", "나중에 갈 답")
	soi.until(`document.querySelector('.msg.pending .quote')`)
	soi.open(s.url + "/r/" + url.PathEscape("방"))
	soi.started()
	soi.until(`document.querySelector('.msg.pending .quote')`)
	soi.quotes("나중에 갈 답", "소이님에게 답장: 먼저 한 말")
	s.start()
	soi.hears("소이", "나중에 갈 답")
	soi.quotes("나중에 갈 답", "소이님에게 답장: 먼저 한 말")
	minjun := newPerson(t, look{})
	minjun.join(s.url, "민준", "방")
	minjun.quotes("나중에 갈 답", "소이님에게 답장: 먼저 한 말")
}

// What is answered may be far above all that is loaded: it shows all the same,
// and the way there loads what is around it. A stock client answers like anybody.
func TestReplyToWhatIsFarAway(t *testing.T) {
	s := startServer(t)
	client := newStock(t, s.url)
	client.hears("connect", func(map[string]any) bool { return true })
	client.emit("join", map[string]string{"username": "민준", "room": "방"})
	client.hears("ack join", func(first map[string]any) bool { return first == nil })
	client.emit("message", "맨 처음 한 말")
	first := client.hears("message", says("민준", "맨 처음 한 말"))["seq"]
	for i := range 150 {
		client.emit("message", fmt.Sprintf("%d번째 말", i))
	}
	client.hears("message", says("민준", "149번째 말"))
	client.emit("message", map[string]any{"room": "방", "text": "그 말에 답해요", "replyTo": first})
	if got := client.hears("message", says("민준", "그 말에 답해요")); got["replyTo"] != first {
		t.Errorf("the stock client hears %v", got)
	}
	client.emit("message", map[string]any{"room": "방", "text": "없는 말에 답해요", "replyTo": 9999})
	client.hears("ack message", func(refusal map[string]any) bool { return refusal["code"] == "gone" })

	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "방")
	soi.hears("민준", "그 말에 답해요")
	soi.quotes("그 말에 답해요", "민준님에게 답장: 맨 처음 한 말")
	if slices.Contains(soi.said(), "맨 처음 한 말") {
		t.Fatal("it is loaded: the test shows nothing")
	}
	client.emit("edit", map[string]any{"room": "방", "seq": first, "text": "맨 처음 고친 말"})
	soi.quotes("그 말에 답해요", "민준님에게 답장: 맨 처음 고친 말")
	soi.click(soi.message("그 말에 답해요") + " .quote")
	soi.until(`document.activeElement.matches('.msg') && document.activeElement.querySelector('.text').textContent === '맨 처음 고친 말'`)
	soi.until(`(b => b.top >= 0 && b.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())`)

	soi.answers("맨 처음 고친 말", "나도 답해요")
	if got := client.hears("message", says("소이", "나도 답해요")); got["replyTo"] != first {
		t.Errorf("the stock client hears %v", got)
	}
	client.emit("history", map[string]any{"room": "방", "limit": 1})
	wait(t, "history to tell of the reply", func() (bool, any) {
		all := client.all("ack history")
		return len(all) == 1 && strings.Contains(string(all[0].Args[1]), fmt.Sprintf(`"replyTo":%v`, first)), all
	})
	client.emit("delete", map[string]any{"room": "방", "seq": first})
	for _, reply := range []string{"그 말에 답해요", "나도 답해요"} {
		soi.sees(reply, func(l line) bool { return l.Text == reply })
		soi.quotes(reply, "답장: 지운 메시지예요.")
	}
}
