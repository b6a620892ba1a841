package app

import (
	"slices"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// joinPage is the card that asks for a name and a room.
type joinPage struct {
	app.Compo

	State   *state
	Lang    text.Lang
	Asked   string // the room it is waiting for
	Refusal string // a code
	Lost    bool   // the address leads nowhere
	Trouble bool   // there is no connection
	Shared  string // by another app, to be said in the room that is chosen
	Glance  chat.Glance

	typed int    // how often something was put into the field of the room
	was   string // the refusal that the focus was moved for
}

// OnMount fills the fields and puts the focus where something is missing. The
// fields are the browser's from then on, so that no composition is disturbed.
func (j *joinPage) OnMount(app.Context) {
	s := j.State
	if handed.name == "" {
		setValue("name", s.name)
	}
	if handed.room == "" || s.room != "" {
		setValue("room", s.room)
	}
	if !handed.restore("name", "room") {
		j.focus()
	}
	j.peek()
}

// peek asks what goes on in the room of the field.
func (j *joinPage) peek() {
	room, refusal := event.CleanRoom(valueOf("room"))
	if refusal != nil {
		room = ""
	}
	j.State.chat.Peek(room)
}

// peekTime is how long nothing is typed into the field before it is asked what goes
// on in the room.
const peekTime = 400 * time.Millisecond

func (j *joinPage) onRoom(ctx app.Context, _ app.Event) {
	j.typed++
	typed := j.typed
	ctx.After(peekTime, func(app.Context) {
		if typed == j.typed {
			j.peek()
		}
	})
}

// roomHint says what goes on in a room that was typed, if that is known.
func (s *state) roomHint(l text.Lang, typed string, g chat.Glance) string {
	if room, refusal := event.CleanRoom(typed); !g.Known || refusal != nil || room != g.Room {
		return l.T(text.JoinRoomHint)
	}
	if g.Count == 0 && g.LastAt.IsZero() {
		return l.T(text.JoinRoomNew)
	}
	said := l.T(text.JoinRoomNobody)
	if g.Count > 0 {
		said = l.N(text.JoinRoomPeople, g.Count)
	}
	if !g.LastAt.IsZero() {
		said += " · " + l.T(text.JoinRoomLast, l.Ago(s.local(g.LastAt), s.local(s.now())))
	}
	return said
}

// OnUpdate moves the focus to the field that was refused, once: the person may be
// putting it right already when something else changes.
func (j *joinPage) OnUpdate(ctx app.Context) {
	if j.Refusal != "" && j.Refusal != j.was {
		ctx.Defer(func(app.Context) { j.focus() })
	}
	j.was = j.Refusal
}

// OnDismount ends the asking for what goes on in the room.
func (j *joinPage) OnDismount() { j.State.chat.Peek("") }

func (j *joinPage) focus() {
	id := j.refused()
	if id == "" && j.Refusal == "" {
		switch {
		case valueOf("name") == "":
			id = "name"
		case valueOf("room") == "":
			id = "room"
		}
	}
	if id == "" {
		id = "enter"
	}
	focus(byID(id))
}

// refused returns the field that the refusal is about, "" if it is none.
func (j *joinPage) refused() string {
	code := event.Code(j.Refusal)
	if slices.Contains([]event.Code{event.NameEmpty, event.NameTooLong, event.NameInvalid, event.NameReserved, event.NameTaken}, code) {
		return "name"
	}
	if slices.Contains([]event.Code{event.RoomEmpty, event.RoomTooLong, event.RoomInvalid}, code) {
		return "room"
	}
	return ""
}

func (j *joinPage) Render() app.UI {
	l := j.Lang
	return app.Elem("main").Class("join").Body(app.Elem("div").Class("card").Body(
		app.Elem("div").Class("logo").Body(logo(j.State, 44), app.Elem("h1").Text(l.T(text.AppName))),
		app.Elem("p").Class("sub").Body(app.Text(l.T(text.JoinIntro)), app.ElemSelfClosing("br"), app.Text(l.T(text.JoinNoSignUp))),
		j.shared(),
		app.Elem("form").Class("form").ID("join").OnSubmit(j.onSubmit).Body(
			j.field("name", l.T(text.JoinName), "", "nickname"),
			j.field("room", l.T(text.JoinRoom), j.State.roomHint(l, valueOf("room"), j.Glance), "off"),
			j.general(),
			j.button(),
		),
		j.recent(),
		app.Elem("div").Class("tiny").Body(languages(j.State, l),
			app.Elem("span").Body(connectionLink(j.State).Class("link").Text(l.T(text.Connection)),
				app.Elem("button").Attr("type", "button").Class("link").ID("to-settings").Attr("aria-haspopup", "dialog").
					Text(l.T(text.Settings)).OnClick(j.State.onSettings))),
	))
}

// shared shows what is to be said in the room that is chosen. It may come while
// the card is there: its element always is, or the fields would be others, without
// what was typed.
func (j *joinPage) shared() app.UI {
	if j.Shared == "" {
		return app.Elem("div").Hidden(true)
	}
	return app.Elem("div").Class("shared").ID("shared").Body(
		app.Elem("b").Text(j.Lang.T(text.JoinShared)), app.Elem("p").Attr("dir", "auto").Text(j.Shared))
}

func logo(s *state, size int) app.UI {
	return app.ElemSelfClosing("img").Attr("src", s.icon).Attr("role", "presentation").Attr("width", size).Attr("height", size)
}

// field draws a label, its input, and what is to be said of it.
func (j *joinPage) field(id, label, hint, complete string) app.UI {
	input := app.ElemSelfClosing("input").ID(id).Attr("name", id).Attr("autocomplete", complete).Attr("autocapitalize", "off").
		Attr("spellcheck", "false").Attr("enterkeyhint", "go")
	if id == "room" {
		input = input.OnInput(j.onRoom)
	}
	body := []app.UI{app.Elem("label").Attr("for", id).Text(label)}
	described := ""
	var notes []app.UI
	if hint != "" {
		described = id + "-hint"
		notes = append(notes, app.Elem("small").ID(described).Attr("aria-live", "polite").Text(hint))
	}
	if j.refused() == id {
		described = id + "-error"
		input = input.Attr("aria-invalid", "true")
		notes = append(notes, problem(described, text.Refusal(j.Lang, event.Code(j.Refusal))))
	}
	if described != "" {
		input = input.Attr("aria-describedby", described)
	}
	body = append(body, input)
	return app.Elem("div").Class("field").Body(append(body, notes...)...)
}

// problem says what is wrong; a screen reader says it at once.
func problem(id, what string) app.UI {
	return app.Elem("p").Class("error").ID(id).Attr("role", "alert").Text(what)
}

// general says what is wrong with the whole, and that one has to wait.
func (j *joinPage) general() app.UI {
	if j.Refusal != "" && j.refused() == "" {
		return problem("join-error", text.Refusal(j.Lang, event.Code(j.Refusal)))
	}
	if j.Refusal == "" && j.Lost {
		return problem("join-error", j.Lang.T(text.JoinLost))
	}
	if j.Asked != "" && j.Trouble {
		return app.Elem("p").Class("sub").Attr("role", "status").Text(j.Lang.T(text.JoinWaiting))
	}
	return nil
}

func (j *joinPage) button() app.UI {
	b := app.Elem("button").Class("primary").ID("enter").Attr("type", "submit")
	if j.Asked != "" {
		return b.Attr("aria-busy", "true").Text(j.Lang.T(text.JoinEntering))
	}
	return b.Text(j.Lang.T(text.JoinEnter))
}

func (j *joinPage) recent() app.UI {
	rooms := j.State.keep.recent()
	if len(rooms) == 0 {
		return nil
	}
	chips := make([]app.UI, len(rooms))
	for i, room := range rooms {
		chips[i] = app.Elem("button").Attr("type", "button").Class("chip").DataSet("room", room).OnClick(j.onRecent).
			Body(app.Elem("span").Attr("aria-hidden", "true").Text("# "), app.Text(room))
	}
	return app.Elem("div").Class("recent").Attr("role", "group").Attr("aria-label", j.Lang.T(text.JoinRecent)).Body(chips...)
}

// onRecent takes a room, with the name that one had there unless another one was
// typed, and goes in if there is a name.
func (j *joinPage) onRecent(ctx app.Context, _ app.Event) {
	room := ctx.JSSrc().Get("dataset").Get("room").String()
	setValue("room", room)
	if was := j.State.keep.recentName(room); was != "" && valueOf("name") == j.State.name {
		setValue("name", was)
	}
	if valueOf("name") == "" {
		j.peek()
		focus(byID("name"))
		return
	}
	j.submit()
}

func (j *joinPage) onSubmit(_ app.Context, e app.Event) {
	e.PreventDefault()
	j.submit()
}

func (j *joinPage) submit() {
	j.State.ask(valueOf("name"), valueOf("room"))
	if j.State.refusal != nil && string(j.State.refusal.Code) == j.Refusal {
		j.focus()
	}
}

// languages switches between the languages, each by its own name.
func languages(s *state, now text.Lang) app.UI {
	ko := app.Elem("button").Attr("type", "button").Attr("lang", "ko").Attr("aria-pressed", pressed(now == text.Ko)).Text("한국어").OnClick(s.onKorean)
	en := app.Elem("button").Attr("type", "button").Attr("lang", "en").Attr("aria-pressed", pressed(now == text.En)).Text("English").OnClick(s.onEnglish)
	return app.Elem("div").Class("langs").Attr("role", "group").Attr("aria-label", now.T(text.LangSwitch)).
		Body(ko, app.Elem("span").Attr("aria-hidden", "true").Text("·"), en)
}

func (s *state) onKorean(app.Context, app.Event)  { s.setLang(text.Ko) }
func (s *state) onEnglish(app.Context, app.Event) { s.setLang(text.En) }

func pressed(on bool) string {
	if on {
		return "true"
	}
	return "false"
}
