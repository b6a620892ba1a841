package app

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// composer is where messages are written. The field is the browser's: the app
// reads it when the message is sent, and never puts anything into it while a
// character is being composed.
type composer struct {
	app.Compo

	State   *state
	Lang    text.Lang
	Room    string
	Asking  bool       // whether to notify
	Rev     int        // of what was chosen
	Editing string     // the key of the message that is edited
	Reply   chat.Quote // the message that is answered; without a seq: none
	Writers string     // the names of those who are writing, one a line
	Denied  string     // the code of why a message could not be changed

	shown   string // the room whose draft is in the field
	mounted bool
	edited  string // the key of the message in the field
	calling calling
	refusal event.Code // of what was to be sent
	over    int        // how many characters too many the field has
}

func (c *composer) OnMount(ctx app.Context) {
	c.mounted = true
	c.State.drafting = false // a timer of the composer before ended with it
	if c.fill(); c.over > 0 {
		ctx.Dispatch(func(app.Context) {})
	}
	hint := "send"
	if touch() {
		hint = "enter"
	}
	byID("composer").Call("setAttribute", "enterkeyhint", hint)
	if !handed.restore("composer") && !touch() {
		focus(byID("composer"))
	}
}

// OnUpdate brings the draft of another room, or a message to edit.
func (c *composer) OnUpdate(ctx app.Context) {
	if c.mounted {
		c.change()
	}
}

func (c *composer) fill() {
	draft := c.State.keep.draft(c.Room)
	c.State.filled = draft
	if c.shown == "" && handed.composer != "" {
		draft = handed.composer
	}
	c.shown, c.edited, c.refusal, c.calling, c.State.drafted = c.Room, "", "", calling{}, c.Room
	c.over = overlong(draft)
	setValue("composer", draft)
	grow()
}

func (c *composer) Render() app.UI {
	l := c.Lang
	// Firefox would fill it with what was there before some reload, sent since.
	field := el("textarea#composer rows=1 autocomplete=off").Attr("placeholder", l.T(text.MessageTo, c.Room)).
		Attr("aria-label", l.T(text.Message)).Attr("dir", "auto").
		OnKeyDown(c.onKeyDown).OnInput(c.onInput).OnKeyUp(c.onCaret).OnClick(c.onCaret).OnBlur(c.onCaret)
	if len(c.calling.people) > 0 {
		field = field.Attr("aria-autocomplete", "list").Attr("aria-controls", "call").Attr("aria-activedescendant", "call-"+strconv.Itoa(c.calling.at))
	}
	if c.refusal != "" || c.over > 0 {
		field = field.Attr("aria-invalid", "true").Attr("aria-describedby", "composer-error")
	}
	return app.Elem("footer").Class("foot").Body(
		// What comes and goes has an element of its own around it: were the field to
		// change its place, it would be another one, without what was typed.
		app.Elem("div").Body(c.State.askNotify(l), c.typing(), c.editBar(), c.replyBar(), c.offered()),
		app.Elem("div").Class("composer").Body(field,
			iconButton("smile", l.T(text.Emoji), "", c.onEmoji).ID("to-emoji").Attr("aria-haspopup", "dialog"),
			app.Elem("button").Attr("type", "button").Class("send").ID("send").Attr("aria-label", l.T(text.Send)).Attr("title", l.T(text.Send)).
				OnClick(c.onSend).OnMouseDown(keepFocus).Body(icon("send"))),
		c.below(),
	)
}

func (c *composer) below() app.UI {
	l := c.Lang
	if c.refusal != "" {
		return problem("composer-error", text.Refusal(l, c.refusal))
	}
	if c.over > 0 {
		return el("p#composer-error.error").Text(l.T(text.TextOver, text.Number(event.MaxText), text.Number(c.over)))
	}
	if c.Denied != "" {
		return problem("denied-error", text.Refusal(l, event.Code(c.Denied)))
	}
	if c.State.keep.pref(keepEnter) != "" {
		return app.Elem("div").Class("hint").Body(
			app.Elem("kbd").Text("Ctrl"), app.Text("+"), app.Elem("kbd").Text(l.T(text.HintEnter)), app.Text(" "+l.T(text.HintSend)+" · "),
			app.Elem("kbd").Text(l.T(text.HintEnter)), app.Text(" "+l.T(text.HintBreak)))
	}
	return app.Elem("div").Class("hint").Body(
		app.Elem("kbd").Text(l.T(text.HintEnter)), app.Text(" "+l.T(text.HintSend)+" · "),
		app.Elem("kbd").Text(l.T(text.HintNewline)), app.Text("+"), app.Elem("kbd").Text(l.T(text.HintEnter)), app.Text(" "+l.T(text.HintBreak)))
}

