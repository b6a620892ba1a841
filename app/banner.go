package app

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/text"
)

// banner tells of a connection that is lost for longer, or of a name that was
// taken meanwhile, over the log: nothing moves, and the composer is left alone.
type banner struct {
	app.Compo

	State   *state
	Lang    text.Lang
	Trouble trouble
	Seconds int  // until the next try
	Waiting bool // for the next try
	Taken   bool // somebody else has the name one had in this room
}

func (b *banner) Render() app.UI {
	l := b.Lang
	switch b.Trouble {
	case bannerTrouble:
		next := l.T(text.BannerNow)
		if b.Waiting && b.Seconds > 0 {
			next = l.N(text.BannerIn, b.Seconds)
		}
		// The countdown is not read out each second.
		return app.Elem("div").Class("banner").Body(
			app.Elem("span").Attr("role", "status").Text(l.T(text.BannerLost)),
			app.Elem("span").Text(next),
			app.Elem("button").Attr("type", "button").Text(l.T(text.BannerConnect)).OnClick(b.onConnect),
		)
	case backTrouble:
		if b.Taken {
			break
		}
		return app.Elem("div").Class("banner", "back").Body(app.Elem("span").Attr("role", "status").Text(l.T(text.BannerBack)))
	}
	if b.Taken {
		return app.Elem("div").Class("banner", "taken").Body(
			app.Elem("span").Attr("role", "status").Text(l.T(text.BannerTaken)),
			app.Elem("span").Attr("aria-hidden", "true").Text("·"),
			app.Elem("button").Attr("type", "button").ID("rename").Text(l.T(text.BannerRename)).OnClick(b.onRename),
		)
	}
	return app.Elem("div").Hidden(true)
}

func (b *banner) onConnect(app.Context, app.Event) { b.State.chat.ConnectNow() }

func (b *banner) onRename(app.Context, app.Event) { b.State.rename() }
