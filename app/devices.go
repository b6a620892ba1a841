package app

import (
	"encoding/base64"
	"net/url"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/chat"
	"maru/app/wire/event"
	"maru/app/wire/text"
)

// devices is the dialog by which another device becomes the same person: it scans a
// picture or opens a link, both of which end soon.
type devices struct {
	app.Compo

	State   *state
	Lang    text.Lang
	Passing chat.Passing

	ctx   app.Context // of the dialog: that of a button ends with it
	done  tip
	until tipTimer
	timed string // the pass whose end is waited for
}

func (s *state) onDevices(ctx app.Context, _ app.Event) {
	s.chat.MakePass()
	s.openDrawer(devicesDrawer, ctx.JSSrc())
}

func (d *devices) OnMount(ctx app.Context) {
	d.ctx = ctx
	raise("devices")
	focus(byID("devices-close"))
	d.wait(ctx)
}

func (d *devices) OnUpdate(ctx app.Context) { d.wait(ctx) }

// wait has a new pass made when the one that is shown ends.
func (d *devices) wait(ctx app.Context) {
	p := d.Passing
	if p.Pass == "" || p.Pass == d.timed {
		return
	}
	d.timed = p.Pass
	ctx.After(p.Until.Sub(d.State.now()), func(app.Context) {
		if d.timed == p.Pass {
			d.State.chat.MakePass()
		}
	})
}

func (d *devices) Render() app.UI {
	l := d.Lang
	return d.State.sheet("devices").Attr("aria-labelledby", "devices-title").OnClick(d.State.onBesideSheet).Body(
		d.State.sheetHead("devices", l.T(text.Devices), l.T(text.Close)),
		el("div.sheet-body").Body(append([]app.UI{el("p.note").Text(l.T(text.DevicesHow))}, d.code()...)...))
}

// code is the picture and the link, once they are made.
func (d *devices) code() []app.UI {
	l, p := d.Lang, d.Passing
	switch {
	case p.Refusal != nil:
		return []app.UI{problem("devices-error", text.Refusal(l, p.Refusal.Code))}
	case p.Pass == "":
		return []app.UI{el("p.note role=status").Text(l.T(text.DevicesMaking))}
	}
	return []app.UI{
		picture(d.link(), l.T(text.DevicesCode)),
		el("p.note").Text(l.T(text.DevicesSecret, text.Number(int(event.PassTime.Minutes())))),
		el("div.row").Body(
			el("button#devices-copy.plain type=button").Text(l.T(text.CopyLink)).OnClick(d.onCopy),
			el("button#devices-new.plain type=button").Text(l.T(text.DevicesNew)).OnClick(d.onNew)),
		app.Elem("div").Attr("role", "status").Body(whether(l, d.done, text.CopyFailed)),
	}
}

func (d *devices) link() string {
	return app.Window().Get("location").Get("origin").String() + "/#" + d.State.given(d.Passing.Pass)
}

// onNew has a code made for one more device.
func (d *devices) onNew(app.Context, app.Event) {
	focus(byID("devices-close")) // this button is away until it is there
	d.State.chat.MakePass()
}

func (d *devices) onCopy(app.Context, app.Event) {
	d.done = noTip
	d.until.copy(d.ctx, d.link(), &d.done)
}

// maxGiven bounds what a link tells of rooms, in bytes: the picture of a longer one is too
// fine for some cameras.
const maxGiven = 240

// given is what another device is given: the pass, and in which rooms one is under which
// names, the one in view first. It stands behind the # of an address, so no server and no
// proxy on the way sees it.
func (s *state) given(pass string) string {
	members := first(s.keep.members(), membership{s.room, s.nameIn(s.room)}, maxMembers)
	lines := ""
	for _, m := range members {
		if line := m.room + "\t" + m.name + "\n"; m.room != "" && (lines == "" || len(lines)+len(line) <= maxGiven) {
			lines += line
		}
	}
	return "pass=" + pass + "&rooms=" + base64.RawURLEncoding.EncodeToString([]byte(lines))
}

// arriving is what another device has given to this one, until the person has said
// whether to take it.
type arriving struct {
	pass  string
	rooms []membership // the one that was in view first
	busy  bool
}

// parseGiven reads what given has made. All of it may be made up by somebody else.
func parseGiven(fragment string) (a arriving, ok bool) {
	q, err := url.ParseQuery(fragment)
	if err != nil || !event.IsPass(q.Get("pass")) {
		return a, false
	}
	lines, err := base64.RawURLEncoding.DecodeString(q.Get("rooms"))
	if err != nil || len(lines) > 4*maxGiven {
		return a, false
	}
	for line := range strings.Lines(string(lines)) {
		room, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		room, bad := event.CleanRoom(room)
		name, worse := event.CleanName(name)
		if bad == nil && worse == nil && len(a.rooms) < maxMembers {
			a.rooms = append(a.rooms, membership{room, name})
		}
	}
	a.pass = q.Get("pass")
	return a, len(a.rooms) > 0
}
