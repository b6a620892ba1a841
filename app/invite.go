package app

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/text"
)

// invitation is the dialog that brings others into a room: by its link, or by a
// picture of that for those who are in the same place.
type invitation struct {
	app.Compo

	State *state
	Lang  text.Lang
	Room  string

	ctx   app.Context // of the dialog: that of a button ends with it
	done  tip
	until tipTimer
}

func (i *invitation) OnMount(ctx app.Context) {
	i.ctx = ctx
	raise("invitation")
	focus(byID("invite-copy"))
	bring("invite-copy")
}

// inviteLink is the address of a room, for others.
func inviteLink(room string) string {
	return app.Window().Get("location").Get("origin").String() + pathOf(room)
}

// shownLink is a link as address bars show it: letters of all scripts are themselves.
// What has a meaning in an address stays escaped, so that it leads to the same place.
func shownLink(link string) string {
	var b strings.Builder
	for i := 0; i < len(link); {
		end := i
		for end+2 < len(link) && link[end] == '%' && link[end+1] >= '8' { // a byte beyond ASCII
			end += 3
		}
		if shown, err := url.PathUnescape(link[i:end]); end > i && err == nil && utf8.ValidString(shown) {
			b.WriteString(shown)
			i = end
			continue
		}
		b.WriteByte(link[i])
		i++
	}
	return b.String()
}

func (i *invitation) Render() app.UI {
	l, link := i.Lang, inviteLink(i.Room)
	return i.State.sheet("invitation").Attr("aria-labelledby", "invitation-title").OnClick(i.State.onBesideSheet).Body(
		i.State.sheetHead("invitation", l.T(text.Invite), l.T(text.Close)),
		el("div.sheet-body").Body(
			picture(link, l.T(text.InviteCode, i.Room)),
			el("p.link-text dir=ltr").Text(shownLink(link)),
			el("div.row").Body(
				el("button#invite-copy.primary type=button").Text(l.T(text.RoomInvite)).OnClick(i.onCopy),
				i.share()),
			app.Elem("div").Attr("role", "status").Body(whether(l, i.done, text.RoomInviteFailed))))
}

// share is the way to the system's own sharing, where there is one.
func (i *invitation) share() app.UI {
	if !app.Window().Get("navigator").Get("share").Truthy() {
		return nil
	}
	return el("button#invite-share.plain type=button").Text(i.Lang.T(text.InviteShare)).OnClick(i.onShare)
}

func (i *invitation) onCopy(app.Context, app.Event) {
	i.done = noTip // said again, it is another news
	i.until.copy(i.ctx, inviteLink(i.Room), &i.done)
}

// onShare hands the link over. What becomes of it is the system's to say.
func (i *invitation) onShare(app.Context, app.Event) {
	settle(app.Window().Get("navigator").Call("share", map[string]any{
		"title": i.Room, "text": i.Lang.T(text.InviteText, i.Room), "url": inviteLink(i.Room)}), func(bool) {})
}

// picture draws a text as a QR code, dark on light whatever the theme is.
func picture(content, name string) app.UI {
	path, size := qrPath(content)
	if size == 0 {
		return nil
	}
	return app.Elem("svg").XMLNS(svg).Attr("class", "qr").Attr("role", "img").Attr("aria-label", name).
		Attr("viewBox", qrBox(size)).Attr("shape-rendering", "crispEdges").
		Body(app.Elem("path").XMLNS(svg).Attr("d", path))
}
