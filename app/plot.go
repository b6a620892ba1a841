package app

import (
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/probe"
	"maru/app/wire/text"
)

// The plot's own units. It is stretched to the width of the page, so letters
// stand beside it.
const (
	plotWidth  = 600
	plotHeight = 100
	minSpan    = 1.5              // width of an outage, so that none is overlooked
	maxStep    = 20 * time.Second // samples farther apart are not joined: nothing was measured between
)

// scale places times and round trips in a plot. The oldest time is at its left,
// and a round trip of top at its upper edge.
type scale struct {
	now time.Time
	top time.Duration
}

// newScale returns the scale for round trips up to longest: the smallest of 10,
// 20, 50, 100 ms and so on that holds it.
func newScale(now time.Time, longest time.Duration) scale {
	top := 10 * time.Millisecond
	for step := 0; top < longest; step++ {
		if step%3 == 1 {
			top = top / 2 * 5
		} else {
			top *= 2
		}
	}
	return scale{now, top}
}

func (s scale) x(at time.Time) float64 {
	age := float64(s.now.Sub(at)) / float64(probe.Window)
	return plotWidth * min(max(1-age, 0), 1)
}

func (s scale) y(rtt time.Duration) float64 {
	return plotHeight * min(max(1-float64(rtt)/float64(s.top), 0), 1)
}

// line is the path of the samples: a line through those that follow each other
// closely with no outage between, a dot for one that stands alone.
func (s scale) line(samples []probe.Sample, outages []probe.Outage) string {
	var path []byte
	for i, sample := range samples {
		verb := byte('L')
		if i == 0 || parted(samples[i-1].At, sample.At, outages) {
			verb = 'M'
		}
		path = append(path, verb)
		path = appendNumber(path, s.x(sample.At))
		path = append(path, ' ')
		path = appendNumber(path, s.y(sample.RTT))
		if verb == 'M' {
			path = append(path, "h0"...)
		}
	}
	return string(path)
}

// parted tells whether nothing is known of the time between two samples, or an
// outage lies in it.
func parted(from, to time.Time, outages []probe.Outage) bool {
	if to.Sub(from) > maxStep {
		return true
	}
	for _, o := range outages {
		if o.From.Before(to) && o.To.After(from) {
			return true
		}
	}
	return false
}

// stretch is where an outage is drawn.
func (s scale) stretch(o probe.Outage) (x, width float64) {
	x = s.x(o.From)
	width = max(s.x(o.To)-x, minSpan)
	return min(x, plotWidth-width), width
}

func appendNumber(dst []byte, f float64) []byte { return strconv.AppendFloat(dst, f, 'f', 1, 64) }

func number(f float64) string { return string(appendNumber(nil, f)) }

// outageTime is how long the outages last in all.
func outageTime(outages []probe.Outage) (all time.Duration) {
	for _, o := range outages {
		all += o.To.Sub(o.From)
	}
	return all
}

// summary says in words what the plot shows.
func summary(l text.Lang, samples []probe.Sample, outages []probe.Outage) string {
	s := l.T(text.PlotNone)
	if f := probe.Sum(samples); f.Count > 0 {
		s = l.T(text.PlotFigures, millis(l, f.Shortest), millis(l, f.Median), millis(l, f.Longest))
	}
	if len(outages) == 0 {
		return s + " · " + l.T(text.PlotNoOutage)
	}
	return s + " · " + l.N(text.PlotOutages, len(outages), seconds(l, outageTime(outages)))
}

// millis writes a time in milliseconds, with a decimal if it is short; what was
// not measured is a dash.
func millis(l text.Lang, d time.Duration) string {
	switch ms := float64(d) / float64(time.Millisecond); {
	case d <= 0:
		return dash
	case ms < 9.95:
		return l.T(text.Milliseconds, number(ms))
	default:
		return l.T(text.Milliseconds, text.Number(int(ms+0.5)))
	}
}

const dash = "—"

// seconds writes a time in seconds, with a decimal if it is short.
func seconds(l text.Lang, d time.Duration) string {
	if s := d.Seconds(); s < 9.95 {
		return l.T(text.Seconds, number(s))
	}
	return l.T(text.Seconds, text.Number(int(d.Seconds()+0.5)))
}

// plot draws the round trips of the last minutes.
func plot(l text.Lang, now time.Time, samples []probe.Sample, outages []probe.Outage) app.UI {
	s := newScale(now, probe.Sum(samples).Longest)
	words := summary(l, samples, outages)
	shapes := []app.UI{shape("path", "grid").Attr("d", "M0 0H600M0 50H600M0 100H600")}
	for _, o := range outages {
		x, width := s.stretch(o)
		shapes = append(shapes, shape("rect", "out").Attr("x", number(x)).Attr("y", "0").
			Attr("width", number(width)).Attr("height", strconv.Itoa(plotHeight)))
	}
	shapes = append(shapes, shape("path", "line").Attr("d", s.line(samples, outages)))
	top := int(s.top.Milliseconds())
	return app.Elem("div").Class("plot").Body(
		app.Elem("div").Class("y").Attr("aria-hidden", "true").Body(
			app.Elem("span").Text(l.T(text.Milliseconds, text.Number(top))), app.Elem("span").Text(text.Number(top/2)), app.Elem("span").Text("0")),
		app.Elem("svg").XMLNS(svg).Attr("viewBox", "0 0 600 100").Attr("preserveAspectRatio", "none").
			Attr("role", "img").Attr("aria-label", l.T(text.PlotTitle)+": "+words).Body(shapes...),
		app.Elem("div").Class("x").Attr("aria-hidden", "true").Body(
			app.Elem("span").Text(l.T(text.PlotFrom)), legend(l, outages), app.Elem("span").Text(l.T(text.PlotNow))),
		app.Elem("p").Class("sum").Attr("aria-hidden", "true").Text(unbroken(words)),
	)
}

// legend says what the shaded parts are, if there are any.
func legend(l text.Lang, outages []probe.Outage) app.UI {
	if len(outages) == 0 {
		return nil
	}
	return app.Elem("span").Class("legend").Text(l.T(text.PlotOutage))
}

// unbroken lets a list break between its parts only.
func unbroken(parts string) string {
	return strings.ReplaceAll(strings.ReplaceAll(parts, " ", "\u00a0"), "\u00a0·\u00a0", "\u00a0· ")
}

func shape(tag, class string) app.HTMLElem {
	return app.Elem(tag).XMLNS(svg).Attr("class", class)
}
