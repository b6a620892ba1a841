package app

import (
	"slices"
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

// settings is the dialog of what a person can choose. The browser keeps the focus
// in it. What is chosen holds at once, so there is nothing to save.
type settings struct {
	app.Compo

	State       *state
	Lang        text.Lang
	Rev         int  // of what was chosen
	Installable bool // as an app
	Permission  string
	Inside      bool // the room in view, under the name that one has there

	ctx        app.Context // of the dialog: that of a button ends with it
	refusal    event.Code  // of the name
	renamed    bool
	forgetting bool // the person is asked whether to forget all
}

func (d *settings) OnMount(ctx app.Context) {
	d.ctx = ctx
	raise("settings")
	setValue("my-name", d.State.nameIn(d.State.room))
}

// OnUpdate shows what was chosen elsewhere.
func (d *settings) OnUpdate(app.Context) {
	for i, room := range d.State.chat.Rooms() {
		setValue("level-"+strconv.Itoa(i), d.State.keep.level(room).value())
	}
}

func (d *settings) Render() app.UI {
	l := d.Lang
	return d.State.sheet("settings").Attr("aria-labelledby", "settings-title").OnClick(d.State.onBesideSheet).OnChange(d.onChange).Body(
		d.State.sheetHead("settings", l.T(text.Settings), l.T(text.Close)),
		el("div.sheet-body tabindex=-1").Body(
			d.name(),
			choice(keepLang, l.T(text.LangSwitch), l.String(), option{"ko", "한국어", text.Ko}, option{"en", "English", text.En}),
			d.choice(keepTheme, text.Theme, text.ThemeAuto, "light", text.ThemeLight, "dark", text.ThemeDark),
			d.choice(keepSize, text.TextSize, text.TextNormal, "s", text.TextSmall, "l", text.TextLarge, "xl", text.TextHuge),
			d.choice(keepMotion, text.Motion, text.MotionAuto, "less", text.MotionLess),
			d.choice(keepEnter, text.EnterKey, text.EnterSends, "line", text.EnterBreaks),
			d.notifications(),
			d.choice(keepSpeak, text.Speak, text.LevelAll, "mentions", text.LevelMentions, "none", text.LevelNone),
			d.devices(),
			d.app(),
			d.forget(),
		))
}

// option is one of a choice: its value, and what it is called. One in a language
// of its own says which.
type option struct {
	value, name string
	lang        text.Lang
}

// choice is a question with one answer of a few.
func choice(key, legend, chosen string, options ...option) app.UI {
	body := make([]app.UI, 0, len(options))
	for _, o := range options {
		input := app.ElemSelfClosing("input").Attr("type", "radio").Attr("name", key).Attr("value", o.value).ID(key + "-" + o.value)
		if o.value == chosen {
			input = input.Attr("checked", true)
		}
		label := app.Elem("label").Body(input, app.Elem("span").Text(o.name))
		if key == keepLang {
			label = label.Attr("lang", o.lang.String())
		}
		body = append(body, label)
	}
	return el("fieldset.choice").Body(app.Elem("legend").Text(legend), el("div.segments").Body(body...))
}

// choice asks for one of the preferences: the default's name, then values and
// names of the others.
func (d *settings) choice(key string, legend, standard text.Key, others ...any) app.UI {
	var options []option
	for i := 0; i+1 < len(others); i += 2 {
		options = append(options, option{value: others[i].(string), name: d.Lang.T(others[i+1].(text.Key))})
	}
	at := 0
	if key == keepSize {
		at = 1 // between smaller and larger
	}
	options = slices.Insert(options, at, option{name: d.Lang.T(standard)})
	chosen := ""
	for _, o := range options {
		if o.value == d.State.keep.pref(key) {
			chosen = o.value
		}
	}
	return choice(key, d.Lang.T(legend), chosen, options...)
}

func (d *settings) name() app.UI {
	if !d.State.inRoom() {
		return nil // the card asks for it
	}
	l := d.Lang
	input := app.ElemSelfClosing("input").ID("my-name").Attr("autocomplete", "nickname").Attr("spellcheck", "false").Attr("enterkeyhint", "done")
	notes := app.UI(el("small#my-name-hint").Text(l.T(text.NameHint)))
	switch {
	case d.refusal != "":
		input = input.Attr("aria-invalid", "true").Attr("aria-describedby", "my-name-error")
		notes = problem("my-name-error", text.Refusal(l, d.refusal))
	case d.renamed && d.Inside:
		notes = el("p.done role=status").Text(l.T(text.NameChanged))
	default:
		input = input.Attr("aria-describedby", "my-name-hint")
	}
	return el("form.field").OnSubmit(d.onName).Body(
		el("label for=my-name").Text(l.T(text.JoinName)),
		el("div.row").Body(input, el("button#my-name-set.plain").Text(l.T(text.NameSet))),
		notes)
}

func (d *settings) onName(ctx app.Context, e app.Event) {
	e.PreventDefault()
	refusal := d.State.setName(valueOf("my-name"))
	d.refusal, d.renamed = "", refusal == nil
	if refusal != nil {
		d.refusal = refusal.Code
		focus(byID("my-name"))
	}
}

// onChange serves all fields: what they choose stands at them.
func (d *settings) onChange(ctx app.Context, e app.Event) {
	field := e.Get("target")
	switch room := field.Get("dataset").Get("room"); {
	case room.Truthy():
		d.State.setLevel(room.String(), levelOf(field.Get("value").String()))
	case field.Get("type").String() == "radio":
		d.State.choose(field.Get("name").String(), field.Get("value").String())
	}
	d.State.chosenRev++
}

// notifications asks which rooms tell of what, and whether the system may.
func (d *settings) notifications() app.UI {
	l := d.Lang
	body := []app.UI{app.Elem("legend").Text(l.T(text.Notify)), d.permission()}
	for i, room := range d.State.chat.Rooms() {
		id := "level-" + strconv.Itoa(i)
		body = append(body, el("div.row").Body(
			app.Elem("label").Attr("for", id).Attr("dir", "auto").Text(room),
			d.State.levelSelect(id, room)))
	}
	return el("fieldset.choice.rooms-levels").Body(body...)
}

func (d *settings) permission() app.UI {
	l := d.Lang
	switch d.Permission {
	case "granted":
		return el("p.note").Text(l.T(text.NotifyOn))
	case "denied":
		return el("p.note").Text(l.T(text.NotifyDenied))
	case "default":
		return el("p.note").Body(app.Text(l.T(text.NotifyOff)+" "),
			el("button#notify.link type=button").Text(l.T(text.NotifyAllow)).OnClick(d.State.onAllow))
	}
	return el("p.note").Text(l.T(text.NotifyNever))
}

func (d *settings) devices() app.UI {
	if !d.State.inRoom() {
		return nil // there is nobody yet to go on as
	}
	return el("div.choice").Body(
		el("button#to-devices.plain type=button aria-haspopup=dialog").Text(d.Lang.T(text.Devices)).OnClick(d.State.onDevices))
}

func (d *settings) app() app.UI {
	l := d.Lang
	switch {
	case d.Installable:
		return el("div.choice").Body(
			el("button#settings-install.plain type=button").Text(l.T(text.Install)).OnClick(d.State.onInstall),
			el("p.note").Text(l.T(text.InstallHint)))
	case d.State.appleTab:
		return appleCard(l)
	}
	return nil
}

func (d *settings) forget() app.UI {
	l := d.Lang
	if !d.forgetting {
		return el("div.choice").Body(
			el("button#forget.plain.danger type=button").Text(l.T(text.Forget)).OnClick(d.onForget))
	}
	return el("div.choice.confirm role=group aria-labelledby=forget-why").Body(
		el("p#forget-why role=alert").Text(l.T(text.ForgetWhy)),
		app.Elem("div").Body(
			el("button#forget-anyway.link.danger type=button").Text(l.T(text.ForgetAnyway)).OnClick(d.onForgetAnyway),
			el("button#forget-not.link type=button").Text(l.T(text.Cancel)).OnClick(d.onKeep)))
}

func (d *settings) onForget(app.Context, app.Event) {
	d.forgetting = true
	d.ctx.Defer(func(app.Context) { focus(byID("forget-not")) })
}

func (d *settings) onKeep(app.Context, app.Event) {
	d.forgetting = false
	d.ctx.Defer(func(app.Context) { focus(byID("forget")) })
}

func (d *settings) onForgetAnyway(app.Context, app.Event) { d.State.forget() }

// settingsButton opens the dialog.
func settingsButton(s *state, l text.Lang) app.UI {
	return iconButton("gear", l.T(text.Settings), "", s.onSettings).ID("to-settings").Attr("aria-haspopup", "dialog")
}

func (s *state) onSettings(ctx app.Context, _ app.Event) {
	s.openDrawer(settingsDrawer, ctx.JSSrc())
}
