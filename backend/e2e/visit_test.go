package e2e

import (
	"net/url"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// watchVisit notes in each page, in milliseconds since the navigation began, what a
// visitor waits for; and by how much things have moved that nobody has touched.
const watchVisit = `(() => {
	const visit = window.visit = {paint: 0, field: 0, interactive: 0, online: 0, shift: 0};
	new PerformanceObserver((list) => { for (const e of list.getEntries()) if (!e.hadRecentInput) visit.shift += e.value; })
		.observe({type: 'layout-shift', buffered: true});
	new PerformanceObserver((list) => { for (const e of list.getEntries()) if (e.name === 'first-contentful-paint') visit.paint = e.startTime; })
		.observe({type: 'paint', buffered: true});
	const look = () => {
		const now = performance.now();
		const field = [...document.querySelectorAll('#name, #composer')].find((e) => e.offsetParent);
		if (!visit.field && field && window.maruPending) visit.field = now; // what is typed is kept, and Enter is held for the program
		if (!visit.interactive && document.querySelector('#to-settings') && !document.getElementById('app-wasm-loader')) visit.interactive = now;
		if (!visit.online && document.querySelector('#maru[data-link="online"]')) visit.online = now;
		if (!visit.field || !visit.online) requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
})()`

// visit is what watchVisit noted.
type visit struct{ Paint, Field, Interactive, Online, Shift float64 }

// visits opens a page and waits until it is there whole.
func (p *person) visits(address string) visit {
	p.t.Helper()
	command(p, page.Navigate, page.NavigateParams{URL: address})
	p.until(`window.visit?.online && visit.paint && visit.field && visit.interactive`)
	p.painted()
	return eval[visit](p, `visit`)
}

// visitor is somebody whose visits are watched.
func visitor(t testing.TB) *person {
	t.Helper()
	p := newPerson(t, look{})
	command(p, page.Enable, page.EnableParams{})
	command(p, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchVisit})
	return p
}

// Nothing moves by itself while a page comes: not the card, not an empty room, and
// not one with messages, the first time and when it is kept.
func TestNothingMovesWhileAPageLoads(t *testing.T) {
	s := startServer(t)
	p := visitor(t)
	still := func(what, path string) {
		t.Helper()
		if v := p.visits(s.url + path); v.Shift != 0 {
			t.Errorf("%s: the layout has shifted by %v", what, v.Shift)
		}
	}
	still("the card", "/")
	p.join(s.url, "소이", "기획팀")
	room := "/r/" + url.PathEscape("기획팀")
	still("an empty room", room)
	writer := newStock(t, s.url)
	writer.emit("join", map[string]string{"username": "민준", "room": "기획팀"})
	writer.writes(0, 200)
	p.shown("글 199")
	p.keepsLine("기획팀", "글 199")
	still("a room that is kept", room)
	eval[bool](p, `(indexedDB.deleteDatabase('maru'), setTimeout(() => location.assign('/connection')), true)`)
	p.online()
	still("a room that is not", room)
}

// BenchmarkVisit tells what a visitor waits for, in milliseconds (the median):
// for the first paint, for being able to type, for the app to run, for the
// connection; and the layout shift of the worst visit. The first visit finds
// nothing kept; a later one has the app from its worker, and is at a room.
func BenchmarkVisit(b *testing.B) {
	for _, network := range []struct {
		name string
		speed
	}{{"1.6Mbit-150ms", slow}, {"unthrottled", speed{}}} {
		b.Run(network.name+"/first", func(b *testing.B) {
			s := startServer(b)
			var all []visit
			for b.Loop() {
				w := newSlowWire(b, s.url, network.speed)
				p := visitor(b)
				all = append(all, p.visits(w.url+"/"))
				p.leave()
			}
			report(b, all)
		})
		b.Run(network.name+"/later", func(b *testing.B) {
			s := startServer(b)
			w := newSlowWire(b, s.url, network.speed)
			p := visitor(b)
			p.join(w.url, "소이", "기획팀")
			writer := newStock(b, s.url)
			writer.emit("join", map[string]string{"username": "민준", "room": "기획팀"})
			writer.writes(0, 200)
			p.shown("글 199")
			p.ready()
			p.keepsLine("기획팀", "글 199")
			var all []visit
			for b.Loop() {
				all = append(all, p.visits(w.url+"/r/"+url.PathEscape("기획팀")))
			}
			report(b, all)
		})
	}
}

func report(b *testing.B, all []visit) {
	b.Helper()
	b.ReportMetric(0, "ns/op") // says nothing: the tools' own time is in it
	for unit, of := range map[string]func(visit) float64{
		"first-paint-ms": func(v visit) float64 { return v.Paint },
		"typable-ms":     func(v visit) float64 { return max(v.Paint, v.Field) },
		"interactive-ms": func(v visit) float64 { return v.Interactive },
		"online-ms":      func(v visit) float64 { return v.Online },
	} {
		b.ReportMetric(median(all, of), unit)
	}
	worst := slices.MaxFunc(all, func(x, y visit) int { return int(1e6 * (x.Shift - y.Shift)) })
	b.ReportMetric(worst.Shift, "worst-shift")
}

// median is the one in the middle.
func median[T any](all []T, of func(T) float64) float64 {
	values := make([]float64, len(all))
	for i, v := range all {
		values[i] = of(v)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
