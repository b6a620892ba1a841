package app

import (
	"slices"
	"strconv"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/find"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// switcher is the dialog that leads to another room by its name. The field is the
// browser's: the app reads it at every change, also within a composition, and puts
// nothing into it.
type switcher struct {
	app.Compo

	State *state
	Lang  text.Lang
	Rev   int // of the list of rooms

	typed string
	at    int // the choice that Enter goes to
}

// way is one choice: a room that one is in or was in lately, or one to be opened.
type way struct {
	room string
	in   bool // one is in it
	new  bool
}

func (w *switcher) OnMount(app.Context) {
	raise("switcher")
	focus(byID("switch"))
	w.at = w.start()
}

// ways returns the choices for what was typed: the rooms one is in, then the
// recent ones; and unless it is one of them, the room of that name.
func (w *switcher) ways() []way {
	in := w.State.chat.Rooms()
	rooms := slices.Clone(in)
	for _, room := range w.State.keep.recent() {
		if !slices.Contains(in, room) {
			rooms = append(rooms, room)
		}
	}
	var ways []way
	for _, i := range w.matching(rooms) {
		ways = append(ways, way{room: rooms[i], in: i < len(in)})
	}
	if name, refusal := event.CleanRoom(w.typed); refusal == nil && !slices.Contains(rooms, name) {
		ways = append(ways, way{room: name, new: true})
	}
	return ways
}

// matching returns which of the rooms are looked for, also by who did not switch
// the keyboard.
func (w *switcher) matching(rooms []string) []int {
	name := func(i int) string { return rooms[i] }
	typed := strings.TrimSpace(w.typed)
	found := ranked(find.Phrase(typed), len(rooms), name)
	if hangul := find.Hangul(typed); len(found) == 0 && hangul != "" {
		found = ranked(find.Phrase(hangul), len(rooms), name)
	}
	return found
}

// start is the choice to begin with: not the room that is in view.
func (w *switcher) start() int {
	if ways := w.ways(); len(ways) > 1 && ways[0].room == w.State.room {
		return 1
	}
	return 0
}

func wayID(i int) string { return "way-" + strconv.Itoa(i) }

func (w *switcher) Render() app.UI {
	l, ways := w.Lang, w.ways()
	active := ""
	if w.at < len(ways) {
		active = wayID(w.at)
	}
	options, b := make([]app.UI, len(ways)), w.State.badge()
	for i, way := range ways {
		options[i] = w.option(i, way, b)
	}
	field := el("input#switch type=text role=combobox aria-autocomplete=list aria-controls=ways autocomplete=off autocapitalize=off spellcheck=false enterkeyhint=go").
		Attr("aria-expanded", pressed(len(ways) > 0)).Attr("aria-activedescendant", active).Attr("aria-label", l.T(text.RoomSwitch)).
		Attr("placeholder", l.T(text.RoomFind)).OnInput(w.onInput).OnKeyDown(w.onKeyDown)
	return w.State.sheet("switcher").Attr("aria-label", l.T(text.RoomSwitch)).OnClick(w.onClick).Body(
		el("div.bar").Body(icon("search"), field, iconButton("close", l.T(text.Close), "", w.State.onSheetClose).ID("switch-close")),
		w.problem(len(ways)),
		el("ul#ways role=listbox").Attr("aria-label", l.T(text.Rooms)).Hidden(len(ways) == 0).Body(options...))
}

// problem says why what was typed can be no room.
func (w *switcher) problem(ways int) app.UI {
	if _, refusal := event.CleanRoom(w.typed); ways == 0 && refusal != nil {
		return problem("switch-error", text.Refusal(w.Lang, refusal.Code))
	}
	return nil
}

func (w *switcher) option(i int, to way, b badge) app.UI {
	l := w.Lang
	li := el("li.room role=option").ID(wayID(i)).Attr("aria-selected", pressed(i == w.at)).DataSet("way", strconv.Itoa(i))
	if to.new {
		return li.Body(icon("plus"), app.Elem("span").Class("t").Attr("dir", "auto").Text(l.T(text.RoomOpen, to.room)))
	}
	body := []app.UI{app.Elem("span").Class("hash").Attr("aria-hidden", "true").Text("#"), app.Elem("span").Class("t").Attr("dir", "auto").Text(to.room)}
	switch c := b.rooms[to.room]; {
	case !to.in:
		body = append(body, app.Elem("span").Class("was").Text(l.T(text.RoomRecent)))
	case c.n > 0 && to.room != w.State.room:
		body = append(body, unread(l, c))
	}
	return li.Body(body...)
}

func (w *switcher) onInput(app.Context, app.Event) {
	w.typed, w.at = valueOf("switch"), 0
	if w.typed == "" {
		w.at = w.start()
	}
}

// onKeyDown leads through the choices.
func (w *switcher) onKeyDown(ctx app.Context, e app.Event) {
	n, key := len(w.ways()), e.Get("key").String()
	if !listKey(e.Value, n) {
		ctx.PreventUpdate()
		return
	}
	e.PreventDefault()
	switch key {
	case "Escape":
		w.State.closeDrawer()
	case "Enter":
		w.choose(w.at)
	default:
		w.at = turned(key, w.at, n)
	}
	ctx.Defer(func(app.Context) { bring(wayID(w.at)) })
}

func (w *switcher) choose(i int) {
	ways := w.ways()
	if i < 0 || i >= len(ways) {
		return
	}
	byID("switcher").Call("close") // while it is open, all else is inert
	toComposer()
	w.State.show(ways[i].room)
	w.State.refresh()
}

// onClick goes to a room, or closes the dialog from beside it.
func (w *switcher) onClick(ctx app.Context, e app.Event) {
	option := e.Get("target").Call("closest", "[data-way]")
	switch {
	case option.Truthy():
		i, _ := strconv.Atoi(option.Get("dataset").Get("way").String())
		w.choose(i)
	case besideSheet(e):
		w.State.closeDrawer()
	default:
		ctx.PreventUpdate()
	}
}

// switchKey tells whether a key is Ctrl+K or ⌘K, which opens the switcher in a
// room. With a Korean keyboard the key has another name.
func switchKey(e app.Value) bool {
	return (e.Get("ctrlKey").Truthy() || e.Get("metaKey").Truthy()) && !e.Get("shiftKey").Truthy() && !e.Get("altKey").Truthy() &&
		(e.Get("key").String() == "k" || e.Get("code").String() == "KeyK") && !composing(e) && byID("composer").Truthy()
}

func (s *state) onSwitch(ctx app.Context, _ app.Event) { s.openDrawer(switchDrawer, ctx.JSSrc()) }

// toggleSwitcher opens the switcher from wherever the focus is, or closes it.
func (s *state) toggleSwitcher() {
	if s.drawer == switchDrawer {
		s.closeDrawer()
		return
	}
	s.openDrawer(switchDrawer, document().Get("activeElement"))
}
