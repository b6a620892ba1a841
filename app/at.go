package app

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/find"
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
	for _, i := range ranked(find.Phrase(query), len(users), func(i int) string { return users[i].Username }) {
		if u := users[i]; len(c.people) < maxOffered && u.ID != me {
			c.people = append(c.people, u)
		}
	}
	return c
}

// ranked returns which of n names are looked for: those that begin with it, then
// those that have it. If nothing is looked for it is all.
func ranked(query find.Query, n int, name func(int) string) []int {
	for range 2 {
		var first, rest []int
		for i := range n {
			switch spans, ok := query.Match(name(i)); {
			case ok && spans[0].From == 0 || query.Empty():
				first = append(first, i)
			case ok:
				rest = append(rest, i)
			}
		}
		if all := append(first, rest...); len(all) > 0 {
			return all
		}
		query = query.Wider()
	}
	return nil
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
	case "ArrowDown", "ArrowUp":
		c.calling.at = turned(key, c.calling.at, n)
	case "Enter", "Tab":
		c.take(c.calling.at)
	case "Escape":
		c.calling = calling{query: c.calling.query}
	default:
		return false
	}
	return true
}

// onCaret closes the list when the caret goes away from what was begun, or the field
// is left.
func (c *composer) onCaret(ctx app.Context, e app.Event) {
	if len(c.calling.people) == 0 {
		ctx.PreventUpdate()
		return
	}
	field := byID("composer")
	before := beforeCaret(field.Get("value").String(), field.Get("selectionStart").Int())
	if e.Get("type").String() != "blur" && strings.HasSuffix(before, "@"+c.calling.query) {
		ctx.PreventUpdate()
		return
	}
	c.calling = calling{}
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
