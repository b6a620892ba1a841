package app

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

const svg = "http://www.w3.org/2000/svg"

// icon draws one of the symbols that stand in the page. Who uses it names it.
func icon(name string) app.UI {
	return app.Elem("svg").XMLNS(svg).Attr("class", "icon").Attr("aria-hidden", "true").
		Body(app.Elem("use").XMLNS(svg).Attr("href", "#i-"+name))
}

// iconButton is a button that shows only an icon; label is its name.
func iconButton(name, label, class string, h app.EventHandler) app.HTMLElem {
	return app.Elem("button").Attr("type", "button").Class("icon-btn", class).Attr("aria-label", label).Attr("title", label).
		Body(icon(name)).OnClick(h)
}

// el makes an element from what it is: its tag, #id, .class and constant
// attributes, as in "button#allow.link type=button". One text makes a smaller
// program than a call for each.
func el(spec string) app.HTMLElem {
	spec, attributes, _ := strings.Cut(spec, " ")
	spec, classes, _ := strings.Cut(spec, ".")
	tag, id, _ := strings.Cut(spec, "#")
	e := app.Elem(tag)
	if id != "" {
		e = e.ID(id)
	}
	if classes != "" {
		e = e.Class(strings.ReplaceAll(classes, ".", " "))
	}
	for attribute := range strings.FieldsSeq(attributes) {
		name, value, _ := strings.Cut(attribute, "=")
		e = e.Attr(name, value)
	}
	return e
}

// byID finds an element; it is not truthy if there is none.
func byID(id string) app.Value { return app.Window().GetElementByID(id) }

func document() app.Value { return app.Window().Get("document") }

// focus puts the focus on an element without scrolling.
func focus(el app.Value) {
	if el.Truthy() {
		el.Call("focus", map[string]any{"preventScroll": true})
	}
}

// valueOf returns what stands in a field of the page, read from the element
// itself: there is no copy of it that could be older.
func valueOf(id string) string {
	if el := byID(id); el.Truthy() {
		return el.Get("value").String()
	}
	return ""
}

func setValue(id, value string) {
	if el := byID(id); el.Truthy() && el.Get("value").String() != value {
		el.Set("value", value)
	}
}

// media asks the browser about its screen and its pointer.
func media(query string) bool {
	answer := app.Window().Call("matchMedia", query)
	return answer.Truthy() && answer.Get("matches").Bool()
}

// touch tells that there is a touch keyboard, on which Enter breaks the line
// and which should not be opened unasked.
func touch() bool { return media("(hover: none) and (pointer: coarse)") }

// toComposer puts the focus into the composer after something that had another
// purpose; where that would open a keyboard over what one looks at, on the log.
func toComposer() {
	if touch() {
		focus(document().Call("querySelector", ".log"))
		return
	}
	focus(byID("composer"))
}

// listen calls f at each event of a target, for as long as the page is there.
func listen(target app.Value, name string, f func(app.Value)) {
	target.Call("addEventListener", name, app.FuncOf(func(_ app.Value, args []app.Value) any {
		if len(args) > 0 {
			f(args[0])
		}
		return nil
	}))
}

// composing tells that a key belongs to the composition of a character. Safari
// before 27 ends the composition first, and marks the key by its code alone.
func composing(e app.Value) bool {
	return e.Get("isComposing").Truthy() || e.Get("keyCode").Truthy() && e.Get("keyCode").Int() == 229
}

// settle calls done with what became of a promise.
func settle(promise app.Value, done func(ok bool)) {
	var yes, no app.Func
	finish := func(ok bool) any {
		yes.Release()
		no.Release()
		done(ok)
		return nil
	}
	yes = app.FuncOf(func(app.Value, []app.Value) any { return finish(true) })
	no = app.FuncOf(func(app.Value, []app.Value) any { return finish(false) })
	promise.Call("then", yes, no)
}

// copyText puts text on the clipboard. Where the page is not served over HTTPS
// browsers hide the clipboard, so it is copied from a field instead.
func copyText(text string, done func(ok bool)) {
	clipboard := app.Window().Get("navigator").Get("clipboard")
	if clipboard.Truthy() {
		settle(clipboard.Call("writeText", text), done)
		return
	}
	field := document().Call("createElement", "textarea")
	before := document().Get("activeElement")
	field.Set("value", text)
	field.Get("classList").Call("add", "vh")
	at := document().Call("querySelector", "dialog[open]") // all else is inert
	if !at.Truthy() {
		at = document().Get("body")
	}
	at.Call("appendChild", field)
	field.Call("select")
	ok := document().Call("execCommand", "copy").Truthy()
	field.Call("remove")
	focus(before)
	done(ok)
}
