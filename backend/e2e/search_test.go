package e2e

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// marked returns what is marked in each of the hits.
func (p *person) marked() []string {
	p.t.Helper()
	return eval[[]string](p, `[...document.querySelectorAll('#hits li')].map(li => [...li.querySelectorAll('mark')].map(m => m.textContent).join(' '))`)
}

func (p *person) finds(want ...string) {
	p.t.Helper()
	wait(p.t, fmt.Sprintf("the hits %q", want), func() (bool, any) {
		got := p.marked()
		return slices.Equal(got, want), got
	})
}

// Hangul is found as it is typed, in the middle of a composition, by initials
// too, and without a network; the keyboard leads to the hit.
func TestSearch(t *testing.T) {
	s := startServer(t)
	soi := newPerson(t, look{})
	soi.join(s.url, "소이", "방")
	for _, text := range []string{"어제 회의록을 봤어요", "점심 뭐 먹지", "<b>회의</b> 자료는 내일", "회식은 다음에"} {
		soi.say(text)
		soi.hears("소이", text)
	}
	soi.keepsLine("방", "회식은 다음에")
	soi.click("#search")
	soi.until(`document.activeElement?.id === 'find'`)
	soi.compose("ㅎ", "호", "회", "회ㅇ", "회으") // the composition is still open
	soi.finds("회의", "회의")
	soi.key(rawKeyDown, "ArrowDown", 229, "") // belongs to the input method
	soi.until(`document.querySelector('#hits [aria-selected=true]')?.id === 'hit-0'`)
	soi.until(`document.querySelector('.finder [role=status]').textContent.includes('2개')`)
	if n := eval[int](soi, `document.querySelectorAll('#hits b b, #hits .text b').length`); n > 0 {
		t.Errorf("text of a message became %d elements", n)
	}
	command(soi, input.InsertText, input.InsertTextParams{Text: "회의"})
	soi.finds("회의", "회의")
	soi.key(keyDown, "ArrowDown", 40, "")
	soi.until(`document.querySelector('#hits [aria-selected=true]')?.id === 'hit-1' && document.activeElement.getAttribute('aria-activedescendant') === 'hit-1'`)
	soi.enterKey()
	soi.until(`!document.querySelector('.finder') && document.activeElement?.textContent.includes('어제 회의록') && /^#\d+$/.test(location.hash)`)

	soi.expect(lostConnection)
	s.kill()
	soi.open(s.url + "/r/" + url.PathEscape("방"))
	soi.until(`document.querySelectorAll('.log .msg').length === 4`)
	soi.click("#search")
	soi.until(`document.activeElement?.id === 'find'`)
	soi.fill("find", "ㅎㅇㄹ")
	soi.finds("회의록")
	soi.fill("find", "없는 말")
	soi.finds()
	soi.until(`document.querySelector('.finder [role=status]').textContent.includes('찾지 못했어요')`)
	if eval[bool](soi, `Boolean(document.querySelector('#find-meant'))`) {
		t.Error("Hangul is taken for another keyboard's")
	}
	soi.fill("find", "ghldml") // 회의, with the keyboard not switched
	soi.until(`document.querySelector('#find-meant')?.textContent === '‘회의’ 찾아보기'`)
	soi.click("#find-meant")
	soi.finds("회의", "회의")
	soi.until(`document.activeElement.id === 'find' && document.getElementById('find').value === '회의' && !document.querySelector('#find-meant')`)
	soi.key(keyDown, "Escape", 27, "")
	soi.until(`!document.querySelector('.finder') && document.activeElement?.id === 'search'`)
}

// numbers is JavaScript that reads which numbered messages are in the page, and
// whether one is missing between two without a row that says so, or is twice.
const numbers = `(() => {
	const seen = []; let gap = true, wrong = '';
	for (const e of document.querySelectorAll('.log .lines > *')) {
		if (e.matches('.gap, .older')) { gap = true; continue; }
		const n = /^글 (\d+)$/.exec(e.querySelector('.text')?.textContent || '');
		if (!n) continue;
		const now = Number(n[1]), last = seen.at(-1);
		if (seen.length && (now <= last || (!gap && now !== last + 1))) wrong = last + ' then ' + now;
		gap = false;
		seen.push(now);
	}
	return { seen, wrong };
})()`

type numbered struct {
	Seen  []int
	Wrong string
}

// reads scrolls step by step until a numbered message is in the page, back and
// forth where something is being loaded, and checks on the way that nothing is
// missing unsaid.
func (p *person) reads(n int) {
	p.t.Helper()
	wait(p.t, fmt.Sprintf("to read message %d", n), func() (bool, any) {
		got := eval[numbered](p, numbers)
		if got.Wrong != "" {
			p.t.Fatalf("the page shows %s", got.Wrong)
		}
		if slices.Contains(got.Seen, n) {
			return true, nil
		}
		step := "+"
		if len(got.Seen) > 0 && n < got.Seen[0] || len(got.Seen) > 1 && n < got.Seen[len(got.Seen)-1] && p.above(n) {
			step = "-"
		}
		eval[bool](p, `(() => { const log = document.querySelector('.log'); log.scrollTop `+step+`= log.clientHeight * 0.7; return true; })()`)
		p.painted()
		return false, got
	})
}

// above tells whether what is in view comes after a numbered message.
func (p *person) above(n int) bool {
	p.t.Helper()
	first := p.firstSeen()
	return eval[int](p, fmt.Sprintf(`Number(/\d+/.exec(document.querySelector('[data-key=%s] .text').textContent)[0])`, quote(first.Key))) > n
}

// writes has the stock client write numbered messages, and waits for the server
// now and then.
func (s *stock) writes(from, to int) {
	s.t.Helper()
	for i := from; i < to; i++ {
		text := fmt.Sprintf("글 %d", i)
		s.emit("message", text)
		if i%250 == 249 || i == to-1 {
			s.hears("message", func(first map[string]any) bool { return first["text"] == text })
		}
	}
}

// A link leads to one line of a long room, and history goes on from there in
// both directions.
func TestLinkLeadsToALine(t *testing.T) {
	s := startServer(t, "MARU_LIMITS=off")
	writer := newStock(t, s.url)
	writer.emit("join", map[string]string{"username": "민준", "room": "방"})
	writer.writes(0, 1500)
	soi := newPerson(t, look{})
	soi.open(s.url + "/r/" + url.PathEscape("방") + "#400")
	soi.online()
	soi.fill("name", "소이")
	soi.click("#enter")
	soi.until(`document.activeElement?.dataset.key === 's400'`)
	target := eval[string](soi, `document.activeElement.querySelector('.text').textContent`)
	var n int
	if _, err := fmt.Sscanf(target, "글 %d", &n); err != nil {
		t.Fatalf("seq 400 is %q", target)
	}
	soi.until(`document.querySelector('.latest')`)
	soi.reads(n - 150)
	soi.reads(n + 150)
	soi.reads(n - 60)
	eval[bool](soi, `(location.hash = '#1200', true)`)
	soi.until(`document.activeElement?.dataset.key === 's1200'`)
	soi.reads(n + 900)
	soi.click(".latest")
	soi.reads(1499)
}
