package app

import (
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/probe"
	"maru/app/wire/text"
)

// diagnosis is what is known of a connection: figures and versions, nothing of
// the people, the rooms or what was said.
type diagnosis struct {
	at        time.Time
	browser   string
	languages string
	link      chat.Link
	missing   int64
	samples   []probe.Sample
	outages   []probe.Outage
	trials    []probe.Trial
}

// report writes a diagnosis as plain text, for whoever is asked for help. Times
// are in UTC.
func report(l text.Lang, d diagnosis) string {
	var b strings.Builder
	line := func(name, what string) { b.WriteString(name + ": " + what + "\n") }
	b.WriteString(l.T(text.TitleRoom, l.T(text.Connection)) + "\n")
	line(l.T(text.ReportTime), d.at.UTC().Format("2006-01-02 15:04:05 UTC"))
	line(l.T(text.ReportBrowser), d.browser)
	line(l.T(text.ReportLanguage), l.String()+" ("+d.languages+")")
	line(l.T(text.Server), serverName(l, d.link))
	line(l.T(text.Transport), transportName(l, d.link))
	line(l.T(text.RoundTrip), presentRTT(l, d.link))
	line(l.T(text.Session), session(l, time.Time.UTC, d.link, d.missing))
	b.WriteString(l.T(text.ReportLast, summary(l, d.samples, d.outages)) + "\n")
	for _, t := range d.trials {
		line(wayName(l, t.Way), trialWords(l, t))
	}
	return b.String()
}

// trialWords is one row of the table as a line.
func trialWords(l text.Lang, t probe.Trial) string {
	switch t.State {
	case probe.Fails:
		return l.T(text.WayFails) + " · " + why(l, t)
	case probe.Works:
		rtt, delay, requests := wayNumbers(l, t)
		return strings.Join([]string{l.T(text.WayWorks), l.T(text.WayRoundTrip) + " " + rtt,
			l.T(text.WayDelay) + " " + delay, l.T(text.WayRequests) + " " + requests}, " · ")
	}
	return dash
}

func (c *connectionPage) onReport(ctx app.Context, _ app.Event) {
	s := c.State
	now := s.now()
	samples, outages := s.probe.Recent(now)
	words := report(c.Lang, diagnosis{at: now, browser: userAgent(), languages: preferredLanguages(), link: s.chat.Link(),
		missing: s.chat.Missing(), samples: samples, outages: outages, trials: s.probe.Trials()})
	copyText(words, func(ok bool) {
		t := notCopied
		if ok {
			t = copied
		}
		ctx.Dispatch(func(app.Context) { s.showTip(t) })
	})
}

func userAgent() string {
	agent := app.Window().Get("navigator").Get("userAgent")
	if !agent.Truthy() {
		return ""
	}
	return agent.String()
}
