package app

import (
	"time"

	"maru/app/chat"
)

// A line that has just come fades in. It does not move: what is read is held to the
// pixel.
const (
	fadeTime  = 120 // ms
	fadeMost  = 20  // lines at a time: more are a page, not news
	fadeApart = 300 * time.Millisecond
)

// arrived notes which lines have come behind the one that was the last, for fade.
func (m *messages) arrived(info chat.Room, before string) {
	m.newFrom = -1
	if m.free || !m.opened || before == "" {
		return
	}
	if at := m.State.chat.Index(m.Room, before); at >= 0 && info.Len-1-at <= fadeMost {
		m.newFrom = at + 1
	}
}

// fade lets the lines in that have just come, unless lines come all the time or the
// person wants nothing to move.
func (m *messages) fade() {
	from := m.newFrom
	m.newFrom = -1
	if from < 0 || len(m.rows) == 0 || m.rows[len(m.rows)-1].first < from {
		return
	}
	now := m.State.now()
	calm := now.Sub(m.faded) >= fadeApart
	m.faded = now
	if !calm || m.State.keep.pref(keepMotion) == "less" || media("(prefers-reduced-motion: reduce)") {
		return
	}
	for i := len(m.rows) - 1; i >= 0 && m.rows[i].first >= from; i-- {
		m.child(i).Call("animate", map[string]any{"opacity": []any{0, 1}}, map[string]any{"duration": fadeTime, "easing": "ease-out"})
	}
}
