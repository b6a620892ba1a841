package app

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/text"
)

// arrival asks whether this browser is to be the person that another device has made a
// pass for. It is never taken unasked: a link that somebody else has made would have one
// speak as them.
type arrival struct {
	app.Compo

	State   *state
	Lang    text.Lang
	Passing chat.Passing
}

// arrive takes what the address has for this device, and tells whether it had. It does not
// stay in the address.
func (s *state) arrive() bool {
	location := app.Window().Get("location")
	if !s.arriveWith(strings.TrimPrefix(location.Get("hash").String(), "#")) {
		return false
	}
	app.Window().Get("history").Call("replaceState", nil, "", path())
	return true
}

func (s *state) arriveWith(fragment string) bool {
	a, ok := parseGiven(fragment)
	if ok {
		s.saveDraft()
		s.arriving, s.drawer = a, noDrawer
	}
	return ok
}

func (v *arrival) OnMount(app.Context) { focus(byID("arrival-title")) }

func (v *arrival) Render() app.UI {
	l, a := v.Lang, v.State.arriving
	yes := el("button#arrive-yes.primary type=button").Text(l.T(text.ArriveYes)).OnClick(v.onYes)
	var said app.UI
	switch {
	case len(v.State.chat.Unsent()) > 0:
		// They are of who one is now, and can't be sent by anybody else.
		said, yes = problem("arrive-error", l.T(text.ArriveUnsent)), yes.Attr("disabled", true)
	case v.Passing.Refusal != nil && a.busy:
		said = problem("arrive-error", text.Refusal(l, v.Passing.Refusal.Code))
	case a.busy:
		said = el("p.note role=status").Text(l.T(text.ArriveBusy))
		yes = yes.Attr("aria-busy", "true")
	}
	return app.Elem("main").Class("join").Body(app.Elem("div").Class("card").Body(
		app.Elem("div").Class("logo").Body(logo(v.State, 44), app.Elem("h1").Text(l.T(text.AppName))),
		el("div.form.arrival").Body(
			el("h2#arrival-title tabindex=-1").Text(l.T(text.ArriveTitle)),
			app.Elem("p").Attr("dir", "auto").Text(l.T(text.ArriveWho, a.rooms[0].name)),
			el("p.note").Text(l.T(text.ArriveWhat)),
			said,
			el("div.row").Body(yes, el("button#arrive-not.plain type=button").Text(l.T(text.Cancel)).OnClick(v.onNo)))))
}

func (v *arrival) onYes(app.Context, app.Event) {
	v.State.arriving.busy = true
	v.State.chat.TakePass(v.State.arriving.pass)
}

func (v *arrival) onNo(app.Context, app.Event) {
	v.State.chat.DropPass()
	v.State.arriving = arriving{}
}

// goOn begins anew as the person of the other device, in the rooms that were told and in
// no others: those of before are somebody else's.
func (s *state) goOn() {
	rooms := s.arriving.rooms
	s.arriving.busy = false // that the rooms are left is told, too
	for _, m := range append(s.keep.members(), s.keep.visits()...) {
		s.keep.setDraft(m.room, "")
		s.keep.setReply(m.room, answering{})
	}
	if forget := app.Window().Get("maruForgetRooms"); forget.Truthy() {
		forget.Invoke()
	}
	s.chat.Become()
	setMemberships(s.keep.browser, keepMember, rooms)
	setMemberships(s.keep.browser, keepRecent, rooms[:min(len(rooms), maxRecent)])
	s.keep.browser.Set(keepName, rooms[0].name)
	s.keep.browser.Set(keepUnread, "")
	s.beginAnew(pathOf(rooms[0].room), s.chat.Exit)
}
