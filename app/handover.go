package app

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// handover is what a person has done in the frame before the app ran. go-app
// replaces the frame, within one task: no key can come in between.
type handover struct {
	name, room, composer string
	focused              string // the field's id
	from, to             int    // what is selected there
	submit               bool   // Enter was pressed
}

// handed is what there is to take over. It is used up by the first page.
var handed handover

// capture waits for a composition to end, since replacing the field would cut
// it off, and reads the fields. Nothing may come between it and the app's
// start.
func capture() {
	if app.IsServer {
		return
	}
	if app.Window().Get("maruComposing").Truthy() {
		ended := make(chan struct{}, 1)
		listen(document(), "compositionend", func(app.Value) {
			select {
			case ended <- struct{}{}:
			default:
			}
		})
		<-ended
	}
	handed = handover{name: seenValue("name"), room: seenValue("room"), composer: seenValue("composer")}
	if active := document().Get("activeElement"); active.Truthy() && active.Get("selectionStart").Type() == app.TypeNumber {
		handed.focused = active.Get("id").String()
		handed.from, handed.to = active.Get("selectionStart").Int(), active.Get("selectionEnd").Int()
	}
	if pending := app.Window().Get("maruPending"); pending.Truthy() {
		handed.submit = pending.Get("submit").Truthy()
	}
}

// seenValue is what stands in a field that is seen: a room's page has both
// frames, one of them hidden.
func seenValue(id string) string {
	if el := byID(id); !el.Truthy() || !el.Get("offsetParent").Truthy() {
		return ""
	}
	return valueOf(id)
}

// restore puts what was typed into those of the fields that are there, and the
// focus where it was. It tells whether the focus is in one of them.
func (h *handover) restore(ids ...string) (focused bool) {
	for _, id := range ids {
		typed := map[string]*string{"name": &h.name, "room": &h.room, "composer": &h.composer}[id]
		if *typed != "" {
			setValue(id, *typed)
			*typed = ""
		}
		if h.focused == id {
			focused = true
			el := byID(id)
			focus(el)
			el.Call("setSelectionRange", h.from, h.to)
			h.focused = ""
		}
	}
	return focused
}

// submitHanded does what Enter, pressed too early, asked for. The click has a
// task of its own: within one of the app's, the app could not answer it before
// the browser does.
func (r *root) submitHanded() {
	handed.submit = false
	r.ctx.Defer(func(app.Context) {
		target := "enter"
		if r.State.inRoom() {
			target = "send"
		}
		if button := byID(target); button.Truthy() {
			app.Window().Call("setTimeout", button.Get("click").Call("bind", button))
		}
	})
}
