package app

import (
	"strconv"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/text"
)

// toast says that the server has another version of the app.
func (r *root) toast(l chat.Link) app.UI {
	if !r.State.outdated(l) || r.State.later {
		return nil
	}
	lang := r.State.lang
	return app.Elem("div").ID("toast").Attr("role", "status").Body(
		app.Elem("span").Text(lang.T(text.UpdateReady)),
		app.Elem("span").Attr("aria-hidden", "true").Text("·"),
		app.Elem("button").Attr("type", "button").Class("link").Text(lang.T(text.UpdateReload)).OnClick(r.onReload),
		app.Elem("button").Attr("type", "button").Class("link", "quietly").ID("update-later").Text(lang.T(text.UpdateLater)).OnClick(r.onLater),
	)
}

func (r *root) onReload(ctx app.Context, _ app.Event) { r.reload() }

// onLater puts the news away: the next start has the new version, and so has a page that
// is out of sight for a while.
func (r *root) onLater(app.Context, app.Event) {
	r.State.later = true
	toComposer()
}

// reload comes back to where the reader is.
func (r *root) reload() {
	r.State.saveDraft()
	if seq := r.State.standing(); seq > 0 {
		app.Window().Get("history").Call("replaceState", nil, "", path()+"#"+strconv.FormatInt(seq, 10))
	}
	if app.Window().Get("maruUpdate").Truthy() {
		app.Window().Call("maruUpdate")
		return
	}
	r.ctx.Reload()
}

// OnAppUpdate is told that the browser has another version of the app.
func (r *root) OnAppUpdate(ctx app.Context) {
	r.State.updatable, r.State.later = true, false
	r.renew(ctx)
}

// outdated tells that there is another version of the app.
func (s *state) outdated(l chat.Link) bool { return l.Update || s.updatable }

// hiddenFor is how long a page must be out of sight to be replaced unasked.
const hiddenFor = time.Minute

// renew takes another version of the app over where nobody would notice. Each is taken
// once, so that a page that stays the old one does not load for ever.
func (r *root) renew(app.Context) {
	s, l := r.State, r.State.chat.Link()
	if !s.outdated(l) || !s.unnoticed() || s.keep.tab.Get(keepRenewed) == l.Server {
		return
	}
	s.keep.tab.Set(keepRenewed, l.Server)
	r.reload()
}

// unnoticed tells that nobody has looked at the page for a while, and that nothing is
// under way in it: the card may have something typed into it.
func (s *state) unnoticed() bool {
	if s.hiddenAt.IsZero() || s.now().Sub(s.hiddenAt) < hiddenFor || s.editing.Key != "" || !s.inRoom() {
		return false
	}
	for _, room := range s.chat.Rooms() {
		if r, _ := s.chat.Room(room); r.Unsent > 0 || s.keep.draft(room) != "" {
			return false
		}
	}
	return true
}
