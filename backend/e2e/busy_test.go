package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
)

// perSecond is how many messages a busy room has in a second.
const perSecond = 100

// watchFrames notes when the page is drawn: how long each frame took.
const watchFrames = `(() => {
	window.frames100 = [];
	let before = performance.now();
	const next = (now) => { frames100.push(now - before); before = now; requestAnimationFrame(next); };
	requestAnimationFrame(next);
	return true;
})()`

// BenchmarkHundredASecond tells what a room costs its reader in which a hundred
// messages a second are said: an operation is a second of it. Of the frames it
// tells how many were late, by more than half a frame of a screen with 60 Hz, and
// how long the longest one took.
func BenchmarkHundredASecond(b *testing.B) {
	s := startServer(b, "MARU_LIMITS=off")
	reader := newPerson(b, look{})
	reader.join(s.url, "소이", "방")
	writer := newStock(b, s.url)
	writer.emit("join", map[string]string{"username": "민준", "room": "방"})
	writer.writes(0, 1000)
	reader.shown("글 999")
	command(reader, performance.Enable, performance.EnableParams{})
	eval[bool](reader, watchFrames)
	n := 1000
	tick := time.NewTicker(time.Second / perSecond)
	defer tick.Stop()
	before := reader.metrics()
	for b.Loop() {
		for range perSecond {
			<-tick.C
			writer.emit("message", fmt.Sprintf("글 %d", n))
			n++
		}
	}
	reader.shown(fmt.Sprintf("글 %d", n-1))
	after := reader.metrics()
	frames := eval[[]float64](reader, `frames100`)
	b.ReportMetric(0, "ns/op")
	messages := float64(n - 1000)
	for _, m := range []struct{ name, unit string }{{"ScriptDuration", "script-ms/message"}, {"TaskDuration", "task-ms/message"}} {
		b.ReportMetric((after[m.name]-before[m.name])*1000/messages, m.unit)
	}
	late, longest := 0, 0.0
	for _, f := range frames {
		if f > 25 {
			late++
		}
		longest = max(longest, f)
	}
	b.ReportMetric(100*float64(late)/float64(len(frames)), "late-frames-%")
	b.ReportMetric(longest, "longest-frame-ms")
}

// watchMemory catches the memory of the program as it starts.
const watchMemory = `(() => {
	const start = WebAssembly.instantiateStreaming;
	WebAssembly.instantiateStreaming = async (...args) => {
		const result = await start(...args);
		window.programMemory = result.instance.exports.mem;
		return result;
	};
})()`

// anHour is what a busy room says in an hour: ten messages a second.
const anHour = 36_000

// BenchmarkHour tells what memory the page has after an hour in a busy room, at
// whose end it was all the time: that of the program, of the page's scripts, and
// the elements in the page.
func BenchmarkHour(b *testing.B) {
	for b.Loop() {
		s := startServer(b, "MARU_LIMITS=off")
		reader := newPerson(b, look{})
		command(reader, page.Enable, page.EnableParams{})
		command(reader, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchMemory})
		reader.join(s.url, "소이", "방")
		command(reader, performance.Enable, performance.EnableParams{})
		b.ReportMetric(reader.programMemory(), "program-MB-before")
		writer := newStock(b, s.url)
		writer.emit("join", map[string]string{"username": "민준", "room": "방"})
		for n := 0; n < anHour; n += 1000 {
			writer.writes(n, n+1000)
			reader.shown(fmt.Sprintf("글 %d", n+999))
		}
		b.ReportMetric(reader.programMemory(), "program-MB")
		after := reader.metrics()
		b.ReportMetric(after["JSHeapUsedSize"]/1e6, "scripts-MB")
		b.ReportMetric(after["Nodes"], "nodes")
		b.ReportMetric(0, "ns/op")
		reader.leave()
	}
}

// programMemory is what the program has taken of the machine, in MB. It never
// gives any back.
func (p *person) programMemory() float64 {
	p.t.Helper()
	return eval[float64](p, `programMemory.buffer.byteLength / 1e6`)
}
