package app

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/text"
)

// header names the room in view and has what can be done with it.
type header struct {
	app.Compo

	State   *state
	Lang    text.Lang
	Room    string
	Count   int
	Trouble bool // the connection is lost, for not long yet
	Kept    bool // the room is shown as it was kept
	Tip     tip
	Drawer  drawer
}

func (h *header) Render() app.UI {
	l := h.Lang
	return app.Elem("header").Class("head").Body(
		iconButton("menu", l.T(text.RoomList), "only-s", h.onRooms).Attr("aria-expanded", pressed(h.Drawer == roomsDrawer)),
		app.Elem("div").Class("t").Body(app.Elem("h1").Attr("dir", "auto").Text(h.Room), h.count()),
		app.Elem("div").Attr("role", "status").Body(whether(l, h.Tip, text.CopyFailed)),
		iconButton("search", l.T(text.Search), "", h.onSearch).ID("search"),
		iconButton("share", l.T(text.Invite), "", h.State.onInvite).ID("invite").Attr("aria-haspopup", "dialog"),
		iconButton("people", l.T(text.People), "only-m", h.onPeople).Attr("aria-expanded", pressed(h.Drawer == peopleDrawer)),
	)
}

func (h *header) count() app.UI {
	p := app.Elem("p")
	if h.Kept {
		return p.Body(app.Elem("span").Class("offline").Attr("role", "status").Text(h.Lang.T(text.RoomKept)))
	}
	if h.Count > 0 {
		count := app.Elem("span").Class("people-count").Text(h.Lang.N(text.PeopleCount, h.Count))
		if h.Trouble {
			return p.Body(count, h.dot())
		}
		return p.Body(count)
	}
	if h.Trouble {
		return p.Body(h.dot())
	}
	return p
}

func (h *header) dot() app.UI {
	return app.Elem("i").Class("dot", "away").Attr("role", "img").Attr("aria-label", h.Lang.T(text.LinkWaiting)).
		Attr("title", h.Lang.T(text.LinkWaiting))
}

// whether says what became of copying; failed, if nothing did.
func whether(l text.Lang, t tip, failed text.Key) app.UI {
	switch t {
	case copied:
		return app.Elem("span").Class("tip").Text(l.T(text.RoomInvited))
	case notCopied:
		return app.Elem("span").Class("tip", "fail").Text(l.T(failed))
	}
	return nil
}

// tipTimer takes a tip away that has been there for a while.
type tipTimer struct{ tries int }

// copy puts words on the clipboard, and says in a tip of a dialog what became of it.
func (t *tipTimer) copy(ctx app.Context, words string, said *tip) {
	t.tries++
	try := t.tries
	copyText(words, func(ok bool) {
		ctx.Dispatch(func(ctx app.Context) {
			*said = notCopied
			if !ok {
				return // what to do instead stays to be read
			}
			*said = copied
			ctx.After(tipFor, func(app.Context) {
				if try == t.tries {
					*said = noTip
				}
			})
		})
	})
}

func (s *state) onInvite(ctx app.Context, _ app.Event) { s.openDrawer(inviteDrawer, ctx.JSSrc()) }

func (h *header) onSearch(app.Context, app.Event) { h.State.search.open = !h.State.search.open }

func (h *header) onRooms(ctx app.Context, _ app.Event) {
	h.State.openDrawer(roomsDrawer, ctx.JSSrc())
}

func (h *header) onPeople(ctx app.Context, _ app.Event) {
	h.State.openDrawer(peopleDrawer, ctx.JSSrc())
}
