package app

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/event"
)

// handover is what a person has done in the frame before the app ran. go-app
// replaces the frame, within one task: no key can come in between.
type handover struct {
	name, room, composer string
	focused              string   // the field's id
	from, to             int      // what is selected there
	submit               bool     // Enter was pressed
	texts                []string // what was to be sent
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
		texts := pending.Get("texts")
		for i := range texts.Length() {
			handed.texts = append(handed.texts, texts.Index(i).String())
		}
	}
	document().Get("documentElement").Call("removeAttribute", "data-pending")
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
		if button := byID("enter"); button.Truthy() {
			app.Window().Call("setTimeout", button.Get("click").Call("bind", button))
		}
	})
}

// sendHanded posts what was to be sent before the app ran. What can't be is written on.
func (s *state) sendHanded() {
	if !s.inRoom() {
		return
	}
	handed.submit = false
	for i, words := range handed.texts {
		if refusal := s.chat.Reply(s.room, s.answered().Seq, words); refusal != nil && refusal.Code != event.TextEmpty {
			handed.composer = strings.TrimSuffix(strings.Join(append(handed.texts[i:], handed.composer), "\n"), "\n")
			break
		}
		s.setReply(s.room, answering{})
		s.sent()
	}
	if len(handed.texts) > 0 {
		handed.texts = nil
		s.keep.setDraft(s.room, handed.composer) // what is being written, and what could not be sent
	}
}
