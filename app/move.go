package app

import (
	"strconv"
	"strings"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
)

// path returns the path of the page's address, as it is escaped there.
func path() string {
	p := app.Window().Get("location").Get("pathname")
	if !p.Truthy() {
		return "/"
	}
	return p.String()
}

// show goes to a room that one is in, or wants to be in; "" is the join page.
// An open drawer's place in the history is taken over, so that the way back
// does not lead through it.
func (s *state) show(room string) {
	method := "pushState"
	if s.drawer != noDrawer || pathOf(room) == path() {
		method = "replaceState"
	}
	s.saveDraft()
	s.editing, s.picking = chat.Item{}, false
	to := pathOf(room)
	if room == s.room && s.jump > 0 { // from the card, to the line that a link leads to
		to += "#" + strconv.FormatInt(s.jump, 10)
	}
	app.Window().Get("history").Call(method, nil, "", to)
	s.drawer, s.tip, s.asked, s.refusal, s.aside = noDrawer, noTip, "", nil, nil
	s.renaming, s.leaving, s.lost, s.search.open = false, false, false, false
	if room != s.room {
		s.jump = 0 // to a line of the room before
	}
	s.enter(room)
	if room == "" {
		return
	}
	if _, ok := s.chat.Room(room); !ok {
		s.chat.Enter(room, s.nameIn(room))
	}
	s.entered(room)
}

// hash returns the line that the address names, by its seq; 0 if it names none.
func hash() int64 { return lineOf(app.Window().Get("location").Get("hash").String()) }

// lineOf reads the part of an address behind the #.
func lineOf(hash string) int64 {
	seq, err := strconv.ParseInt(strings.TrimPrefix(hash, "#"), 10, 64)
	if err != nil || seq < 0 {
		return 0
	}
	return seq
}

// dropHash takes the line out of the address, for a reader who is at the end: a reload
// would lead away from there.
func (s *state) dropHash() {
	if strings.Contains(s.followed, "#") {
		app.Window().Get("history").Call("replaceState", nil, "", path())
		s.followed = address()
	}
}

// standing is the line at the upper edge of the log, by its seq, for a reader who is
// not at the end; else 0.
func (s *state) standing() int64 {
	log := document().Call("querySelector", ".log")
	if !s.inRoom() || s.gaze.end || !log.Truthy() {
		return 0
	}
	edge := log.Call("getBoundingClientRect").Get("top").Float() + targetTop
	rows := log.Call("querySelectorAll", ".lines > [data-key]")
	for i := range rows.Length() {
		row := rows.Index(i)
		at := s.chat.Index(s.room, row.Get("dataset").Get("key").String())
		items := s.chat.Items(s.room, at, at+1)
		if len(items) > 0 && items[0].Seq > 0 && row.Call("getBoundingClientRect").Get("bottom").Float() > edge {
			return items[0].Seq
		}
	}
	return 0
}

// address is the page's, whole.
func address() string { return app.Window().Get("location").Get("href").String() }

// goTo shows a line of a room, by its seq. The address names it from then on.
func (s *state) goTo(room string, seq int64) {
	if room != s.room || s.aside != nil {
		s.show(room)
	}
	app.Window().Get("history").Call("replaceState", nil, "", pathOf(room)+"#"+strconv.FormatInt(seq, 10))
	s.jump, s.followed = seq, address()
}

// openDrawer slides a pane in. It gets a place in the history, so that the
// system's way back closes it.
// One that takes the place of another takes over its place there as well, and
// what had the focus before it.
func (s *state) openDrawer(d drawer, opener app.Value) {
	if s.drawer != noDrawer {
		s.drawer = d
		return
	}
	s.drawer, s.opener, s.closing = d, opener, false
	app.Window().Get("history").Call("pushState", nil, "", app.Window().Get("location").Get("href"))
}

// closeDrawer goes the way back that openDrawer made, once however often it is asked
// to; onBack then closes it.
func (s *state) closeDrawer() {
	if s.drawer != noDrawer && !s.closing {
		s.closing = true
		app.Window().Get("history").Call("back")
	}
}

// draftTime is how long what is written may be unkept.
const draftTime = 500 * time.Millisecond

// draftSoon keeps what is being written in a while, once for all keys until
// then. The field is read, and nothing put into it: a composition goes on.
func (s *state) draftSoon(ctx app.Context) {
	if s.drafting {
		return
	}
	s.drafting = true
	ctx.After(draftTime, func(ctx app.Context) {
		s.drafting = false
		s.saveDraft()
		ctx.PreventUpdate()
	})
}

// saveDraft keeps what stands in the composer, for the room that it was written
// in: the one in view may be another already.
func (s *state) saveDraft() {
	if s.forgotten || s.editing.Key != "" || s.drafted == "" || !byID("composer").Truthy() {
		return
	}
	draft := valueOf("composer")
	if draft == s.filled {
		return // another tab may have gone on with it
	}
	s.filled = draft
	if (draft == "") != (s.keep.draft(s.drafted) == "") {
		s.roomsRev++
	}
	s.keep.setDraft(s.drafted, draft)
}
