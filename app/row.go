package app

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/text"
)

// row draws one row. Rows are plain elements without handlers: a window of
// them is compared within a few milliseconds.
func (m *messages) row(r row, info chat.Room) app.UI {
	switch r.kind {
	case rowDay:
		return app.H2().Class("day").Text(m.Lang.Day(m.State.local(r.item.At), m.State.local(m.State.now())))
	case rowNotice, rowFold, rowWelcome, rowReset:
		return m.notice(r)
	case rowGap:
		return m.gap(r.item)
	case rowOlder:
		older := app.Div().Class("older").DataSet("key", r.item.Key)
		if info.Loading {
			older = older.Text(m.Lang.T(text.LogOlder))
		}
		return older
	}
	return m.post(r.item, r.head)
}

func (m *messages) notice(r row) app.UI {
	n := app.P().Class("notice").DataSet("key", r.item.Key)
	l, name := m.Lang, r.item.Name
	switch {
	case r.kind == rowWelcome:
		return n.Class("welcome").Text(l.T(text.AdminWelcome, m.Room))
	case r.kind == rowReset:
		return n.Text(l.T(text.LogReset))
	case r.kind == rowFold:
		return n.Text(m.folded(r))
	case r.item.Kind == chat.Went:
		return n.Body(app.Text(l.T(text.LogWent, name)+" · "), m.time(r.item.At))
	}
	return n.Body(app.Text(l.T(text.LogCame, name)+" · "), m.time(r.item.At))
}

func (m *messages) folded(r row) string {
	l, name := m.Lang, r.item.Name
	switch {
	case r.came > 0 && r.went > 0:
		return l.T(text.LogManyBoth, text.Number(r.came), text.Number(r.went))
	case r.came > 1:
		return l.N(text.LogManyCame, r.came-1, name)
	case r.went > 1:
		return l.N(text.LogManyWent, r.went-1, name)
	case r.went == 1:
		return l.T(text.LogWent, name)
	}
	return l.T(text.LogCame, name)
}

func (m *messages) gap(it chat.Item) app.UI {
	return app.Div().Class("gap").DataSet("key", it.Key).Body(
		app.Span().Text(m.Lang.N(text.LogGap, int(it.To-it.From+1))),
		app.Button().Type("button").DataSet("do", "fill").DataSet("id", it.Key).Text(m.Lang.T(text.LogGapLoad)),
	)
}

func (m *messages) time(at time.Time) app.UI {
	at = m.State.local(at)
	return app.Time().Attr("datetime", at.Format(time.RFC3339)).Text(m.Lang.Clock(at))
}

// post draws a message: a group's first with face, name and time, the rest with
// a time that shows when one looks for it.
func (m *messages) post(it chat.Item, head bool) app.UI {
	class := "msg"
	switch it.State {
	case chat.Pending:
		class = "msg pending"
	case chat.Failed:
		class = "msg failed"
	}
	body := app.Div().Class("body")
	row := app.Article().Class(class).DataSet("key", it.Key)
	said := append([]app.UI{m.by(it, head), richText(it.Text)}, m.sendState(it)...)
	if head {
		return row.Body(avatar(faceID(it), it.Name, false), body.Body(said...))
	}
	at := m.State.local(it.At)
	short := app.Time().Attr("datetime", at.Format(time.RFC3339)).Text(text.ShortClock(at.Hour(), at.Minute()))
	return row.Class("more").Body(short, body.Body(said...))
}

// by is who wrote a message, and when; within a group it is there for screen
// readers and copies alone.
func (m *messages) by(it chat.Item, head bool) app.UI {
	by := app.Div().Class("by")
	if !head {
		return by.Class("vh").Body(app.B().Attr("dir", "auto").Text(it.Name))
	}
	if it.Own {
		return by.Body(app.B().Attr("dir", "auto").Text(it.Name), app.Span().Class("you").Text(m.Lang.T(text.You)), m.time(it.At))
	}
	return by.Body(app.B().Attr("dir", "auto").Text(it.Name), m.time(it.At))
}

// sendState is what a message of one's own shows until the server has it.
func (m *messages) sendState(it chat.Item) []app.UI {
	l := m.Lang
	switch it.State {
	case chat.Pending:
		label := l.T(text.Sending)
		if !m.Online {
			label = l.T(text.SendWhenBack)
		}
		return []app.UI{app.Div().Class("state").Body(icon("clock"), app.Span().Text(label))}
	case chat.Failed:
		why := l.T(text.SendFailed)
		if it.Why != nil {
			why += " " + text.Refusal(l, it.Why.Code)
		}
		return []app.UI{app.Div().Class("state").Body(app.Span().Text(why),
			app.Button().Type("button").DataSet("do", "retry").DataSet("id", it.ID).Text(l.T(text.SendAgain)),
			app.Button().Type("button").DataSet("do", "discard").DataSet("id", it.ID).Text(l.T(text.SendDiscard)))}
	}
	return nil
}

// faceID is what a person's colour is made of: a pending message may not know
// its author's ID yet.
func faceID(it chat.Item) string {
	if it.User == "" {
		return it.Name
	}
	return it.User
}

// richText draws what a message says. All of it is text: nothing of it is ever
// read as markup.
func richText(message string) app.UI {
	var parts []app.UI
	for _, p := range pieces(message) {
		switch p.kind {
		case pieceLink:
			parts = append(parts, app.A().Href(p.text).Target("_blank").Rel("noopener noreferrer nofollow ugc").Body(app.Text(p.text)))
		case pieceCode:
			parts = append(parts, app.Code().Body(app.Text(p.text)))
		case pieceBlock:
			parts = append(parts, app.Pre().Attr("tabindex", strconv.Itoa(0)).Body(app.Code().Body(app.Text(p.text))))
		default:
			parts = append(parts, app.Text(p.text))
		}
	}
	return app.Div().Class("text").Attr("dir", "auto").Body(parts...)
}
