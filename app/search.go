package app

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/find"
	"maru/app/wire/text"
)

// searching is what the person looks for.
type searching struct {
	open   bool
	all    bool  // in all rooms, not just the one in view
	typed  int   // counts the changes of the field
	chosen hitAt // the hit that Enter goes to; one that is not there is the first
}

// hitAt is where a message is that was found.
type hitAt struct {
	room string
	seq  int64
}

// chosenOf is the place of the chosen one among those that were found. More of them may
// come to stand before it.
func (s *searching) chosenOf(hits []chat.Hit) int {
	for i, h := range hits {
		if h.Room == s.chosen.room && h.Seq == s.chosen.seq {
			return i
		}
	}
	return 0
}

// finder is the field for finding messages, and what was found, over the log.
// The field is the browser's: the app reads it, and leaves compositions alone.
type finder struct {
	app.Compo

	State  *state
	Lang   text.Lang
	Room   string
	All    bool
	Chosen int
	Rev    int64 // of what was found

	brought int // the one that was brought into view
}

// searchPause is how long the person does not type before it is looked for.
const searchPause = 150 * time.Millisecond

func (f *finder) OnMount(app.Context) {
	setValue("find", f.State.chat.Findings().Text)
	field := byID("find")
	focus(field)
	field.Call("select")
	f.look()
}

// OnUpdate keeps the chosen one in view, where one looks through them one by one.
func (f *finder) OnUpdate(ctx app.Context) {
	if f.Chosen > 0 && f.Chosen != f.brought {
		ctx.Defer(func(app.Context) { bring(hitID(f.Chosen)) })
	}
	f.brought = f.Chosen
}

func (f *finder) Render() app.UI {
	l, found := f.Lang, f.State.chat.Findings()
	hits := found.Hits
	// Not of the type search: such a field is emptied by Esc, also by one that
	// belongs to a composition.
	field := app.ElemSelfClosing("input").ID("find").Attr("role", "combobox").Attr("aria-autocomplete", "list").
		Attr("aria-controls", "hits").Attr("aria-expanded", pressed(len(hits) > 0)).Attr("aria-label", l.T(text.Search)).
		Attr("placeholder", l.T(text.SearchIn, f.Room)).Attr("autocomplete", "off").Attr("autocapitalize", "off").Attr("spellcheck", "false").
		Attr("enterkeyhint", "search").OnInput(f.onInput).OnKeyDown(f.onKeyDown)
	if f.Chosen < len(hits) {
		field = field.Attr("aria-activedescendant", hitID(f.Chosen))
	} else {
		field = field.Attr("aria-activedescendant", "")
	}
	if f.All {
		field = field.Attr("placeholder", l.T(text.SearchEverywhere))
	}
	return app.Elem("section").Class("finder").Attr("role", "search").Attr("aria-label", l.T(text.Search)).Body(
		app.Elem("div").Class("bar").Body(icon("search"), field,
			app.Elem("button").Attr("type", "button").Class("chip").ID("find-all").Attr("aria-pressed", pressed(f.All)).Text(l.T(text.SearchAll)).OnClick(f.onAll),
			iconButton("close", l.T(text.Close), "", f.onClose).ID("find-close")),
		app.Elem("p").Class("sum").Attr("role", "status").Text(f.sum(found)),
		f.meant(found),
		app.Elem("ul").ID("hits").Attr("role", "listbox").Attr("aria-label", l.T(text.SearchHits)).Hidden(len(hits) == 0).OnClick(f.onHit).OnScroll(f.onScroll, app.PassiveEvent()).Body(f.hits(hits)...),
	)
}

// sum says how much was found.
func (f *finder) sum(found chat.Findings) string {
	l := f.Lang
	switch {
	case find.Parse(found.Text, nil).Empty():
		return l.T(text.SearchTips)
	case len(found.Hits) == 0 && found.Busy:
		return l.T(text.SearchBusy)
	}
	said := l.N(text.SearchCount, len(found.Hits))
	if found.More {
		said = l.T(text.SearchOver, text.Number(len(found.Hits)))
	}
	if len(found.Hits) == 0 {
		said = l.T(text.SearchNone) + " " + l.T(text.SearchTips)
	}
	if found.Local {
		said += " " + l.T(text.SearchLocal)
	}
	return said
}

// meant offers what was meant by who did not switch the keyboard, if nothing was
// found.
func (f *finder) meant(found chat.Findings) app.UI {
	meant := find.Hangul(found.Text)
	if len(found.Hits) > 0 || found.Busy || meant == "" {
		return nil
	}
	return el("div.meant").Body(el("button#find-meant.chip type=button").Text(f.Lang.T(text.SearchMeant, meant)).OnClick(f.onMeant))
}

func (f *finder) onMeant(app.Context, app.Event) {
	setValue("find", find.Hangul(f.State.chat.Findings().Text))
	f.look()
	focus(byID("find"))
}

func hitID(i int) string { return "hit-" + strconv.Itoa(i) }

