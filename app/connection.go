package app

import (
	"slices"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/engineio"
	"maru/app/probe"
	"maru/app/socketio"
	"maru/app/wire/eio"
	"maru/app/wire/text"
)

// connectionPage shows how the connection is, how it was lately, and what else
// would work on this network. The probe works only while it is shown.
type connectionPage struct {
	app.Compo

	State   *state
	Lang    text.Lang
	Link    chat.Link
	Missing int64
	Tip     tip
}

func (c *connectionPage) OnMount(ctx app.Context) {
	c.State.probe.Open(func() { ctx.Dispatch(func(app.Context) {}) })
	focus(byID("connection"))
}

func (c *connectionPage) OnDismount() { c.State.probe.Close() }

func (c *connectionPage) Render() app.UI {
	s, l := c.State, c.Lang
	now := s.now()
	samples, outages := s.probe.Recent(now)
	return app.Elem("main").Class("connection").Body(app.Elem("div").Class("page").Body(
		c.backLink(),
		app.Elem("h1").ID("connection").TabIndex(-1).Text(l.T(text.Connection)),
		panel("now", l.T(text.ConnectionNow), c.present()),
		panel("plot", l.T(text.PlotTitle), plot(l, now, samples, outages), app.Elem("p").Class("tiny").Text(l.T(text.PlotHint))),
		panel("ways", l.T(text.Ways), c.ways()...),
		app.Elem("div").Class("report").Body(
			app.Elem("button").Attr("type", "button").Class("primary").ID("report").Text(l.T(text.ReportCopy)).OnClick(c.onReport),
			app.Elem("span").Attr("role", "status").Body(whether(c.Lang, c.Tip, text.CopyFailed)),
			app.Elem("p").Class("tiny").Text(l.T(text.ReportHint)),
		),
	))
}

func (c *connectionPage) backLink() app.UI {
	return app.Elem("a").Class("link", "way-back").ID("back").Attr("href", pathOf(c.State.backRoom())).OnClick(c.onBack).
		Body(icon("back"), app.Elem("span").Text(c.Lang.T(text.ConnectionBack)))
}

func (c *connectionPage) onBack(ctx app.Context, e app.Event) {
	if within(ctx, e) {
		c.State.back()
	}
}

// panel is a part of the page with its heading.
func panel(id, title string, body ...app.UI) app.UI {
	heading := app.Elem("h2").ID(id + "-title").Text(title)
	return app.Elem("section").Class("panel").Attr("aria-labelledby", id+"-title").Body(append([]app.UI{heading}, body...)...)
}

// present is the connection as it is now.
func (c *connectionPage) present() app.UI {
	l := c.Lang
	tag := app.Elem("span").Class("tag").Text(transportName(l, c.Link))
	if c.Link.State != chat.Online {
		tag = tag.Class("w")
	}
	line := func(name string, what app.UI) app.UI {
		return app.Elem("tr").Body(app.Elem("th").Attr("scope", "row").Text(name), app.Elem("td").Class("r").Body(what))
	}
	return app.Elem("table").Class("facts").Body(app.Elem("tbody").Body(
		line(l.T(text.Transport), tag),
		line(l.T(text.RoundTrip), app.Text(presentRTT(l, c.Link))),
		line(l.T(text.Session), app.Text(unbroken(session(l, c.State.local, c.Link, c.Missing)))),
		line(l.T(text.Server), app.Text(unbroken(serverName(l, c.Link)))),
	))
}

// transportName says what carries the connection, or that there is none.
func transportName(l text.Lang, link chat.Link) string {
	switch {
	case link.State == chat.Waiting:
		return l.T(text.LinkWaiting)
	case link.State != chat.Online:
		return l.T(text.LinkConnecting)
	case link.Transport == eio.Polling:
		return wayName(l, probe.LongPolling)
	}
	return wayName(l, probe.WebSocket)
}

func presentRTT(l text.Lang, link chat.Link) string {
	if link.State != chat.Online {
		return dash
	}
	return millis(l, link.RTT)
}

// session says since when the connection stands, and what it has been through.
func session(l text.Lang, local clock, link chat.Link, missing int64) string {
	if link.Server == "" && link.State != chat.Online {
		return dash // there was none yet
	}
	var parts []string
	if link.State == chat.Online {
		parts = append(parts, l.T(text.SessionSince, l.Clock(local(link.Since))))
	}
	parts = append(parts, l.N(text.SessionReconnects, link.Reconnects), l.N(text.SessionMissed, int(missing)))
	return strings.Join(parts, " · ")
}

// serverName is what the server says that it is.
func serverName(l text.Lang, link chat.Link) string {
	if link.Server == "" {
		return dash
	}
	name := l.T(text.ServerVersion, link.Server)
	if link.Store != "" {
		name += " · " + l.T(text.ServerStore, link.Store)
	}
	return name
}

