package app

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/text"
)

// people lists who is in the room.
type people struct {
	app.Compo

	State *state
	Lang  text.Lang
	Room  string
	Rev   int64
	Count int
	Open  bool // as a drawer
	Kept  bool // they were there when the room was kept
}

// OnUpdate puts the focus into a drawer that has slid in.
func (p *people) OnUpdate(ctx app.Context) {
	if p.Open && !p.JSValue().Call("contains", document().Get("activeElement")).Truthy() {
		ctx.Defer(func(app.Context) { focus(p.JSValue().Call("querySelector", ".top button")) })
	}
}

func (p *people) Render() app.UI {
	l := p.Lang
	info, _ := p.State.chat.Room(p.Room)
	lines := make([]app.UI, len(info.Users))
	for i, u := range info.Users {
		lines[i] = p.member(u.ID, u.Username, u.ID == info.Me)
	}
	pane := []app.UI{app.Elem("ul").Body(lines...)}
	if rest := info.Count - len(info.Users); rest > 0 {
		pane = append(pane, app.Elem("p").Class("rest").Text(l.N(text.PeopleMore, rest)))
	}
	heading := l.N(text.PeopleOnline, info.Count)
	class := "members"
	if p.Kept || info.Count == 0 { // it is not known who is there: one is oneself
		heading = l.T(text.People)
	}
	if p.Kept {
		class = "members kept"
	}
	return app.Elem("aside").Class(class).Attr("aria-label", l.T(text.People)).Body(
		app.Elem("div").Class("top").Body(app.Elem("h2").Text(heading),
			iconButton("close", l.T(text.Close), "only-m", p.onClose)),
		app.Elem("div").Class("pane").Body(pane...),
	)
}

func (p *people) member(id, name string, me bool) app.UI {
	body := []app.UI{app.Elem("span").Class("st").Body(avatar(id, name, true)), app.Elem("span").Class("nm").Attr("dir", "auto").Text(name)}
	if me {
		body = append(body, app.Elem("em").Text(p.Lang.T(text.You)))
	}
	return app.Elem("li").Class("member").Body(body...)
}

func (p *people) onClose(app.Context, app.Event) { p.State.closeDrawer() }
