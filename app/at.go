package app

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/event"
	"maru/app/wire/text"
)

const maxOffered = 6 // people who are offered at a time

// calling is a name that is being written behind an @, and who it may be.
type calling struct {
	query  string
	people []event.User
	at     int // which of them Enter takes
}

// callingIn reads the name that is being written before the caret.
func callingIn(before string, users []event.User, me string) (c calling) {
	at := strings.LastIndexByte(before, '@')
	if at < 0 {
		return c
	}
	query := before[at+1:]
	previous, _ := utf8.DecodeLastRuneInString(before[:at])
	if asciiWord(previous) || strings.ContainsRune(query, '\n') || utf8.RuneCountInString(query) > event.MaxName {
		return c
	}
	c.query = query
	wanted := strings.ToLower(query)
	for _, u := range users {
		if len(c.people) < maxOffered && u.ID != me && strings.HasPrefix(strings.ToLower(u.Username), wanted) {
			c.people = append(c.people, u)
		}
	}
	return c
}

// beforeCaret cuts a text at a place that the browser counts in UTF-16.
func beforeCaret(value string, caret int) string {
	units := utf16.Encode([]rune(value))
	return string(utf16.Decode(units[:min(max(caret, 0), len(units))]))
}

// call offers people while a name is being written, in a composition as well.
func (c *composer) call() (changed bool) {
	field := byID("composer")
	before := beforeCaret(field.Get("value").String(), field.Get("selectionStart").Int())
	info, _ := c.State.chat.Room(c.Room)
	next := callingIn(before, info.Users, info.Me)
	changed = next.query != c.calling.query || len(next.people) != len(c.calling.people)
	if !changed {
		return false
	}
	c.calling = next
	return true
}

// onCallKey serves the keys of the list, and tells whether it was one.
func (c *composer) onCallKey(key string) bool {
	n := len(c.calling.people)
	if n == 0 {
		return false
	}
	switch key {
	case "ArrowDown":
		c.calling.at = (c.calling.at + 1) % n
	case "ArrowUp":
		c.calling.at = (c.calling.at + n - 1) % n
	case "Enter", "Tab":
		c.take(c.calling.at)
	case "Escape":
		c.calling = calling{query: c.calling.query}
	default:
		return false
	}
	return true
}

// take writes the name of somebody in the place of what was begun.
func (c *composer) take(i int) {
	field := byID("composer")
	caret := field.Get("selectionStart").Int()
	name := c.calling.people[i].Username
	from := caret - len(utf16.Encode([]rune(c.calling.query))) - 1
	c.calling = calling{}
	focus(field)
	field.Call("setSelectionRange", from, caret)
	insert("@" + name + " ")
}

func (c *composer) offered() app.UI {
	if len(c.calling.people) == 0 {
		return nil
	}
	options := make([]app.UI, len(c.calling.people))
	for i, u := range c.calling.people {
		options[i] = app.Elem("li").ID("call-"+strconv.Itoa(i)).Attr("role", "option").Attr("aria-selected", pressed(i == c.calling.at)).
			DataSet("at", strconv.Itoa(i)).Body(avatar(u.ID, u.Username, true), el("span dir=auto").Text(u.Username))
	}
	return el("ul#call.call role=listbox").Attr("aria-label", c.Lang.T(text.CallWhom)).
		OnMouseDown(keepFocus).OnClick(c.onCall).Body(options...)
}

func (c *composer) onCall(ctx app.Context, e app.Event) {
	option := e.Get("target").Call("closest", "li")
	if !option.Truthy() {
		ctx.PreventUpdate()
		return
	}
	if i, err := strconv.Atoi(option.Get("dataset").Get("at").String()); err == nil && i < len(c.calling.people) {
		c.take(i)
	}
}