func (f *finder) hits(hits []chat.Hit) []app.UI {
	out := make([]app.UI, len(hits))
	for i, h := range hits {
		at := f.State.local(h.At)
		by := []app.UI{app.Elem("b").Attr("dir", "auto").Text(h.Name), app.Elem("time").Attr("datetime", at.Format(time.RFC3339)).
			Text(f.when(at))}
		if f.All {
			by = append(by, app.Elem("span").Class("in").Attr("dir", "auto").Text("# "+h.Room))
		}
		out[i] = app.Elem("li").ID(hitID(i)).Attr("role", "option").Attr("aria-selected", pressed(i == f.Chosen)).DataSet("hit", strconv.Itoa(i)).Body(
			app.Elem("div").Class("by").Body(by...), app.Elem("div").Class("text").Attr("dir", "auto").Body(markedText(h.Text, h.Marks)...))
	}
	return out
}

// when is the time of a hit: without the day if it is today.
func (f *finder) when(at time.Time) string {
	now := f.State.now()
	if sameDay(at, now, f.State.local) {
		return f.Lang.Clock(at)
	}
	return f.Lang.Stamp(at, f.State.local(now))
}

// How much of a message is shown, in characters before and after the first mark.
const (
	lead  = 30
	trail = 160
)

// markedText shows the part of a message that was found, marked. All of it is
// text: nothing of it is ever read as markup.
func markedText(s string, marks []find.Span) []app.UI {
	first := 0
	if len(marks) > 0 {
		first = marks[0].From
	}
	from, to := back(s, first, lead), forth(s, first, trail)
	var parts []app.UI
	if from > 0 {
		parts = append(parts, app.Text("…"))
	}
	for _, m := range marks {
		if m.From >= to {
			break
		}
		end := min(m.To, to)
		parts = append(parts, app.Text(s[from:m.From]), app.Elem("mark").Body(app.Text(s[m.From:end])))
		from = end
	}
	parts = append(parts, app.Text(s[from:to]))
	if to < len(s) {
		parts = append(parts, app.Text("…"))
	}
	return parts
}

// back returns the place n characters before i, forth that n after it.
func back(s string, i, n int) int {
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(s[:i])
		i -= size
	}
	return i
}

func forth(s string, i, n int) int {
	for ; n > 0 && i < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[i:])
		i += size
	}
	return i
}

// onInput looks for what stands in the field, also within a composition, once
// the person pauses.
func (f *finder) onInput(ctx app.Context, _ app.Event) {
	s := &f.State.search
	s.typed++
	typed := s.typed
	ctx.After(searchPause, func(ctx app.Context) {
		if typed == s.typed && s.open {
			f.look()
		}
	})
	ctx.PreventUpdate()
}

func (f *finder) look() {
	where, words := f.where(), valueOf("find")
	if was := f.State.chat.Findings(); was.Room != where || was.Text != words {
		f.State.search.chosen = hitAt{}
	}
	f.State.chat.Find(where, words)
}

// pick makes one of those that were found the chosen one.
func (f *finder) pick(i int) {
	if hits := f.State.chat.Findings().Hits; i >= 0 && i < len(hits) {
		f.State.search.chosen = hitAt{hits[i].Room, hits[i].Seq}
	}
}

// where is the room to look in, "" for all.
func (f *finder) where() string {
	if f.State.search.all {
		return ""
	}
	return f.Room
}

// onScroll asks for more when the end of what was found comes near.
func (f *finder) onScroll(ctx app.Context, e app.Event) {
	if list := e.Get("target"); below(list) < list.Get("clientHeight").Float() {
		f.State.chat.FindMore()
	}
	ctx.PreventUpdate()
}

// onKeyDown leads through the hits.
func (f *finder) onKeyDown(ctx app.Context, e app.Event) {
	s := &f.State.search
	n := len(f.State.chat.Findings().Hits)
	key := e.Get("key").String()
	if !listKey(e.Value, n) {
		ctx.PreventUpdate()
		return
	}
	e.PreventDefault()
	switch key {
	case "Escape":
		f.onClose(ctx, e)
	case "Enter":
		f.choose(s.chosenOf(f.State.chat.Findings().Hits))
	default:
		f.pick(turned(key, s.chosenOf(f.State.chat.Findings().Hits), n))
	}
	ctx.Defer(func(app.Context) { bring(hitID(s.chosenOf(f.State.chat.Findings().Hits))) })
}

// choose goes to a hit.
func (f *finder) choose(i int) {
	hits := f.State.chat.Findings().Hits
	if i < 0 || i >= len(hits) {
		return
	}
	f.pick(i)
	f.State.search.open = false
	f.State.goTo(hits[i].Room, hits[i].Seq)
}

func (f *finder) onHit(ctx app.Context, e app.Event) {
	hit := e.Get("target").Call("closest", "[data-hit]")
	if !hit.Truthy() {
		ctx.PreventUpdate()
		return
	}
	i, _ := strconv.Atoi(hit.Get("dataset").Get("hit").String())
	f.choose(i)
}

func (f *finder) onAll(app.Context, app.Event) {
	f.State.search.all = !f.State.search.all
	f.look()
	focus(byID("find"))
}

func (f *finder) onClose(ctx app.Context, _ app.Event) {
	f.State.search.open = false
	focus(byID("search"))
}
