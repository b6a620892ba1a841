package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
)

// fullList is how long the list is to which messages are added.
const fullList = 5000

// BenchmarkAppendToFullList tells what one more message costs the page when the
// list is long: the time in scripts (the app itself, WebAssembly included), in
// layout and style, and in all. One operation is one message, sent by the stock
// client and waited for until it is in the page.
func BenchmarkAppendToFullList(b *testing.B) {
	s := startServer(b, "MARU_LIMITS=off")
	reader := newPerson(b, look{})
	reader.join(s.url, "소이", "방")
	writer := newStock(b, s.url)
	writer.emit("join", map[string]string{"username": "민준", "room": "방"})
	for n := range fullList {
		text := fmt.Sprintf("글 %d: 롱 폴링으로도 붙는지 확인했어요.", n)
		writer.emit("message", text)
		if n%500 == 499 {
			reader.shown(text)
		}
	}
	if rows := eval[int](reader, `document.querySelectorAll('.lines > *').length`); rows > 400 {
		b.Fatalf("the page has %d rows", rows)
	}
	command(reader, performance.Enable, performance.EnableParams{})
	before := reader.metrics()
	n := 0
	for b.Loop() {
		text := fmt.Sprintf("새 글 %d: 좋아요. 그럼 오늘 저녁에 배포합시다.", n)
		writer.emit("message", text)
		reader.shown(text)
		n++
	}
	after := reader.metrics()
	for _, m := range []struct{ name, unit string }{{"ScriptDuration", "script-ms/op"}, {"LayoutDuration", "layout-ms/op"}, {"RecalcStyleDuration", "style-ms/op"}, {"TaskDuration", "task-ms/op"}} {
		b.ReportMetric((after[m.name]-before[m.name])*1000/float64(n), m.unit)
	}
}

// shown waits until the last message of the page is this. It waits in the page
// and is told by it, so that the waiting costs next to nothing there.
func (p *person) shown(text string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`new Promise((done) => {
		const last = () => [...document.querySelectorAll('.log .msg:last-of-type .text')].at(-1)?.textContent === %s;
		if (last()) { done(true); return; }
		const watch = new MutationObserver(() => { if (last()) { watch.disconnect(); done(true); } });
		watch.observe(document.querySelector('.lines'), { childList: true, subtree: true, characterData: true });
	})`, quote(text)))
}

// metrics are the page's counters of time, in seconds.
func (p *person) metrics() map[string]float64 {
	p.t.Helper()
	all := map[string]float64{}
	for _, m := range command(p, performance.GetMetrics, cdp.Empty{}).Metrics {
		all[m.Name] = m.Value
	}
	return all
}
