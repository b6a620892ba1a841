package app

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"maru/app/wire/text"
)

// emoji are those of the picker, a kind of them a line. A screen reader names each
// in the language of its listener.
var emoji = []struct {
	kind text.Key
	all  string
}{
	{text.EmojiFaces, "😀 😄 😆 😅 😂 🤣 🙂 😉 😊 😍 🥰 😘 😋 😜 🤗 🤔 🤭 🫡 😐 🙄 😏 😌 😴 🤤 😎 🤓 🥳 😭 😢 😥 😱 😳 🥺 😤 😡 🤯 🤢 🤒 😇 👻"},
	{text.EmojiHands, "👍 👎 👌 ✌️ 🤞 🤙 👋 🙌 👏 🙏 💪 🤝 ✋ 👉 👆 👇 🫶 🙇 🙋 🤷"},
	{text.EmojiHearts, "❤️ 🧡 💛 💚 💙 💜 🤍 🖤 💔 💕 💯 ✨ 🔥 🎉 🎊 ⭐ 🌈 💡 ✅ ❌ ❗ ❓ 💤 👀"},
	{text.EmojiLife, "🐶 🐱 🐰 🐻 🐼 🐥 🌸 🍀 🌞 🌙 ☔ ❄️ ☕ 🍵 🍺 🍻 🍚 🍜 🍗 🍕 🍰 🍎 🍓 🥕 ⚽ 🏃 🚗 🚄 ✈️ 🏠"},
	{text.EmojiThings, "💻 📱 🎧 📷 🎵 📚 ✏️ 📌 📎 📅 ⏰ 💰 🎁 🔒 🔧 🧪 🚀 🐛 📈 📝"},
}

const maxRecentEmoji = 10

// recentEmoji returns those that were used lately, newest first.
func (k kept) recentEmoji() []string { return strings.Fields(k.browser.Get(keepEmoji)) }

func (k kept) usedEmoji(e string) {
	recent := []string{e}
	for _, other := range k.recentEmoji() {
		if other != e && len(recent) < maxRecentEmoji {
			recent = append(recent, other)
		}
	}
	k.browser.Set(keepEmoji, strings.Join(recent, " "))
}

// picker offers emoji: for the composer, or for a message to react to. The arrow
// keys go from one to the next, as in a grid.
type picker struct {
	app.Compo

	State *state
	Lang  text.Lang
	For   string // the key of the message; empty: the composer
}

func (p *picker) OnMount(app.Context) {
	if !touch() || p.For != "" {
		focus(byID("emoji").Call("querySelector", ".emoji"))
	}
}

func (p *picker) Render() app.UI {
	l := p.Lang
	var groups []app.UI
	if recent := p.State.keep.recentEmoji(); len(recent) > 0 {
		groups = append(groups, group("recent", l.T(text.EmojiRecent), recent))
	}
	for i, kind := range emoji {
		groups = append(groups, group(string(rune('0'+i)), l.T(kind.kind), strings.Fields(kind.all)))
	}
	return el("div#emoji.picker role=dialog").Attr("aria-label", l.T(text.Emoji)).
		OnKeyDown(p.onKeyDown).OnClick(p.onClick).Body(
		el("div.picker-body").Body(groups...),
		iconButton("close", l.T(text.Close), "", p.onClose))
}

func group(id, title string, all []string) app.UI {
	buttons := make([]app.UI, len(all))
	for i, e := range all {
		buttons[i] = el("button.emoji type=button").Text(e)
	}
	return app.Elem("section").Attr("aria-labelledby", "emoji-"+id).Body(
		app.Elem("h2").ID("emoji-"+id).Text(title), el("div.emojis").Body(buttons...))
}

func (p *picker) onClick(ctx app.Context, e app.Event) {
	button := e.Get("target").Call("closest", ".emoji")
	if !button.Truthy() {
		ctx.PreventUpdate()
		return
	}
	p.State.pick(button.Get("textContent").String())
}

func (p *picker) onClose(app.Context, app.Event) { p.State.closePicker() }

// onKeyDown moves in the grid as it is drawn: up and down to the nearest.
func (p *picker) onKeyDown(ctx app.Context, e app.Event) {
	key := e.Get("key").String()
	switch {
	case composing(e.Value):
		ctx.PreventUpdate()
		return
	case key == "Escape":
		e.Call("stopPropagation")
		p.State.closePicker()
		return
	case !strings.HasPrefix(key, "Arrow") && key != "Home" && key != "End":
		ctx.PreventUpdate()
		return
	}
	e.PreventDefault()
	ctx.PreventUpdate()
	all := byID("emoji").Call("querySelectorAll", ".emoji")
	n, at := all.Get("length").Int(), -1
	for i := range n {
		if all.Index(i).Equal(e.Get("target")) {
			at = i
		}
	}
	next := gridStep(key, at, n, func(i int) (x, y float64) {
		box := all.Index(i).Call("getBoundingClientRect")
		return box.Get("left").Float(), box.Get("top").Float()
	})
	el := all.Index(next)
	el.Call("scrollIntoView", map[string]any{"block": "nearest"})
	focus(el)
}

// gridStep returns where a key leads from place at of n, which lie where place
// says.
func gridStep(key string, at, n int, place func(i int) (x, y float64)) int {
	switch key {
	case "Home":
		return 0
	case "End":
		return n - 1
	case "ArrowRight":
		return min(at+1, n-1)
	case "ArrowLeft":
		return max(at-1, 0)
	}
	way := 1
	if key == "ArrowUp" {
		way = -1
	}
	if at < 0 {
		return 0
	}
	x, y := place(at)
	best, row := at, y
	for i := at + way; i >= 0 && i < n; i += way {
		ix, iy := place(i)
		if iy == y {
			continue
		}
		if best != at && iy != row {
			break // a row further
		}
		bx, _ := place(best)
		if best == at || abs(ix-x) < abs(bx-x) {
			best, row = i, iy
		}
	}
	return best
}

func abs(x float64) float64 { return max(x, -x) }

// openPicker offers emoji for a message, or for the composer.
func (s *state) openPicker(key string, opener app.Value) {
	s.picking, s.pickFor, s.opener = true, key, opener
}

func (s *state) closePicker() {
	s.picking = false
	if s.pickFor == "" || s.opener == nil || !s.opener.Get("isConnected").Truthy() {
		focus(byID("composer"))
		return
	}
	focus(s.opener)
}

// pick takes an emoji: on the message, or into what is being written.
func (s *state) pick(e string) {
	s.keep.usedEmoji(e)
	if s.pickFor == "" {
		s.picking = false
		focus(byID("composer"))
		insert(e)
		return
	}
	i := s.chat.Index(s.room, s.pickFor)
	if items := s.chat.Items(s.room, i, i+1); i >= 0 && len(items) > 0 && items[0].Seq > 0 {
		s.chat.React(s.room, items[0].Seq, e, true)
	}
	s.closePicker()
}

// insert writes into the field with the focus as a keyboard does, so that it can
// be undone.
func insert(what string) { document().Call("execCommand", "insertText", false, what) }
