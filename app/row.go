package app

import (
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// line is one row of the log. It is drawn again only if its row is another one.
// It has no handlers: the log serves the buttons of all rows.
type line struct {
	app.Compo

	State    *state
	Lang     text.Lang
	Room     string
	Row      *row
	Away     bool       // of what is on its way: one is not in the room
	Busy     bool       // of the older lines: they are being loaded
	Active   bool       // its tools are there
	Deleting bool       // and ask whether to delete it
	Quote    chat.Quote // of a reply: what it answers
}

func (m *messages) line(r *row, info chat.Room) app.UI {
	var quote chat.Quote
	if r.kind == rowPost && r.item.ReplyTo > 0 {
		quote = m.State.chat.Quote(m.Room, r.item.ReplyTo)
	}
	return &line{State: m.State, Lang: m.Lang, Room: m.Room, Row: r, Quote: quote,
		Away: (r.item.State == chat.Pending || r.item.Changing) && (!m.Online || info.Phase == chat.Joining), Busy: r.kind == rowOlder && info.Loading,
		Active: r.kind == rowPost && r.item.Key == m.active, Deleting: m.deleting && r.item.Key == m.active}
}

func (n *line) Render() app.UI {
	r := n.Row
	switch r.kind {
	case rowDay:
		return app.Elem("h2").Class("day").Text(n.Lang.Day(n.State.local(r.item.At), n.State.local(n.State.now())))
	case rowUnread:
		return app.Elem("h2").Class("unread-line").Text(n.Lang.T(text.LogUnread))
	case rowNotice, rowFold, rowWelcome, rowReset:
		return n.notice(r)
	case rowGap:
		return n.gap(r.item)
	case rowOlder:
		older := app.Elem("div").Class("older").DataSet("key", r.item.Key)
		if n.Busy {
			older = older.Text(n.Lang.T(text.LogOlder))
		}
		return older
	}
	return n.post(r.item, r.head)
}

func (n *line) notice(r *row) app.UI {
	p := app.Elem("p").Class("notice").DataSet("key", r.item.Key)
	l, name := n.Lang, r.item.Name
	switch {
	case r.kind == rowWelcome:
		return p.Class("welcome").Text(l.T(text.AdminWelcome, n.Room))
	case r.kind == rowReset:
		return p.Text(l.T(text.LogReset))
	case r.kind == rowFold:
		return p.Text(n.folded(r))
	case r.item.Kind == chat.Went:
		return p.Body(app.Text(l.T(text.AdminWent, name)+" · "), n.time(r.item.At))
	}
	return p.Body(app.Text(l.T(text.AdminCame, name)+" · "), n.time(r.item.At))
}

func (n *line) folded(r *row) string {
	l, name := n.Lang, r.item.Name
	switch {
	case r.came > 0 && r.went > 0:
		return l.T(text.LogManyBoth, text.Number(r.came), text.Number(r.went))
	case r.came > 1:
		return l.N(text.LogManyCame, r.came-1, name)
	case r.went > 1:
		return l.N(text.LogManyWent, r.went-1, name)
	case r.went == 1:
		return l.T(text.AdminWent, name)
	}
	return l.T(text.AdminCame, name)
}

func (n *line) gap(it chat.Item) app.UI {
	return app.Elem("div").Class("gap").DataSet("key", it.Key).Body(
		app.Elem("span").Text(n.Lang.N(text.LogGap, int(max(it.Posts, 1)))),
		app.Elem("button").Attr("type", "button").DataSet("do", "fill").DataSet("id", it.Key).Text(n.Lang.T(text.LogGapLoad)),
	)
}

func (n *line) time(at time.Time) app.UI {
	at = n.State.local(at)
	return app.Elem("time").Attr("datetime", at.Format(time.RFC3339)).Text(n.Lang.Clock(at))
}

// post draws a message: a group's first with face, name and time, the rest with
// a time that shows when one looks for it.
func (n *line) post(it chat.Item, head bool) app.UI {
	class := "msg"
	switch it.State {
	case chat.Pending:
		class = "msg pending"
	case chat.Failed:
		class = "msg failed"
	}
	body := app.Elem("div").Class("body")
	by, words := "by-"+it.Key, "said-"+it.Key // an article has no name of its own
	row := app.Elem("article").Class(class).DataSet("key", it.Key).Attr("aria-labelledby", by+" "+words)
	info, _ := n.State.chat.Room(n.Room)
	said := append([]app.UI{n.by(it, head).ID(by), n.quote(it), n.content(it, info.Users, info.As).ID(words), n.edited(it), n.reactions(it, info.Me), n.changing(it)}, n.sendState(it)...)
	if head {
		return row.Body(avatar(faceID(it), it.Name, false), body.Body(said...), n.tools(it))
	}
	at := n.State.local(it.At)
	short := app.Elem("time").Attr("datetime", at.Format(time.RFC3339)).Text(text.ShortClock(at.Hour(), at.Minute()))
	return row.Class("more").Body(short, body.Body(said...), n.tools(it))
}

// content is what a message says, or that it was deleted.
func (n *line) content(it chat.Item, users []event.User, me string) app.HTMLElem {
	if it.Deleted {
		return app.Elem("div").Class("text", "deleted").Text(n.Lang.T(text.Deleted))
	}
	return richText(it.Text, users, me)
}

func (n *line) edited(it chat.Item) app.UI {
	if it.EditedAt.IsZero() || it.Deleted {
		return nil
	}
	at := n.State.local(it.EditedAt)
	return app.Elem("span").Class("edited").Attr("title", n.Lang.Stamp(at, n.State.local(n.State.now()))).Text(n.Lang.T(text.Edited))
}

// by is who wrote a message, and when; within a group it is there for screen
// readers and copies alone.
func (n *line) by(it chat.Item, head bool) app.HTMLElem {
	by := app.Elem("div").Class("by")
	if !head {
		return by.Class("vh").Body(app.Elem("b").Attr("dir", "auto").Text(it.Name))
	}
	if it.Own {
		return by.Body(app.Elem("b").Attr("dir", "auto").Text(it.Name), app.Elem("span").Class("you").Text(n.Lang.T(text.You)), n.time(it.At))
	}
	return by.Body(app.Elem("b").Attr("dir", "auto").Text(it.Name), n.time(it.At))
}

// onItsWay says that the server does not have something yet.
func (n *line) onItsWay(class string) app.HTMLElem {
	label := n.Lang.T(text.Sending)
	if n.Away {
		label = n.Lang.T(text.SendWhenBack)
	}
	return app.Elem("div").Class(class).Body(icon("clock"), app.Elem("span").Text(label))
}

// changing says so of what was done to a message. With a connection that is most
// often over before one could read it, so it takes no place until a while later.
func (n *line) changing(it chat.Item) app.UI {
	switch {
	case !it.Changing:
		return nil
	case n.Away:
		return n.onItsWay("state doing")
	}
	return n.onItsWay("state doing soon")
}

// sendState is what a message of one's own shows until the server has it.
func (n *line) sendState(it chat.Item) []app.UI {
	l := n.Lang
	switch it.State {
	case chat.Pending:
		return []app.UI{n.onItsWay("state")}
	case chat.Failed:
		why := l.T(text.SendFailed)
		if it.Why != nil {
			why += " " + text.Refusal(l, it.Why.Code)
		}
		return []app.UI{app.Elem("div").Class("state").Body(app.Elem("span").Text(why),
			app.Elem("button").Attr("type", "button").DataSet("do", "retry").DataSet("id", it.ID).Text(l.T(text.SendAgain)),
			app.Elem("button").Attr("type", "button").DataSet("do", "copy").Text(l.T(text.Copy)),
			app.Elem("button").Attr("type", "button").DataSet("do", "discard").DataSet("id", it.ID).Text(l.T(text.SendDiscard)))}
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
func richText(message string, users []event.User, me string) app.HTMLElem {
	var parts []app.UI
	for _, p := range pieces(message) {
		switch p.kind {
		case pieceLink:
			parts = append(parts, app.Elem("a").Attr("href", p.text).Attr("target", "_blank").Attr("rel", "noopener noreferrer nofollow ugc").Body(app.Text(p.text)))
		case pieceCode:
			parts = append(parts, app.Elem("code").Body(app.Text(p.text)))
		case pieceBlock:
			parts = append(parts, app.Elem("pre").Attr("tabindex", strconv.Itoa(0)).Body(app.Elem("code").Body(app.Text(p.text))))
		default:
			parts = append(parts, withNames(p.text, users, me)...)
		}
	}
	return app.Elem("div").Class("text").Attr("dir", "auto").Body(parts...)
}

// withNames draws plain text, with the names of people in the room marked.
func withNames(s string, users []event.User, me string) (parts []app.UI) {
	for len(parts) < maxPieces {
		from, to := mentioned(s, users)
		if to == 0 {
			break
		}
		if from > 0 {
			parts = append(parts, app.Text(s[:from]))
		}
		at := app.Elem("span").Class("at")
		if strings.EqualFold(s[from+1:to], me) {
			at = at.Class("me")
		}
		parts = append(parts, at.Text(s[from:to]))
		s = s[to:]
	}
	if s != "" || len(parts) == 0 {
		parts = append(parts, app.Text(s))
	}
	return parts
}