// keepFocus leaves the focus, and with it the keyboard of a phone, where it is.
func keepFocus(ctx app.Context, e app.Event) {
	e.PreventDefault()
	ctx.PreventUpdate()
}

// onKeyDown sends with Enter, among other things. A key that belongs to a
// composition is left alone: when it ends it, the browser sends Enter again if it
// was meant.
func (c *composer) onKeyDown(ctx app.Context, e app.Event) {
	if composing(e.Value) || !c.key(ctx, e, e.Get("key").String()) {
		ctx.PreventUpdate()
		return
	}
	e.PreventDefault()
}

// key serves a key, and tells whether it is one that means something here.
func (c *composer) key(ctx app.Context, e app.Event, key string) bool {
	if e.Get("shiftKey").Truthy() || e.Get("altKey").Truthy() {
		return false
	}
	if c.onCallKey(key) {
		return true
	}
	empty := valueOf("composer") == ""
	switch {
	case key == "Enter" && c.sends(e):
		c.send(ctx)
		return true
	case key == "Escape" && c.Editing != "":
		c.cancelEdit()
		return true
	case key == "Escape" && c.Reply.Seq > 0:
		c.State.setReply(c.Room, answering{})
		return true
	case key == "Escape":
		c.State.dropLine()
		return true
	case key == "ArrowUp" && empty && c.Editing == "":
		return c.State.editLast()
	case (key == "PageUp" || key == "PageDown") && empty:
		scrollLog(key == "PageUp")
		return true
	}
	return false
}

// sends tells whether Enter sends. With Ctrl or Command it does always.
func (c *composer) sends(e app.Event) bool {
	return e.Get("ctrlKey").Truthy() || e.Get("metaKey").Truthy() || !touch() && c.State.keep.pref(keepEnter) == ""
}

func (c *composer) onSend(ctx app.Context, _ app.Event) {
	c.send(ctx)
	focus(byID("composer"))
}

// send posts what stands in the field, and empties it if it was taken.
func (c *composer) send(ctx app.Context) {
	field := byID("composer")
	message := field.Get("value").String()
	if c.Editing != "" {
		c.finishEdit(message)
		return
	}
	refusal := c.State.chat.Reply(c.Room, c.State.answered().Seq, message)
	switch {
	case refusal == nil:
		field.Set("value", "")
		c.State.keep.setDraft(c.Room, "")
		c.State.filled = ""
		c.State.setReply(c.Room, answering{})
		c.refusal, c.calling, c.over = "", calling{}, 0
		grow()
		c.State.sent()
	case refusal.Code == event.TextEmpty:
		ctx.PreventUpdate()
	default:
		c.refusal = refusal.Code
	}
}

func (c *composer) onInput(ctx app.Context, _ app.Event) {
	grow()
	if c.Editing == "" {
		c.State.chat.Typing(c.Room, valueOf("composer") != "")
		c.State.draftSoon(ctx)
	}
	over := overlong(valueOf("composer"))
	if !c.call() && c.refusal == "" && over == c.over {
		ctx.PreventUpdate()
		return
	}
	c.refusal, c.over = "", over
}

// overlong is by how many characters a text is too long to be sent.
func overlong(message string) int {
	if len(message) <= event.MaxText {
		return 0
	}
	return max(utf8.RuneCountInString(message)-event.MaxText, 0)
}

// typing says who else is writing. It is not read out.
func (c *composer) typing() app.UI {
	if c.Writers == "" {
		return app.Elem("div").Class("typing")
	}
	names := strings.Split(c.Writers, "\n")
	said := c.Lang.T(text.TypingOne, names[0])
	if len(names) > 1 {
		said = c.Lang.N(text.TypingMany, len(names)-1, names[0])
	}
	return app.Elem("div").Class("typing").Body(
		app.Elem("span").Class("dots").Attr("aria-hidden", "true").Body(app.Elem("i"), app.Elem("i"), app.Elem("i")), app.Elem("span").Text(said))
}

func (c *composer) onEmoji(ctx app.Context, _ app.Event) {
	if c.State.picking {
		c.State.closePicker()
		return
	}
	c.State.openPicker("", ctx.JSSrc())
}

// grow fits the composer's height to its lines where the browser does not do so
// by itself.
func grow() {
	css := app.Window().Get("CSS")
	if !css.Truthy() || css.Call("supports", "field-sizing", "content").Truthy() {
		return
	}
	field := byID("composer")
	style := field.Get("style")
	style.Call("setProperty", "height", "auto")
	style.Call("setProperty", "height", strconv.Itoa(field.Get("scrollHeight").Int())+"px")
}