// ways is the table of what was tried.
func (c *connectionPage) ways() []app.UI {
	l, trials := c.Lang, c.State.probe.Trials()
	trying := slices.ContainsFunc(trials, func(t probe.Trial) bool { return t.State == probe.Trying })
	said := l.T(text.WayChecked)
	if trying {
		said = l.T(text.WayTrying)
	}
	head := app.Elem("tr").Attr("role", "row")
	var heads []app.UI
	for i, name := range wayColumns(l) {
		heads = append(heads, app.Elem("th").Attr("scope", "col").Attr("role", "columnheader").Class(numeric(i)).Text(name))
	}
	var rows []app.UI
	for _, t := range trials {
		rows = append(rows, wayRow(l, t))
	}
	return []app.UI{
		// The roles stay when the style makes a card of each row.
		app.Elem("table").Class("ways").Attr("role", "table").Attr("aria-labelledby", "ways-title").Attr("aria-busy", pressed(trying)).Body(
			app.Elem("thead").Attr("role", "rowgroup").Body(head.Body(heads...)),
			app.Elem("tbody").Attr("role", "rowgroup").Body(rows...)),
		app.Elem("p").Class("tiny").Text(l.T(text.WaysHint)),
		app.Elem("p").Class("tiny").Text(l.T(text.WaysComputed)),
		app.Elem("div").Class("again").Body(
			app.Elem("button").Attr("type", "button").Class("link").ID("again").Attr("aria-disabled", pressed(trying)).
				Text(l.T(text.WayAgain)).OnClick(c.onAgain),
			app.Elem("span").Class("tiny").Attr("role", "status").Text(said)),
	}
}

func wayColumns(l text.Lang) []string {
	return []string{l.T(text.Way), l.T(text.WayState), l.T(text.WayRoundTrip), l.T(text.WayDelay), l.T(text.WayRequests)}
}

// numeric is the class of a column: the first two are words.
func numeric(column int) string {
	if column < 2 {
		return ""
	}
	return "r"
}

func wayRow(l text.Lang, t probe.Trial) app.UI {
	cells := []app.UI{app.Elem("th").Attr("scope", "row").Attr("role", "rowheader").Text(wayName(l, t.Way))}
	for i, what := range append([]app.UI{wayState(l, t)}, wayFigures(l, t)...) {
		cells = append(cells, app.Elem("td").Attr("role", "cell").Class(numeric(i+1)).DataSet("label", wayColumns(l)[i+1]).Body(what))
	}
	return app.Elem("tr").Attr("role", "row").DataSet("way", int(t.Way)).Body(cells...)
}

func wayState(l text.Lang, t probe.Trial) app.UI {
	switch t.State {
	case probe.Works:
		return app.Elem("span").Class("tag").Text(l.T(text.WayWorks))
	case probe.Fails:
		return app.Elem("span").Body(app.Elem("span").Class("tag", "bad").Text(l.T(text.WayFails)),
			app.Elem("span").Class("why").Text(" "+why(l, t)))
	case probe.Trying:
		return app.Elem("span").Class("why").Text(l.T(text.WayTrying))
	}
	return app.Text(dash)
}

func wayFigures(l text.Lang, t probe.Trial) []app.UI {
	rtt, delay, requests := wayNumbers(l, t)
	return []app.UI{app.Text(rtt), app.Text(delay), app.Text(requests)}
}

// wayNumbers writes the figures of a trial; dashes if there are none.
func wayNumbers(l text.Lang, t probe.Trial) (rtt, delay, requests string) {
	if t.State != probe.Works {
		return dash, dash, dash
	}
	rtt, delay, requests = millis(l, t.RTT), millis(l, t.Delay), strings.TrimSuffix(number(t.PerMinute), ".0")
	if t.Computed {
		delay = l.T(text.WayComputed, delay)
	}
	if t.PerMinute > 0 {
		requests = l.T(text.WayComputed, requests)
	}
	return rtt, delay, requests
}

func wayName(l text.Lang, way probe.Way) string {
	switch way {
	case probe.LongPolling:
		return l.T(text.WayLongPolling)
	case probe.ShortPolling:
		return l.T(text.WayShortPolling, text.Number(int(probe.PollInterval.Seconds())))
	}
	return l.T(text.WayWebSocket)
}

// why says why a way does not work.
func why(l text.Lang, t probe.Trial) string {
	switch t.Reason {
	case probe.ReasonStatus:
		return l.T(text.WhyStatus, text.Number(t.Status))
	case probe.ReasonAnswer, engineio.ReasonBroken:
		return l.T(text.WhyAnswer)
	case engineio.ReasonTimeout, engineio.ReasonPingTimeout, socketio.ReasonConnectTimeout:
		return l.T(text.WhyTimeout)
	case engineio.ReasonForbidden, engineio.ReasonBadRequest:
		return l.T(text.WhyForbidden)
	case socketio.ReasonUnreachable:
		return l.T(text.WhyUnreachable)
	}
	return l.T(text.WhyLost)
}

func (c *connectionPage) onAgain(app.Context, app.Event) { c.State.probe.Try() }
